"""Coverage-guided fuzzing of extraction and comparison with atheris (libFuzzer).

    make fuzz [FUZZ_S=600]
    PYTHONPATH=.fuzz python -m tests.fuzz [extract|compare] [-max_total_time=600] [libFuzzer options]

Needs atheris, which is no dependency of the project: `make fuzz` puts it into .fuzz. A failing input is written to the
working folder as crash-*; `python -m tests.fuzz extract crash-…` replays it.
"""

import importlib
import sys
import tempfile
from pathlib import Path

_DEFAULTS = {"-max_total_time": "600", "-max_len": "10000", "-timeout": "20", "-rss_limit_mb": "1500"}


def main(arguments: list[str]) -> None:
    """Fuzz until the time is over or an input fails; leaves with one line where atheris is missing."""
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        sys.exit("fuzzing needs atheris: run it by `make fuzz`")
    with atheris.instrument_imports(include=["services.differ.core"]):
        targets = importlib.import_module("tests.fuzz.targets")
    chosen = {"extract": targets.extract_any, "compare": targets.compare_any}
    name = arguments.pop(0) if arguments and arguments[0] in chosen else "extract"
    given = {option.split("=")[0] for option in arguments}
    options = [f"{option}={value}" for option, value in _DEFAULTS.items() if option not in given]
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(targets.seeds(name)):
            (Path(folder) / f"seed-{number}").write_bytes(data)
        has_inputs = any(not argument.startswith("-") for argument in arguments)
        atheris.Setup([sys.argv[0], *arguments, *options, *([] if has_inputs else [folder])], chosen[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])

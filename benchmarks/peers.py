"""urlwatch and webchanges on the same pages from the same nginx: CPU of a whole run, as a person would start it.

    python -m benchmarks.peers [--pages 300] [--json]

Each is installed from the package index into a throw-away environment of its own. Alerts go to standard output, which
is thrown away. "raw" compares the bytes, "text" what the package html2text makes of them by the tool's own filter.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.corpus import Page, find_corpus, pages
from tests.servers.nginx import Site, nginx_program, running_site

PASSES = ("first", "equal", "20 % swapped")
_TEXT = "filter:\n  - html2text\n"
_MODES = {
    "urlwatch": {"raw": "", "text by regex": _TEXT, "text": "filter:\n  - html2text:\n      method: pyhtml2text\n"},
    "webchanges": {"raw": "", "text": _TEXT},
}
"""The filter of each mode. By default urlwatch strips tags with a regular expression; webchanges uses html2text."""


_A_FAILED_JOB = re.compile(r"^(\d+\. )?ERROR: ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a peer over all pages. `statuses` are the server's own count."""

    tool: str
    mode: str
    name: str
    cpu_s: float
    wall_s: float
    ms_per_page: float
    statuses: dict[int, int]


def measure_peers(site: Site, chosen: Sequence[Page]) -> list[dict[str, object]]:
    """Every peer, mode and pass."""
    with tempfile.TemporaryDirectory(prefix="cw-peers-") as folder:
        runs = [
            asdict(run)
            for tool in ("urlwatch", "webchanges")
            for run in _measure(tool, site, chosen, Path(folder) / tool)
        ]
    return runs


def _measure(tool: str, site: Site, chosen: Sequence[Page], folder: Path) -> Iterator[Run]:
    program = _install(tool, folder)
    for mode, filters in _MODES[tool].items():
        home = folder / mode.replace(" ", "-")
        home.mkdir()
        jobs = home / "jobs.yaml"
        jobs.write_text(_jobs(site, len(chosen), filters))
        for name in PASSES:
            _publish(site, chosen, name)
            site.asked()
            cpu, wall = _run(_command(tool, program, home), home)
            yield Run(tool, mode, name, round(cpu, 2), round(wall, 2), _per_page(cpu, chosen), dict(site.statuses()))


def _publish(site: Site, chosen: Sequence[Page], name: str) -> None:
    for n, page in enumerate(chosen):
        if name == "first":
            site.show(f"{n}.html", page.now.read_bytes())
        elif name == "20 % swapped" and n % 5 == 0:
            site.show(f"{n}.html", page.next.read_bytes())


def _install(tool: str, folder: Path) -> Path:
    """The tool's program, in an environment made for it."""
    uv = (sys.executable, "-m", "uv")
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, str(folder / "env")], check=True)
    python = folder / "env" / "bin" / "python"
    subprocess.run([*uv, "pip", "install", "--quiet", "--python", str(python), tool, "html2text"], check=True)
    said = subprocess.run(
        [*uv, "pip", "show", "--python", str(python), tool], check=True, capture_output=True, text=True
    )
    print(" ".join(said.stdout.splitlines()[:2]), file=sys.stderr)
    return python.with_name(tool)


def _jobs(site: Site, count: int, filters: str) -> str:
    return "---\n".join(f"name: page {n}\nurl: http://127.0.0.1:{site.port}/{n}.html\n{filters}" for n in range(count))


def _command(tool: str, program: Path, home: Path) -> list[str]:
    config = home / "config.yaml"
    config.write_text("report:\n  stdout:\n    enabled: true\n    color: false\n")
    if tool == "urlwatch":
        places = ["--urls", "jobs.yaml", "--config", "config.yaml", "--hooks", "hooks.py", "--cache", "cache.db"]
    else:
        places = ["--jobs", "jobs.yaml", "--config", "config.yaml", "--hooks", "hooks.py", "--database", "snapshots.db"]
    return [str(program), *places]


def _run(argv: Sequence[str], home: Path) -> tuple[float, float]:
    """CPU and wall seconds of a command, its children included."""
    environment = {**os.environ, "HOME": str(home), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    started = time.monotonic()
    with (home / "said.txt").open("ab") as said:
        process = subprocess.Popen(argv, cwd=home, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    said_text = (home / "said.txt").read_text(errors="replace")
    failed = _A_FAILED_JOB.search(said_text)
    if process.returncode or failed:
        what = said_text[failed.start() :][:800] if failed else said_text[-800:]
        raise RuntimeError(f"{argv[0]} ended with {process.returncode}: {what}")
    return used.ru_utime + used.ru_stime, time.monotonic() - started


def _per_page(cpu_s: float, chosen: Sequence[Page]) -> float:
    return round(1000 * cpu_s / len(chosen), 2)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    program = nginx_program()
    if program is None:
        sys.exit("nginx is not installed: apt-get install nginx")
    with running_site(program) as site:
        runs = measure_peers(site, pages(find_corpus(), options.pages))
    if options.json:
        print(json.dumps(runs))
    else:
        for run in runs:
            print(", ".join(f"{name} {value}" for name, value in run.items()))


if __name__ == "__main__":
    main()

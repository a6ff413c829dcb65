"""The command itself: help at once, mistakes in one line, and the installed entry point."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.evidence import COMMANDS as EVIDENCE
from services.cli.main import COMMANDS, app

INSTALLED = Path(sys.executable).parent / "clausewatch"


def test_help_lists_every_command() -> None:
    output = CliRunner().invoke(app, ["--help"]).stdout

    listed = {line.split()[0] for line in output.splitlines() if line.split()}
    assert {name for name, entry in COMMANDS.items() if entry.hidden} & listed == set()
    assert {name for name, entry in COMMANDS.items() if not entry.hidden} - listed == set()


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_help_of_its_own(name: str) -> None:
    result = CliRunner().invoke(app, [name, "--help"])

    assert result.exit_code == 0, result.exception
    assert f"clausewatch {name}" in result.stdout
    assert "completion" not in result.stdout, "that is the whole command's affair"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["wach"], "clausewatch: No such command 'wach'. Did you mean 'watch'?; see clausewatch --help\n"),
        (
            ["watch", "ad"],
            "clausewatch watch: No such command 'ad'. Did you mean 'add'?; see clausewatch watch --help\n",
        ),
        (["check", "--nope"], "clausewatch check: No such option: --nope; see clausewatch check --help\n"),
        (["changes", "show"], "clausewatch changes show: Missing argument 'ID'; see clausewatch changes show --help\n"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(arguments: list[str], line: str) -> None:
    result = CliRunner().invoke(app, arguments)

    assert (result.exit_code, result.stderr) == (2, line)


@pytest.mark.parametrize(("arguments", "words"), [([], "Commands:\n  up "), (["watch"], "Commands:\n  add ")])
def test_a_group_alone_shows_its_help(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 2
    assert words in result.stderr


def test_a_bundle_is_checked_without_what_an_installation_needs() -> None:
    heavy = ["sqlalchemy", "celery", "alembic", "httpx", "redis"]
    show = "import sys; from services.cli.main import app; from typer.testing import CliRunner"
    ran = "CliRunner().invoke(app, ['evidence', 'verify', '--help'])"
    check = f"{show}; print({ran}.exit_code, [name for name in {heavy} if name in sys.modules])"

    assert subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True).stdout == "0 []\n"


def test_help_imports_nothing_heavy() -> None:
    heavy = ["sqlalchemy", "celery", "lxml", "alembic", "pydantic", "httpx", "redis", "rich"]
    show = "import sys; from services.cli.main import app; from typer.testing import CliRunner"
    check = f"{show}; CliRunner().invoke(app, ['--help']); print([name for name in {heavy} if name in sys.modules])"

    assert subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_installed_command_answers() -> None:
    done = subprocess.run([str(INSTALLED), "compare"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "clausewatch: compare: give OLD and NEW, or --batch PAIRS.jsonl --json\n"


def test_a_reader_that_goes_away_ends_the_command_quietly(tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text("not JSON\n" * 20_000)
    command = [str(INSTALLED), "compare", "--batch", str(pairs), "--json", "--cores", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(30) == 1


def test_every_entry_names_something_that_is_there() -> None:
    for entry in (*COMMANDS.values(), *EVIDENCE.values()):
        module, name = entry.target.split(":")
        assert hasattr(importlib.import_module(module), name)

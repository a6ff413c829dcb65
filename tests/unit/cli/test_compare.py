"""`compare`: two files, and lists of pairs that go on whatever one of them holds."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.factories.commands import Commands
from tests.factories.policies import as_html, policy

ROOT = Path(__file__).parents[3]
INSTALLED = Path(sys.executable).parent / "clausewatch"
SCHEMA = json.loads((ROOT / "docs/schemas/change.schema.json").read_text())

OLD, NEW = policy(notice="30 days"), policy(notice="14 days")


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path / "data")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], str]:
    """Writes a file and gives its path."""

    def write(name: str, content: str | bytes) -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


Write = Callable[[str, str | bytes], str]


@pytest.mark.parametrize(("suffix", "form"), [("html", as_html), ("md", str), ("txt", str)])
def test_a_shorter_notice_is_found(commands: Commands, write: Write, suffix: str, form: Callable[[str], str]) -> None:
    report = commands.json("compare", write(f"old.{suffix}", form(OLD)), write(f"new.{suffix}", form(NEW)))

    assert (report["outcome"], report["alert"]) == ("changed", True)
    [fact] = [fact for one in report["provisions"] for fact in one["facts"]]
    assert (fact["kind"], fact["before"], fact["after"]) == ("quantity", "30 days", "14 days")
    assert list(Draft202012Validator(SCHEMA).iter_errors(report)) == []


def test_the_same_text_in_other_surroundings_is_unchanged(commands: Commands, write: Write) -> None:
    old = write("old.html", as_html(OLD, around="<nav><a href='/'>Home</a></nav>"))
    new = write("new.html", as_html(OLD, around="<nav><a href='/'>Home</a> <a href='/x'>New!</a></nav>"))

    assert commands.json("compare", old, new)["outcome"] == "unchanged"


def test_a_person_reads_what_changed(commands: Commands, write: Write) -> None:
    output = commands("compare", write("old.md", OLD), write("new.md", NEW))

    assert "[-30-]" in output
    assert "{+14+}" in output


@pytest.mark.parametrize(("option", "start"), [("--markdown", "# "), ("--html", "<!doctype html>")])
def test_a_report_takes_other_forms(commands: Commands, write: Write, option: str, start: str) -> None:
    output = commands("compare", write("old.md", OLD), write("new.md", NEW), option)

    assert output.lower().startswith(start)
    assert "14" in output


def test_selectors_choose_the_document(commands: Commands, write: Write) -> None:
    old, new = (as_html(OLD).replace("</main>", f"<p id=box>This is box {n}.</p></main>") for n in (1, 2))
    files = write("old.html", old), write("new.html", new)

    assert commands.json("compare", *files, "--select", "main")["outcome"] == "changed"
    assert commands.json("compare", *files, "--select", "main", "--remove", "#box")["outcome"] == "unchanged"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("compare",), "give OLD and NEW, or --batch"),
        (("compare", "old.md"), "give OLD and NEW"),
        (("compare", "{folder}/nowhere.md", "{folder}/nowhere.md"), "nowhere.md: no such file"),
        (("compare", "{folder}", "{folder}"), "not a regular file"),
        (("compare", "a", "b", "--batch", "c", "--json"), "give either OLD and NEW, or --batch"),
        (("compare", "--batch", "c"), "add --json"),
        (("compare", "--batch", "{folder}/nowhere.jsonl", "--json"), "nowhere.jsonl cannot be read"),
        (("compare", "a", "b", "--select", "p["), "'p[' is not a CSS selector"),
        (("compare", "a", "b", "--json", "--html"), "take one of"),
    ],
)
def test_a_refusal_is_one_line(commands: Commands, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    assert words in commands.refusal(*(argument.format(folder=tmp_path) for argument in arguments))


BAD_LINES = [
    "not JSON",
    "[]",
    '{"id": 5, "old": "old.html"}',
    '{"id": 6, "old": 1, "new": "new.html"}',
    '{"id": {}, "old": "old.html", "new": "new.html"}',
    '{"id": 7, "old": "gone.html", "new": "new.html"}',
    '{"id": 8, "old": "old.html", "new": "gone.html"}',
    '{"id": 9, "old": "old.html", "new": "."}',
    '{"id": 10, "old": "old.html", "new": "zip.html"}',
    '{"id": 11, "old": "old.html", "new": "empty.html"}',
    '{"id": 12, "old": "a\\u0000b", "new": "new.html"}',
]


@pytest.fixture
def batch(write: Write) -> str:
    """A list of good pairs with ids of every JSON type, and of bad lines and files between them."""
    write("old.html", as_html(OLD))
    write("new.html", as_html(NEW))
    write("zip.html", b"PK\x03\x04" + bytes(200))
    write("empty.html", b"")
    good = [
        json.dumps({"id": name, "old": "old.html", "new": "new.html", "label": "S"})
        for name in ("eins", 2, 2.5, True, None)
    ]
    return write("pairs.jsonl", "\n".join([*good[:2], *BAD_LINES, "", *good[2:]]) + "\n")


def test_a_batch_reports_on_every_line_in_order(commands: Commands, batch: str) -> None:
    lines = commands("compare", "--batch", batch, "--json", "--cores", "1").splitlines()
    reports: list[dict[str, Any]] = [json.loads(line) for line in lines]

    assert [report["pair"] for report in reports] == [
        "eins",
        2,
        None,
        None,
        5,
        6,
        None,
        7,
        8,
        9,
        10,
        11,
        12,
        2.5,
        True,
        None,
    ]
    assert {report["outcome"] for report in [*reports[:2], *reports[-3:]]} == {"changed"}
    assert {report["outcome"] for report in reports[2:-3]} == {"unusable"}
    for report in reports:
        assert list(Draft202012Validator(SCHEMA).iter_errors(report)) == []


@pytest.mark.parametrize(
    ("place", "side", "words"),
    [
        (2, "old", "pairs.jsonl, line 3"),
        (4, "old", "'new' must be the path of a file"),
        (6, "old", "'id' must be"),
        (7, "old", "gone.html: no such file"),
        (8, "new", "gone.html: no such file"),
        (9, "new", "not a regular file"),
        (10, "new", "zip archive"),
        (12, "old", "no such file"),
    ],
)
def test_what_is_wrong_is_named(commands: Commands, batch: str, place: int, side: str, words: str) -> None:
    lines = commands("compare", "--batch", batch, "--json", "--cores", "1").splitlines()

    unusable = json.loads(lines[place])["unusable"]

    assert (unusable["side"], unusable["reason"]) == (side, "unreadable")
    assert words in unusable["why"]


def test_reports_depend_on_no_order_and_no_number_of_cores(write: Write, batch: str) -> None:
    backwards = write("backwards.jsonl", "\n".join(reversed(Path(batch).read_text().splitlines())))

    alone, together, reverse = (
        subprocess.run(
            [str(INSTALLED), "compare", "--batch", file, "--json", "--cores", cores],
            capture_output=True,
            check=True,
            text=True,
        ).stdout.splitlines()
        for file, cores in ((batch, "1"), (batch, "3"), (backwards, "2"))
    )

    assert together == alone
    judged = [line for line in alone if "pairs.jsonl" not in line]
    assert [line for line in reversed(reverse) if "backwards.jsonl" not in line] == judged

"""`catalogue`: platforms of the starter catalogue, and imports that are all or nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.factories.commands import Commands


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two good declarations, one with its history."""
    folder = tmp_path / "declarations"
    folder.mkdir()
    _declare(folder / "Acme.json", "Acme", {"Terms of Service": _term("https://acme.example/terms")})
    earlier = {"Terms of Service": [{**_term("https://acme.example/old"), "validUntil": "2025-01-01T00:00:00Z"}]}
    (folder / "Acme.history.json").write_text(json.dumps(earlier))
    _declare(folder / "Bolt.json", "Bolt", {"Privacy Policy": _term("https://bolt.example/privacy")})
    return folder


def test_nothing_of_the_catalogue_is_watched_until_asked_for(commands: Commands) -> None:
    entries = commands.json("catalogue", "list")
    platform = entries[0]["platform"]
    types = {entry["type"] for entry in entries if entry["platform"] == platform}
    assert commands.json("watch", "list") == []

    commands("catalogue", "add", platform)

    watched = commands.json("watch", "list")
    assert {one["type"] for one in watched} == types
    assert {one["platform_slug"] for one in watched} == {entries[0]["slug"]}
    assert {entry["type"] for entry in commands.json("catalogue", "list", platform)} == types


def test_the_whole_catalogue_is_watched_once(commands: Commands) -> None:
    added = commands.json("catalogue", "add", "--all")
    again = commands.json("catalogue", "add", "--all")

    assert len(added) == len(commands.json("catalogue", "list"))
    assert all(one["new"] for one in added)
    assert [(one["id"], one["new"]) for one in again] == [(one["id"], False) for one in added]


def test_declarations_are_imported(commands: Commands, folder: Path) -> None:
    told = commands("catalogue", "import", str(folder.parent))

    assert told == "watching 2 more documents of 2 platforms; 1 earlier declaration read\n"

    assert [(one["platform"], one["url"]) for one in commands.json("watch", "list")] == [
        ("Acme", "https://acme.example/terms"),
        ("Bolt", "https://bolt.example/privacy"),
    ]


def test_one_file_is_imported_with_what_belongs_to_it(commands: Commands, folder: Path) -> None:
    assert len(commands.json("catalogue", "import", str(folder / "Acme.json"))) == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("Cord.json", "{", "Cord.json"),
        ("Cord.json", '{"name": "Cord", "terms": {"Terms of Service": {"select": "main"}}}', "/fetch"),
        ("Cord.json", '{"name": "Cord", "terms": {"T": {"fetch": "https://c.example", "select": "p["}}}', "/select"),
        ("Acme.filters.js", "export function cleanUp() {}", "Acme.filters.js"),
        ("Cord.json", b"\xff\xfe\x00", "is not UTF-8"),
        (
            "Cord.json",
            '{"name": "Cord", "terms": {"T": {"fetch": "http://10.0.0.1/t", "select": "p"}}}',
            "cannot be watched: private",
        ),
    ],
)
def test_one_bad_file_keeps_all_out_and_is_named(
    commands: Commands, folder: Path, name: str, content: str | bytes, words: str
) -> None:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    result = commands.run("catalogue", "import", str(folder))

    assert result.exit_code == 2
    assert words in result.stderr
    assert commands.json("watch", "list") == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add",), "name PLATFORMs, or say --all"),
        (("add", "Acme", "--all"), "name PLATFORMs, or say --all"),
        (("add", "No Such Platform Anywhere"), "the catalogue has no platform 'No Such Platform Anywhere'"),
        (("list", "No Such Platform Anywhere"), "the catalogue has no platform"),
        (("import", "/nowhere/at/all"), "there is no file or folder"),
        (("import", "{empty}"), "holds no declarations"),
    ],
)
def test_a_refusal_is_one_line(commands: Commands, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    assert words in commands.refusal("catalogue", *(argument.format(empty=empty) for argument in arguments))


def _declare(path: Path, name: str, terms: dict[str, Any]) -> None:
    path.write_text(json.dumps({"name": name, "terms": terms}))


def _term(url: str) -> dict[str, Any]:
    return {"fetch": url, "select": "main"}

"""The starter catalogue: its data file, its parser, and finding a platform in it."""

import json

import pytest

from services.fetcher.core.catalogue import (
    BadCatalogue,
    CatalogueEntry,
    UnknownPlatform,
    documents_of,
    load_catalogue,
    parse_catalogue,
)
from shared.domain.addresses import EgressPolicy, check_url


def line(slug: str = "acme", platform: str = "Acme", kind: str = "Terms of Service", **more: object) -> str:
    parts = [{"url": f"https://{slug}.example/terms"}]
    return json.dumps({"slug": slug, "platform": platform, "type": kind, "parts": parts, **more})


def entries(*names: tuple[str, str]) -> tuple[CatalogueEntry, ...]:
    return parse_catalogue("\n".join(line(slug, name) for slug, name in names))


def test_the_catalogue_holds_every_platform_and_document() -> None:
    catalogue = load_catalogue()
    assert len(catalogue) == 257
    assert len({entry.slug for entry in catalogue}) == len({entry.platform for entry in catalogue}) == 72
    assert all(entry.source for entry in catalogue)


def test_the_catalogue_is_sorted_so_that_a_new_line_has_one_place() -> None:
    keys = [(entry.slug, entry.type) for entry in load_catalogue()]
    assert keys == sorted(keys)


def test_every_address_of_the_catalogue_may_be_asked_for() -> None:
    refused = [
        (part.url, verdict.why)
        for entry in load_catalogue()
        for part in entry.parts
        if not (verdict := check_url(part.url, EgressPolicy())).allowed
    ]
    assert refused == []


def test_an_entry_is_a_declaration() -> None:
    [entry] = parse_catalogue(line(language="en", source="its site"))
    assert [part.url for part in entry.declaration.parts] == ["https://acme.example/terms"]
    assert (entry.language, entry.source) == ("en", "its site")


def test_empty_lines_are_nothing() -> None:
    assert len(parse_catalogue(f"\n{line()}\n\n")) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("{", "line 1: the line: Invalid JSON", id="not JSON"),
        pytest.param(line() + "\n" + line(slug="Not A Slug"), "line 2: slug", id="slug"),
        pytest.param(line(language="English"), "line 1: language", id="language"),
        pytest.param(line(colour="red"), "line 1: colour", id="unknown key"),
        pytest.param(line() + "\n" + line(), "line 2: Acme / Terms of Service stands in line 1 too", id="twice"),
    ],
)
def test_a_bad_line_is_named(text: str, message: str) -> None:
    with pytest.raises(BadCatalogue, match="catalogue, ") as caught:
        parse_catalogue(text)
    assert message in str(caught.value)


@pytest.mark.parametrize("wanted", ["claude-ai", "Claude.ai", "CLAUDE AI", "claudeai", "\uff43laude.ai"])
def test_a_platform_is_found_however_it_is_written(wanted: str) -> None:
    found = documents_of(wanted, entries(("claude-ai", "Claude.ai"), ("cursor", "Cursor")))
    assert [entry.slug for entry in found] == ["claude-ai"]


def test_a_name_in_another_script_is_found_and_has_a_slug_of_its_own() -> None:
    names = {documents_of(name, load_catalogue())[0].slug for name in ("豆包", "文心一言")}
    assert len(names) == 2


@pytest.mark.parametrize(
    ("wanted", "suggestions", "hint"),
    [
        ("Cursr", ("Cursor",), "did you mean Cursor?"),
        ("Zzyzx", (), "see `clausewatch catalogue list`"),
        ("", (), "see `clausewatch catalogue list`"),
    ],
)
def test_an_unknown_platform_brings_the_nearest_names(wanted: str, suggestions: tuple[str, ...], hint: str) -> None:
    with pytest.raises(UnknownPlatform) as caught:
        documents_of(wanted, entries(("claude-ai", "Claude.ai"), ("cursor", "Cursor")))
    assert caught.value.suggestions == suggestions
    assert str(caught.value) == f"the catalogue has no platform {wanted!r}; {hint}"

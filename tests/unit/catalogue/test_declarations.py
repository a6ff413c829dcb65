"""Importing Open Terms Archive declarations: all of them, or none and a list of what to mend."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.fetcher.core.catalogue import ImportResult, parse_declarations
from shared.domain.documents import Part, RangeSelector

URL = "https://acme.example/terms"
GOOD = {"fetch": URL, "select": "main"}


def service(terms: Any, **more: Any) -> str:
    return json.dumps({"name": "Acme", "terms": terms, **more})


def read_term(term: Any) -> ImportResult:
    return parse_declarations({"Acme.json": service({"Terms of Service": term})})


def only_part(term: dict[str, Any]) -> Part:
    result = read_term(term)
    assert result.ok, [str(problem) for problem in result.problems]
    [document] = result.documents
    [part] = document.declaration.parts
    return part


@pytest.mark.parametrize(
    ("term", "part"),
    [
        pytest.param({"fetch": URL}, Part(url=URL), id="address alone"),
        pytest.param(GOOD, Part(url=URL, select=("main",)), id="one selector"),
        pytest.param(
            {"fetch": URL, "select": ["h1", ".terms"], "remove": "nav", "executeClientScripts": True},
            Part(url=URL, select=("h1", ".terms"), remove=("nav",), javascript=True),
            id="lists and a flag",
        ),
        pytest.param(
            {"fetch": URL, "select": {"startBefore": "h1", "endAfter": "#last"}},
            Part(url=URL, select=(RangeSelector(start_before="h1", end_after="#last"),)),
            id="range",
        ),
        pytest.param(
            {"fetch": URL, "select": "main", "remove": [{"startAfter": "h2", "endBefore": "h3"}, "aside"]},
            Part(url=URL, select=("main",), remove=(RangeSelector(start_after="h2", end_before="h3"), "aside")),
            id="range among others",
        ),
        pytest.param(
            {**GOOD, "filter": ["convertSpacesToStandard", {"removeQueryParams": ["utm_source"]}]},
            Part(url=URL, select=("main",)),
            id="filters that are needless here",
        ),
    ],
)
def test_a_term_becomes_a_part(term: dict[str, Any], part: Part) -> None:
    assert only_part(term) == part


def test_parts_take_from_the_term_what_they_do_not_say() -> None:
    term = {
        "combine": [{"fetch": f"{URL}/1"}, {"fetch": f"{URL}/2", "select": "article", "executeClientScripts": False}],
        "select": "main",
        "remove": ["nav"],
        "executeClientScripts": True,
    }
    [document] = read_term(term).documents
    assert document.declaration.parts == (
        Part(url=f"{URL}/1", select=("main",), remove=("nav",), javascript=True),
        Part(url=f"{URL}/2", select=("article",), remove=("nav",)),
    )


def test_files_are_read_in_order_whatever_folder_they_lie_in() -> None:
    other = json.dumps(
        {"name": "Bolt", "terms": {"Privacy Policy": GOOD, "Imprint": GOOD}, "importedFrom": "elsewhere"}
    )
    result = parse_declarations({"declarations/Bolt.json": other, "declarations/Acme.json": service({"Terms": GOOD})})
    named = [(document.platform, document.type) for document in result.documents]
    assert named == [("Acme", "Terms"), ("Bolt", "Privacy Policy"), ("Bolt", "Imprint")]


def test_the_history_comes_along_in_time_order() -> None:
    history = {
        "Terms of Service": [
            {"fetch": f"{URL}/b", "select": "main", "validUntil": "2024-03-01T00:00:00+02:00"},
            {"fetch": f"{URL}/a", "validUntil": "2021-10-20T12:00:00.000Z"},
        ],
        "Imprint": [{"fetch": URL, "validUntil": "2020-01-01"}],
    }
    files = {"Acme.json": service({"Terms of Service": GOOD}), "Acme.history.json": json.dumps(history)}
    result = parse_declarations(files)
    [document] = result.documents
    assert [(one.valid_until, one.declaration.parts[0].url) for one in document.earlier] == [
        (datetime(2021, 10, 20, 12, tzinfo=UTC), f"{URL}/a"),
        (datetime(2024, 2, 29, 22, tzinfo=UTC), f"{URL}/b"),
    ]
    assert result.notes == ("Acme.json: Imprint is in the history alone; left out",)


def test_what_is_no_longer_watched_is_left_out_and_said_so() -> None:
    files = {"Acme.json": service({"T": GOOD}), "Bolt.json": json.dumps({"name": "Bolt", "terms": {}})}
    result = parse_declarations({**files, "Bolt.history.json": "{}", "Cord.history.json": "{}"})
    assert result.ok
    assert [document.platform for document in result.documents] == ["Acme"]
    assert result.notes == (
        "Bolt.json: Bolt has no documents any more; left out",
        "Cord.history.json: no declaration of its service is there; left out",
    )


TERM = "Acme.json#/terms/Terms of Service"


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        pytest.param("main", f"{TERM}: a term is an object", id="no object"),
        pytest.param({"select": "main"}, f"{TERM}/fetch: there is no address", id="no address"),
        pytest.param({"fetch": "acme.example"}, f"{TERM}/fetch: 'acme.example' is not an address", id="no scheme"),
        pytest.param({"fetch": "file:///etc/passwd"}, f"{TERM}/fetch: 'file:///etc/passwd'", id="other scheme"),
        pytest.param({"fetch": "https://[::1"}, f"{TERM}/fetch: 'https://[::1'", id="broken address"),
        pytest.param({"fetch": "https://a b.example"}, f"{TERM}/fetch: 'https://a b.example'", id="space"),
        pytest.param({**GOOD, "select": ""}, f"{TERM}/select: there is no CSS selector", id="empty selector"),
        pytest.param({**GOOD, "select": ["h1", ":::"]}, f"{TERM}/select/1: ':::' is not a CSS", id="broken selector"),
        pytest.param({**GOOD, "remove": 3}, f"{TERM}/remove: this is no selector", id="number for a selector"),
        pytest.param({**GOOD, "remove": None}, f"{TERM}/remove: this is no selector", id="null for a selector"),
        pytest.param({**GOOD, "select": {"startBefore": "h1"}}, f"{TERM}/select: a range has one", id="half a range"),
        pytest.param(
            {**GOOD, "select": {"startBefore": "h1", "startAfter": "h1", "endAfter": "p"}},
            f"{TERM}/select: a range has one start",
            id="two starts",
        ),
        pytest.param(
            {**GOOD, "select": {"startBefore": "h1", "endAfter": "]"}}, f"{TERM}/select/endAfter: ']'", id="range end"
        ),
        pytest.param(
            {**GOOD, "executeClientScripts": "true"}, f"{TERM}/executeClientScripts: this is neither", id="flag"
        ),
        pytest.param({**GOOD, "selects": "h1"}, f"{TERM}/selects: 'selects' is not known here; did you", id="typo"),
        pytest.param({**GOOD, "validUntil": "2024-01-01"}, f"{TERM}/validUntil: 'validUntil' is not", id="no history"),
        pytest.param({"combine": []}, f"{TERM}/combine: `combine` lists the parts", id="no parts"),
        pytest.param({"combine": [URL]}, f"{TERM}/combine/0: a part is an object", id="part no object"),
        pytest.param({"combine": [GOOD, {}]}, f"{TERM}/combine/1/fetch: there is no address", id="part no address"),
        pytest.param({"combine": [GOOD], "fetch": URL}, f"{TERM}/fetch: `fetch` and `combine` exclude", id="both"),
        pytest.param(
            {"combine": [{"fetch": URL}, {"fetch": URL}], "select": ":::"}, f"{TERM}/select: ':::'", id="for all parts"
        ),
        pytest.param(
            {**GOOD, "filter": ["clean"]},
            f"{TERM}/filter/0: 'clean' is a JavaScript filter, which is never run; "
            "delete it: links and spaces need none here; say anything else with `select` and `remove`",
            id="filter",
        ),
        pytest.param({**GOOD, "filter": "clean"}, f"{TERM}/filter: 'clean' is a JavaScript filter", id="one filter"),
        pytest.param(
            {**GOOD, "filter": [{"clean": {"of": "ids"}}]}, f"{TERM}/filter/0: 'clean' is", id="filter with settings"
        ),
    ],
)
def test_a_wrong_term_is_refused_once_with_its_place(term: Any, expected: str) -> None:
    result = read_term(term)
    assert result.documents == ()
    [problem] = result.problems
    assert str(problem).startswith(expected)
    assert problem.mend


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({}, "import: there is no declaration", id="nothing"),
        pytest.param({"Acme.json": "{"}, "Acme.json: not JSON: ", id="not JSON"),
        pytest.param({"Acme.json": "[]"}, "Acme.json: not a JSON object", id="list"),
        pytest.param({"Acme.json": "[" * 100_000}, "Acme.json: nested too deeply", id="nested"),
        pytest.param(
            {"Acme.json": '{"name": "A", "name": "B"}'}, "Acme.json: the key 'name' stands twice", id="repeated"
        ),
        pytest.param({"Acme.json": '{"terms": {}}'}, "Acme.json#/name: the platform has no name", id="no name"),
        pytest.param({"Acme.json": '{"name": "Acme"}'}, "Acme.json#/terms: no documents are declared", id="no terms"),
        pytest.param({"Acme.json": service([])}, "Acme.json#/terms: no documents are declared", id="terms no object"),
        pytest.param({"Acme.json": service({})}, "import: there is no declaration", id="retired alone"),
        pytest.param({"Acme.json": service({" ": GOOD})}, "Acme.json#/terms/ : a document has no type", id="no type"),
        pytest.param(
            {"Acme.json": json.dumps({"name": "Acme", "documents": {}})},
            "Acme.json#/documents: `documents` is the format before version 1; rename it to `terms`",
            id="old format",
        ),
        pytest.param({"Acme.json": service({"T": GOOD}, nmae=1)}, "Acme.json#/nmae: 'nmae' is not known", id="typo"),
        pytest.param({"README.md": "# Acme"}, "README.md: this is no declaration", id="other file"),
        pytest.param({"Acme.history.json": "{}"}, "import: there is no declaration", id="history alone"),
        pytest.param(
            {"Acme.json": service({"T": GOOD}), "Acme.history.json": '{"T": {}}'},
            "Acme.history.json#/T: the history of a document is a list",
            id="history no list",
        ),
        pytest.param(
            {
                "Acme.json": service({"T": GOOD}),
                "Acme.history.json": json.dumps({"T": [{**GOOD, "validUntil": "soon"}]}),
            },
            "Acme.history.json#/T/0/validUntil: there is no date and time",
            id="history no date",
        ),
        pytest.param(
            {"Acme.json": service({"T": GOOD}), "Acme.history.json": json.dumps({"T": [GOOD]})},
            "Acme.history.json#/T/0/validUntil: there is no date and time",
            id="history date missing",
        ),
        pytest.param(
            {"Acme.json": service({"T": GOOD}), "Acme.filters.js": "export function clean() {}"},
            "Acme.filters.js: filters are JavaScript, which is never run; no term of Acme.json names one",
            id="script that nothing names",
        ),
        pytest.param(
            {"a/Acme.json": service({"T": GOOD}), "b/acme.json": service({"T": GOOD})},
            "b/acme.json#/terms/T: Acme / T is declared in a/Acme.json too",
            id="two files of one document",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(files: dict[str, str], expected: str) -> None:
    result = parse_declarations(files)
    assert result.documents == ()
    assert [str(problem)[: len(expected)] for problem in result.problems] == [expected]


def test_one_wrong_term_keeps_all_out_and_every_problem_is_listed() -> None:
    files = {
        "Acme.json": service({"Terms of Service": GOOD, "a/b~c": {"fetch": "nowhere", "select": "", "filter": ["f"]}}),
        "Bolt.json": json.dumps({"name": "Bolt", "terms": {"Privacy Policy": GOOD}}),
        "Acme.filters.js": "export function f() {}",
    }
    result = parse_declarations(files)
    assert not result.ok
    assert result.documents == ()
    assert [problem.pointer for problem in result.problems] == [
        "/terms/a~1b~0c/fetch",
        "/terms/a~1b~0c/select",
        "/terms/a~1b~0c/filter/0",
    ]

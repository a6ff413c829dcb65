"""Guarantee 8: what only our own reading changes is told to nobody, and hides nothing that comes after it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from services.differ.core import extract
from services.differ.core.blocks import Block
from shared.db.differ_chrome import ChromeStore
from shared.db.session import Database
from shared.db.tables import ChromeBlockRow, DocumentRow
from tests.factories.judging import Bench, terms

KINDS = ("Terms of Service", "Privacy Policy", "Acceptable Use Policy")
LINKS = "<p><a href=/trust>Trust centre</a></p><p><a href=/press>Press room</a></p>"
SHORTER = ("30 days' notice if", "14 days' notice if")
Mend = Callable[[Bench, pytest.MonkeyPatch], None]


@pytest.fixture
def benches(database_url: str, tmp_path: Path) -> Iterator[list[Bench]]:
    """Three documents of one platform, with one clock."""
    database = Database(database_url)
    first = Bench(database, tmp_path)
    yield [first, *(Bench(database, tmp_path, kind=kind, clock=first.clock) for kind in KINDS[1:])]
    database.close()


def page(bench: Bench, *edits: tuple[str, str], links: str = LINKS) -> str:
    """A text of the document's own, with the site's links at its end."""
    own = f"</h1><p>This is document {bench.document_id} of Acme, and it is a contract.</p>"
    return terms(*edits).replace("</h1>", own).replace("</main>", f"{links}</main>")


def release(_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later extractor, which reads other text from the same bytes."""
    drop = extract.drop_leftovers

    def shout(*given: object, **options: object) -> object:
        blocks, ignored = drop(*given, **options)  # type: ignore[arg-type]
        return [_shouted(block) for block in blocks], ignored

    monkeypatch.setattr(extract, "EXTRACTOR_VERSION", "next")
    monkeypatch.setattr(extract, "drop_leftovers", shout)


def _shouted(block: Block) -> Block:
    return replace(block, text=f"{block.text} ·", canonical=f"{block.canonical} ·")


def edit_selectors(bench: Bench, _monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator declares what is not the document: here its last clause."""
    with bench.database.transaction() as session:
        row = session.get_one(DocumentRow, bench.document_id)
        [part] = row.declaration["parts"]
        row.declaration = {"parts": [{**part, "remove": ["main p:last-of-type"]}]}
        session.add(row)


def learn(bench: Bench, _monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform turns out to show a block on several documents."""
    part = extract.PartContent("https://acme.example/terms", "text/html", "utf-8", page(bench).encode())
    found = extract.edge_blocks(extract.extract([part]))
    [platform_id] = {row.platform_id for row in bench.rows(DocumentRow)}
    blocks = [(block.hash, block.text) for block in found]
    assert ChromeStore(bench.database).learn(platform_id, blocks, bench.clock.now()) == 2


MENDS = [
    pytest.param(release, id="release"),
    pytest.param(edit_selectors, id="selectors"),
    pytest.param(learn, id="chrome"),
]


@pytest.mark.parametrize("mend", MENDS)
def test_our_own_new_reading_alerts_nobody_and_a_real_change_still_does_once(
    benches: list[Bench], mend: Mend, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = benches[0]
    bench.confirm(page(bench))
    before = bench.versions[0].text_sha256
    mend(bench, monkeypatch)
    bench.drain = bench.differ()

    assert [bench.look(page(bench)) for _ in range(2)] == ["unchanged", "unchanged"]
    assert [version.origin for version in bench.versions] == ["confirmed", "re-extraction"]
    assert bench.versions[1].text_sha256 != before
    assert bench.changes == bench.events("change.detected") == []

    assert bench.confirm(page(bench, SHORTER)) == "confirmed"
    [change] = bench.changes
    assert [event["alert"] for event in bench.events("change.detected")] == [True]
    assert (change.report["counts"]["modified"], sum(change.report["counts"].values())) == (1, 1)
    facts = [fact for provision in change.report["provisions"] for fact in provision["facts"]]
    assert [(fact["kind"], fact["before_value"], fact["after_value"]) for fact in facts] == [("quantity", 30, 14)]


@pytest.mark.parametrize("mend", MENDS)
def test_a_return_is_known_for_one_across_our_new_reading(
    benches: list[Bench], mend: Mend, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = benches[0]
    bench.confirm(page(bench))
    bench.confirm(page(bench, SHORTER))
    mend(bench, monkeypatch)
    bench.drain = bench.differ()

    assert bench.confirm(page(bench)) == "reverted"
    assert bench.changes[-1].report["seen_before"] == bench.versions[0].id
    assert bench.confirm(page(bench, SHORTER)) == "alternating"
    assert [change.alert for change in bench.changes] == [True, True, False]


def test_a_lost_capture_of_an_earlier_version_holds_up_no_news(
    benches: list[Bench], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = benches[0]
    bench.confirm(page(bench))
    bench.confirm(page(bench, SHORTER))
    release(bench, monkeypatch)
    bench.drain = bench.differ()
    lost = sha256(page(bench).encode()).hexdigest()
    [file] = [
        file for file in (tmp_path / "archive").rglob("*") if file.is_file() and lost in str(file).replace("/", "")
    ]
    file.unlink()

    assert bench.confirm(page(bench, ("13 years", "16 years"))) == "confirmed"
    assert [change.alert for change in bench.changes] == [True, True]


def test_what_three_documents_share_is_learned_and_its_going_is_no_news(benches: list[Bench]) -> None:
    for bench in benches:
        assert benches[0].rows(ChromeBlockRow) == []
        bench.confirm(page(bench))
    learned = {(row.text, row.version) for row in benches[0].rows(ChromeBlockRow)}
    assert learned == {("Trust centre", 1), ("Press room", 1)}

    for bench in benches:
        assert bench.look(page(bench)) == "unchanged"
        assert bench.look(page(bench, links="")) == "unchanged"
        assert [version.origin for version in bench.versions] == ["confirmed", "re-extraction"]
        assert bench.events("change.detected") == []
    assert {(row.text, row.version) for row in benches[0].rows(ChromeBlockRow)} == learned


def test_what_comes_later_is_the_next_version_of_the_set(benches: list[Bench]) -> None:
    for bench in benches:
        bench.confirm(page(bench))
    more = f"{LINKS}<p><a href=/status>Service status</a></p>"
    outcomes = [bench.confirm(page(bench, links=more)) for bench in benches]
    assert outcomes == ["confirmed"] * 3
    assert {row.text: row.version for row in benches[0].rows(ChromeBlockRow)}["Service status"] == 2
    assert [bench.look(page(bench)) for bench in benches] == ["unchanged"] * 3


def test_an_operator_has_it_read_again_and_it_is_not_learned_again(benches: list[Bench]) -> None:
    for bench in benches:
        bench.confirm(page(bench))
    store = ChromeStore(benches[0].database)
    assert store.drop("acme", benches[0].clock.now()) == 2
    for bench in benches:
        assert bench.look(page(bench)) == "unchanged"
        assert bench.confirm(page(bench, SHORTER)) == "confirmed"
        assert bench.look(page(bench, SHORTER, links="")) == "candidate"
    assert store.drop("acme", benches[0].clock.now()) == 0


def test_a_copy_on_three_addresses_teaches_nothing(benches: list[Bench]) -> None:
    for bench in benches:
        bench.confirm(page(benches[0]))
    assert benches[0].rows(ChromeBlockRow) == []


def test_where_selectors_say_what_the_document_is_nothing_is_learned(benches: list[Bench]) -> None:
    for bench in benches:
        with bench.database.transaction() as session:
            row = session.get_one(DocumentRow, bench.document_id)
            row.declaration = {"parts": [{**row.declaration["parts"][0], "select": ["main"]}]}
            session.add(row)
        bench.confirm(page(bench))
    assert benches[0].rows(ChromeBlockRow) == []

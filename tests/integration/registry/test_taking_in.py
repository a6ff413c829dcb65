"""From confirmed versions and changes to the registry, and to what search finds, on both engines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from services.differ.handlers import registering
from services.differ.handlers.registering import Registrar
from shared.db.registry.search import BEGIN, END, Search
from shared.db.registry.taking_in import RegistryStore
from shared.db.registry.versions import Versions
from shared.db.session import Database
from shared.db.tables import (
    ChangeRow,
    ChangeTermRow,
    ComparisonRow,
    RegisteredProvisionRow,
    RegistryMarkRow,
    SearchEntryRow,
)
from shared.domain.searching import parse_query
from tests.factories.judging import Bench
from tests.factories.policies import as_html, policy


def page(**said: str) -> str:
    return as_html(policy(**said))


@pytest.fixture
def bench(database_url: str, tmp_path: Path) -> Iterator[Bench]:
    database = Database(database_url)
    yield Bench(database, tmp_path)
    database.close()


@pytest.fixture
def store(bench: Bench) -> RegistryStore:
    return RegistryStore(bench.database)


@pytest.fixture
def registrar(bench: Bench, store: RegistryStore) -> Registrar:
    return Registrar(store, bench.clock)


def count(bench: Bench, row: type) -> int:
    with bench.database.reading() as session:
        return session.scalar(select(func.count()).select_from(row)) or 0


def found(bench: Bench, typed: str, **options: object) -> list[tuple[str, str]]:
    hits = Search(bench.database).hits(parse_query(typed), kinds=("provision", "change"), limit=10, **options)  # type: ignore[arg-type]
    return [(hit.kind, hit.subject) for hit in hits]


def test_a_newest_version_is_taken_in_once(bench: Bench, store: RegistryStore, registrar: Registrar) -> None:
    assert not store.is_due()
    bench.confirm(page())
    assert store.is_due()
    assert registrar.take_in() == 1
    assert not store.is_due()
    before = count(bench, RegisteredProvisionRow)
    assert before > 5
    assert (registrar.take_in(), count(bench, RegisteredProvisionRow)) == (0, before)


def test_the_next_version_takes_the_place_of_the_one_before(bench: Bench, registrar: Registrar) -> None:
    bench.confirm(page(notice="30 days"))
    registrar.take_in()
    bench.confirm(page(notice="14 days"))
    assert registrar.take_in() == 2
    with bench.database.reading() as session:
        versions = set(session.scalars(select(col(RegisteredProvisionRow.version_id))))
        kinds = set(session.scalars(select(col(ChangeTermRow.kind))))
    assert len(versions) == 1
    assert kinds >= {"category", "provision"}
    assert found(bench, '"14 days" notice')[0][0] in {"provision", "change"}
    assert not [hit for hit in found(bench, '"30 days"') if hit[0] == "provision"]


def test_the_first_version_is_compared_with_the_newest_ahead(bench: Bench, registrar: Registrar) -> None:
    for count_of_rows, notice in enumerate(("30 days", "14 days", "7 days")):
        bench.confirm(page(notice=notice))
        registrar.take_in()
        assert count(bench, ComparisonRow) == count_of_rows // 2, "a change record says what the first two differ in"
    bench.confirm(page(notice="3 days"))
    registrar.take_in()
    versions = Versions(bench.database)
    first, third, newest = (versions.one(bench.versions[place].id) for place in (0, 2, 3))
    assert first is not None
    assert third is not None
    assert newest is not None
    report = versions.compared(first, newest)
    assert report is not None
    assert "30 days to 3 days" in report["headline"]["text"]
    assert versions.compared(first, third) is None


def test_a_call_takes_in_what_there_is_time_for(
    bench: Bench, store: RegistryStore, registrar: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registering, "_WORTH_S", 0)
    for notice in ("30 days", "14 days", "7 days"):
        bench.confirm(page(notice=notice))
    assert [registrar.take_in(), store.is_due(), registrar.take_in(), store.is_due()] == [2, True, 1, False]


def test_versions_with_little_in_common_are_not_compared_ahead(
    bench: Bench, registrar: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registering, "_MOST_COMPARED", 0)
    for notice in ("30 days", "14 days", "7 days"):
        bench.confirm(page(notice=notice))
    assert registrar.take_in() == 3
    assert count(bench, ComparisonRow) == 0


def test_search_marks_what_it_found_and_finds_other_forms_of_a_word(bench: Bench, registrar: Registrar) -> None:
    bench.confirm(page())
    registrar.take_in()
    [hit, *_] = Search(bench.database).hits(parse_query("refunded"), kinds=("provision",), limit=3)
    assert BEGIN in hit.excerpt
    assert END in hit.excerpt
    assert (hit.subject, hit.platform_slug) == (bench.document_id, "acme")
    assert found(bench, "refund", platform="nobody") == []
    assert found(bench, "nothingofthekind") == []
    assert found(bench, "") == []


def test_a_corrected_change_and_new_rules_are_taken_in_anew(
    bench: Bench, store: RegistryStore, registrar: Registrar
) -> None:
    bench.confirm(page(notice="30 days"))
    bench.confirm(page(notice="14 days"))
    registrar.take_in()
    with bench.database.transaction() as session:
        session.execute(update(ChangeRow).values(status="corrected"))
    assert registrar.take_in() == 1
    assert store.forget_other_rules("of tomorrow") == 2
    assert registrar.take_in() == 2
    assert count(bench, RegistryMarkRow) == 2
    with bench.database.reading() as session:
        changes = session.scalars(select(col(SearchEntryRow.id)).where(col(SearchEntryRow.kind) == "change")).all()
    assert len(changes) == 1


def test_a_version_that_is_no_longer_the_newest_is_left_out(bench: Bench, store: RegistryStore) -> None:
    bench.confirm(page(notice="30 days"))
    [due] = store.documents_due(5)
    bench.confirm(page(notice="14 days"))
    assert not store.put_document(due, [], [], None, "1", bench.clock.now())
    assert store.is_due()

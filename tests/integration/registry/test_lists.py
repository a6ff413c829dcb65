"""What lists read: filters, pages without gaps or repeats, and what each entry holds; on both engines."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.differ.handlers.registering import Registrar
from shared.db.registry.changes import ChangeFilter, ChangeList
from shared.db.registry.documents import Documents
from shared.db.registry.provisions import Provisions
from shared.db.registry.taking_in import RegistryStore
from shared.db.registry.versions import Versions
from shared.db.session import Database
from shared.db.tables import ChangeRow
from tests.factories.accounts import START, add_change, add_document
from tests.factories.judging import Bench
from tests.factories.policies import as_html, policy


@pytest.fixture
def bench(database_url: str, tmp_path: Path) -> Iterator[Bench]:
    """A document whose notice before termination fell, in the registry."""
    database = Database(database_url)
    bench = Bench(database, tmp_path)
    for notice in ("30 days", "14 days"):
        bench.confirm(as_html(policy(notice=notice)))
        Registrar(RegistryStore(database), bench.clock).take_in()
    yield bench
    database.close()


@pytest.fixture
def changes(bench: Bench) -> ChangeList:
    return ChangeList(bench.database)


@pytest.mark.parametrize(
    ("wanted", "is_found"),
    [
        (ChangeFilter(), True),
        (ChangeFilter(platforms=("acme", "other")), True),
        (ChangeFilter(platforms=("other",)), False),
        (ChangeFilter(types=("Terms of Service",), severities=("high", "medium", "low")), True),
        (ChangeFilter(types=("Privacy Policy",)), False),
        (ChangeFilter(directions=("better",)), False),
        (ChangeFilter(categories=("contract.termination",)), True),
        (ChangeFilter(categories=("dispute.arbitration",)), False),
        (ChangeFilter(regulations=("nobody",)), False),
        (ChangeFilter(since=START + timedelta(days=3650)), False),
        (ChangeFilter(until=START - timedelta(days=3650)), False),
    ],
)
def test_a_filter_finds_what_fits_all_of_it(changes: ChangeList, wanted: ChangeFilter, is_found: bool) -> None:
    assert bool(changes.listed(wanted, limit=5)) is is_found


def test_a_change_is_found_by_its_document_and_provision(bench: Bench, changes: ChangeList) -> None:
    [entry] = changes.listed(ChangeFilter(documents=(bench.document_id,)), limit=5)
    with bench.database.reading() as session:
        report = session.get_one(ChangeRow, entry.id).report
    touched = [provision["id"] for provision in report["provisions"]]
    assert changes.listed(ChangeFilter(provisions=touched), limit=5) == [entry]
    assert changes.by_ids([entry.id, "chg_none"]) == {entry.id: entry}


def test_pages_of_changes_neither_skip_nor_repeat(bench: Bench, changes: ChangeList) -> None:
    for number in range(1, 8):
        add_change(bench.database, add_document(bench.database, platform="bulk", number=number))
    ids = [entry.id for entry in changes.listed(ChangeFilter(told_only=False), limit=50)]
    paged, after = [], None
    while page := changes.listed(ChangeFilter(told_only=False), after=after, limit=3):
        paged += [entry.id for entry in page]
        after = (page[-1].detected_at, page[-1].id)
    assert paged == ids
    assert len(set(ids)) == 8


def test_documents_in_pages_with_their_health(bench: Bench) -> None:
    documents = Documents(bench.database)
    for number in (1, 2, 3):
        add_document(bench.database, platform="bulk", number=number)
    everything = documents.listed(limit=10)
    first = documents.listed(limit=2)
    rest = documents.listed(after=(first[-1].platform_slug, first[-1].type, first[-1].id), limit=10)
    assert [*first, *rest] == everything
    watched = documents.one(bench.document_id)
    assert watched is not None
    assert (watched.versions, watched.changes, watched.state) == (2, 1, "active")
    assert documents.one("doc_none") is None


def test_versions_their_provisions_and_captures(bench: Bench) -> None:
    versions = Versions(bench.database)
    newest, oldest = versions.listed(bench.document_id, limit=5)
    assert (newest.sequence, oldest.sequence) == (2, 1)
    assert versions.listed(bench.document_id, before=2, limit=5) == [oldest]
    assert any("14 days" in provision.text for provision in versions.provisions(newest.id))
    snapshot = versions.snapshot(newest.snapshot_id)
    assert snapshot is not None
    assert [part.status for part in snapshot.parts] == [200]
    assert versions.snapshots(bench.document_id, before=snapshot.ordinal, limit=9)[0].ordinal == snapshot.ordinal - 1
    assert (versions.one("ver_none"), versions.snapshot("snp_none")) == (None, None)


def test_a_provision_keeps_its_history_and_its_place_among_platforms(bench: Bench) -> None:
    provisions = Provisions(bench.database)
    ending = next(one for one in provisions.of_document(bench.document_id) if one.category == "contract.termination")
    assert provisions.one(ending.provision_id) == ending
    assert ["30 days" in told.provision.text for told in provisions.history(ending.provision_id)] == [True, False]
    assert (provisions.prevalence("contract.termination").platforms, provisions.prevalence("x").platforms) == (1, 0)
    assert provisions.coverage()["contract.termination"] == provisions.coverage(platform="acme")["contract.termination"]
    assert provisions.coverage(platform="nobody") == {}
    assert provisions.vectors("contract.termination", not_of="acme") == []
    [(_, document_id, ordinal, vector), *_] = provisions.vectors("contract.termination", not_of="another")
    assert vector
    assert provisions.at([(document_id, ordinal)])[document_id, ordinal] == ending
    listed = provisions.of_category("contract.termination", limit=5)
    place = (listed[0].platform_slug, listed[0].document_id, listed[0].ordinal)
    assert provisions.of_category("contract.termination", after=place, limit=5) == listed[1:]

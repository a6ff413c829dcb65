"""A document's page: all that it says in parts of bounded size, its versions on a timeline, its archive and health."""

import re
from pathlib import Path

import pytest
from sqlalchemy import update

from services.differ.handlers.registering import Registrar
from shared.db.registry.provisions import Provisions
from shared.db.registry.taking_in import RegistryStore
from shared.db.session import Database
from shared.db.tables import CheckRow, DocumentRow, PlatformRow, SnapshotRow
from tests.factories.judging import Bench
from tests.factories.policies import as_html, policy
from tests.integration.api.conftest import Ask
from tests.integration.api.test_pages import Page

EVIL = "\u202e\"'><img src=x onerror=alert(1)>"
MANY = "\n\n".join(f"## {n}. Part {n}\n\nYou may use part {n} of the service for {n + 20} days." for n in range(8, 70))


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> Bench:
    """A long document of three versions, whose clauses fill several pages."""
    bench = Bench(database, tmp_path)
    for notice in ("30 days", "14 days", "7 days"):
        bench.confirm(as_html(f"{policy(notice=notice)}\n{MANY} {EVIL if notice == '7 days' else ''}"))
        Registrar(RegistryStore(database), bench.clock).take_in()
    return bench


def test_a_document_is_shown_whole_with_its_versions_archive_and_health(
    ask: Ask, bench: Bench, database: Database
) -> None:
    path, shown = f"/documents/{bench.document_id}?at=0", []
    while path:
        page = ask("GET", path)
        assert (page.status_code, len(page.content) < 150_000) == (200, True)
        shown += re.findall(r'<li id="(p\d+)"', page.text)
        found = re.search(r'href="([^"]+)#contents">Further', page.text)
        path = found[1] if found else ""
    there_are = Provisions(database).of_document(bench.document_id)
    assert len(there_are) > 120
    assert shown == [f"p{one.ordinal}" for one in there_are]
    last = ask("GET", f"/documents/{bench.document_id}?at={there_are[-1].ordinal}")
    assert f'<li id="p{there_are[-1].ordinal}"' in last.text
    for wrong in ("at=99999999", "at=-1", "at=x", "before=0", "before=%E0", "at=%F0%9F%98%80"):
        assert ask("GET", f"/documents/{bench.document_id}?{wrong}").status_code == 200

    whole = ask("GET", f"/documents/{bench.document_id}").text
    told = re.findall(r"<strong>Version (\d)</strong>.*?</li>", whole, re.S)
    assert told == ["3", "2", "1"]
    first, second, third = bench.versions
    for said in (
        '<ol class="timeline" reversed start="3">',
        f'href="/changes/{bench.changes[1].id}"',
        f"compare?old={second.id}&amp;new={third.id}",
        "The first confirmed text.",
        first.text_sha256[:16],
        f"<dt>Captures</dt><dd>{len(bench.rows(SnapshotRow))}, since <time",
        f"<dt>Checks</dt><dd>{len(bench.rows(CheckRow))}, since <time",
        "other bytes, captured, a confirming look",
    ):
        assert said in whole, said
    older = ask("GET", f"/documents/{bench.document_id}?before=3").text
    assert re.findall(r"<strong>Version (\d)</strong>", older) == ["2", "1"]


def test_nothing_that_a_document_or_its_names_say_is_acted_on(ask: Ask, bench: Bench, database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(PlatformRow).values(name=EVIL))
        session.execute(update(DocumentRow).values(type=EVIL, url=f"javascript:alert(1)//{EVIL}"))
    versions, change = bench.versions, bench.changes[-1].id
    compare = f"/documents/{bench.document_id}/compare"
    for path in (
        f"/documents/{bench.document_id}?at=130",
        f"{compare}?old={versions[0].id}&new={versions[2].id}",
        f"{compare}?old={versions[1].id}&new={versions[2].id}&view=sides",
        f"/changes/{change}",
        "/platforms/acme",
    ):
        text = ask("GET", path).text
        page = Page(text)
        assert "onerror" in text, path
        assert page.count("img") == 0, path
        names = {name for _, values in page.tags for name in values}
        assert not {name for name in names if name.startswith("on") or name == "style"}, path
        assert all(link.startswith(("/", "#", "?")) for link in page.links), path

"""Bundles of evidence on each engine: made, downloaded, verified, and caught when a byte is another."""

import io
import json
import zipfile
from pathlib import Path

import httpx
import pypdfium2
import pytest
from warcio.archiveiterator import ArchiveIterator

from services.api.evidence import exporting
from services.api.resources import Resources
from services.differ.handlers.registering import Registrar
from shared.clock import ManualClock
from shared.db.identity.keys import ApiKeys
from shared.db.ledger.sequencing import HEAD_AFTER, Sequencer
from shared.db.notifier.accounts import AccountStore
from shared.db.registry.taking_in import RegistryStore
from shared.db.session import Database
from shared.evidence.bundle import zipped
from shared.evidence.heads import SigningKey
from shared.evidence.unpacking import unpacked
from shared.evidence.verifying import trust_in, verify
from tests.factories.accounts import PLANS, START
from tests.factories.browsers import signed_in
from tests.factories.judging import Bench
from tests.factories.policies import as_html, policy
from tests.integration.api.conftest import Ask

KEY = SigningKey.derived("the installation's own " * 2)
HOSTILE = "14 days <script>alert(1)</script> “Ünïcode” 通知"


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> Bench:
    """A document of two versions, in the archive that the API reads."""
    bench = Bench(database, tmp_path / "data")
    for notice in ("30 days", HOSTILE):
        bench.confirm(as_html(policy(notice=notice)))
    Registrar(RegistryStore(database), bench.clock).take_in()
    return bench


@pytest.fixture
def enter(database: Database, clock: ManualClock) -> Sequencer:
    return Sequencer(database, clock, KEY)


def entered(enter: Sequencer, clock: ManualClock) -> None:
    """Let the ledger take in what there is, and sign it."""
    enter.run_once()
    clock.advance(HEAD_AFTER)
    enter.run_once()


@pytest.fixture
def key(accounts: AccountStore, database: Database) -> dict[str, str]:
    """Of an account whose plan has evidence."""
    accounts.ensure_account("acc_alice", "Alice", "compliance", START)
    return {"authorization": f"Bearer {ApiKeys(database).make('acc_alice', 'test', 'read-only', START)[1]}"}


def saved(answer: httpx.Response, folder: Path) -> dict[str, bytes]:
    """The files of the bundle that was answered."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    file = folder / "bundle.zip"
    file.write_bytes(answer.content)
    return unpacked(file)


def test_a_bundle_proves_a_change_and_every_altered_byte_is_named(
    ask: Ask, bench: Bench, enter: Sequencer, clock: ManualClock, key: dict[str, str], tmp_path: Path
) -> None:
    [change] = bench.changes
    address = f"/api/v1/changes/{change.id}/evidence"
    early = ask("GET", address, headers=key)
    assert (early.status_code, early.headers["retry-after"]) == (409, "5")
    entered(enter, clock)
    answer = ask("GET", address, headers=key)
    files = saved(answer, tmp_path)
    trust = trust_in(key=KEY.public.pem.encode(), head=None)
    assert verify(files, trust).faults == ()
    assert ask("GET", address, headers=key).content == answer.content, "the same evidence has the same bytes"
    for path, data in files.items():
        middle = len(data) // 2
        altered = {**files, path: data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]}
        named = "the manifest" if path == "manifest.json" else f"{path}: "
        assert any(named in str(fault) for fault in verify(altered, trust).faults), path
        without = {other: data for other, data in files.items() if other != path}
        assert any(str(fault).startswith(path) for fault in verify(without, trust).faults), path

    assert json.loads(files["manifest.json"])["missing"] == {}
    assert "30 days" in files["texts/old.txt"].decode()
    assert b"<script>" not in files["redline.html"]
    assert b"&lt;script&gt;" in files["redline.html"]
    records = ArchiveIterator(io.BytesIO(files["captures.warc.gz"]), check_digests="raise")
    first, *bodies = [(record.rec_headers["Clausewatch-Part"], record.content_stream().read()) for record in records]
    assert first[1].startswith(b"software: Clausewatch")
    assert bodies == [("0", as_html(policy(notice=notice)).encode()) for notice in ("30 days", HOSTILE)]
    words = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(files["redline.pdf"]))
    assert all(part in words for part in ("deleted", "inserted", "30 days", change.id, "Not legal advice"))


def test_a_bundle_of_a_version_and_one_after_a_retraction(
    ask: Ask,
    resources: Resources,
    bench: Bench,
    enter: Sequencer,
    clock: ManualClock,
    key: dict[str, str],
    tmp_path: Path,
) -> None:
    [change] = bench.changes
    entered(enter, clock)
    resources.operated.reviser.retract(change.id, "The page showed a draft.")
    early = ask("GET", f"/api/v1/changes/{change.id}/evidence", headers=key)
    assert (early.status_code, "revision" in early.json()["detail"]) == (409, True)
    entered(enter, clock)
    version = saved(ask("GET", f"/api/v1/versions/{change.version_id}/evidence", headers=key), tmp_path)
    assert verify(version).faults == ()
    assert "report.json" not in version
    retracted = saved(ask("GET", f"/api/v1/changes/{change.id}/evidence", headers=key), tmp_path)
    assert verify(retracted).faults == ()
    assert json.loads(retracted[f"facts/revision-{change.id}.json"])["status"] == "retracted"
    assert b"The page showed a draft." in retracted["redline.html"]


def test_what_is_gone_or_too_large_is_said_to_be_missing(
    ask: Ask,
    bench: Bench,
    enter: Sequencer,
    clock: ManualClock,
    key: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [change] = bench.changes
    entered(enter, clock)
    address = f"/api/v1/changes/{change.id}/evidence"

    monkeypatch.setattr(exporting, "MOST_CAPTURED", len(as_html(policy(notice="30 days"))))
    assert missing_of(ask("GET", address, headers=key), tmp_path) == {"capture: the", "text: the"}
    for sha256 in list(bench.archive.keys()):
        bench.archive.delete(sha256)
    monkeypatch.undo()
    assert missing_of(ask("GET", address, headers=key), tmp_path) == {"capture: retention", "text: retention"}


def missing_of(answer: httpx.Response, folder: Path) -> set[str]:
    """The kinds of what a bundle lacks, each with the first word of why; it verifies all the same."""
    files = saved(answer, folder)
    assert verify(files).faults == ()
    missing = json.loads(files["manifest.json"])["missing"].items()
    return {f"{one.partition(':')[0]}: {why.partition(' ')[0]}" for one, why in missing}


def test_a_smaller_plan_has_no_evidence(ask: Ask, bench: Bench, accounts: AccountStore, database: Database) -> None:
    accounts.ensure_account("acc_bob", "Bob", "watcher", START)
    headers = {"authorization": f"Bearer {ApiKeys(database).make('acc_bob', 'test', 'owner', START)[1]}"}
    refused = ask("GET", f"/api/v1/changes/{bench.changes[0].id}/evidence", headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/plan")
    assert ask("GET", f"/changes/{bench.changes[0].id}/evidence.zip").headers["location"].startswith("/sign-in?")


def test_pages_give_bundles_to_whose_plan_has_them(
    ask: Ask, bench: Bench, accounts: AccountStore, database: Database, enter: Sequencer, clock: ManualClock
) -> None:
    for owner, plan in PLANS.items():
        accounts.ensure_account(f"acc_{owner}", owner.title(), plan, START)
    alice, bob = (signed_in(ask, database, clock, owner, "read-only") for owner in ("alice", "bob"))
    [change] = bench.changes
    early, refused = alice.get(f"/changes/{change.id}/evidence.zip"), bob.get(f"/changes/{change.id}/evidence.zip")
    assert (early.status_code, "ask again in a few seconds" in early.text) == (409, True)
    assert early.headers["retry-after"] == "5"
    assert (refused.status_code, "includes no evidence export" in refused.text) == (403, True)
    assert f'href="/changes/{change.id}"' in refused.text
    entered(enter, clock)
    for place, name in (("changes", change.id), ("versions", change.version_id)):
        answer = alice.get(f"/{place}/{name}/evidence.zip")
        assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None
        assert answer.headers["content-disposition"] == f'attachment; filename="clausewatch-{name}.zip"'
        assert alice.get(f"/{place}/{name[:-1]}/evidence.zip").status_code == 404


def test_a_zip_has_the_same_bytes_for_the_same_files() -> None:
    files = {"b.txt": b"b", "a.gz": b"a"}
    assert zipped(files) == zipped(dict(files))
    assert zipfile.ZipFile(io.BytesIO(zipped(files))).namelist() == ["b.txt", "a.gz"]

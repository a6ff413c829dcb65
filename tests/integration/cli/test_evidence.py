"""`clausewatch evidence`: key, heads and audit against a database; verify without one."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlmodel import col

from shared.clock import ManualClock
from shared.db.ledger.reading import Ledger
from shared.db.ledger.sequencing import HEAD_AFTER, Sequencer
from shared.db.notifier.revisions import RevisionStore
from shared.db.session import Database
from shared.db.tables import ChangeRow, LedgerEntryRow, LedgerHeadRow, SnapshotRow, VersionRow
from shared.evidence.bundle import zipped
from shared.evidence.heads import SigningKey, signing_key
from shared.settings import load_settings
from shared.usecases.revising import Reviser
from tests.factories.accounts import START, add_change, add_document
from tests.factories.bundles import KEY, bundle
from tests.factories.commands import Commands


def sequenced(database: Database) -> str:
    """Two changes in the ledger, the first of them corrected; its id."""
    document_id, clock = add_document(database), ManualClock(START)
    change = add_change(database, document_id)
    Sequencer(database, clock, KEY).run_once()
    Reviser(RevisionStore(database), clock).correct(change, "for consumers alone", severity="low")
    add_change(database, document_id, 2)
    clock.advance(timedelta(minutes=1))
    Sequencer(database, clock, SigningKey.derived("a new one" * 4)).run_once()
    return change


def test_key_heads_and_an_audit_of_what_nobody_altered(commands: Commands, database: Database, tmp_path: Path) -> None:
    assert "no head was signed yet" in commands.refusal("evidence", "key", status=1)
    assert "no head was signed yet" in commands("evidence", "heads")
    sequenced(database)
    assert commands("evidence", "key") == "".join(Ledger(database).public_keys())
    assert commands("evidence", "key").count("BEGIN PUBLIC KEY") == 2
    heads = commands.json("evidence", "heads")
    assert [head["seq"] for head in heads] == [11, 5]
    assert heads[0]["hash"] in commands("evidence", "heads")
    add_document(database, platform="other")
    assert "11 entries and 2 heads examined, 0 rows wait" in commands("evidence", "audit")

    add_change(database, "doc_acme_1", 3)
    [doubt] = [line for line in json.loads(commands.run("doctor", "--json").stdout) if line["what"] == "ledger"]
    assert (doubt["level"], doubt["found"]) == ("warn", "5 rows wait to be entered")

    (tmp_path / "head.json").write_text(json.dumps(heads[0]))
    commands("evidence", "audit", "--head", str(tmp_path / "head.json"))
    for altered, fault in (({"seq": 12}, "the entry that it names is gone"), ({"hash": "f" * 64}, "has another hash")):
        (tmp_path / "head.json").write_text(json.dumps(heads[0] | altered))
        result = commands.run("evidence", "audit", "--head", str(tmp_path / "head.json"))
        assert result.exit_code == 1
        assert fault in result.stdout


def test_an_audit_names_each_row_that_was_altered(commands: Commands, database: Database) -> None:
    sequenced(database)
    document_id = "doc_acme_1"
    with database.transaction() as session:
        for row, one, values in (
            (SnapshotRow, f"snp_{document_id}_1", {"sha256": "f" * 64}),
            (VersionRow, f"ver_{document_id}_2", {"text_sha256": "f" * 64}),
            (ChangeRow, f"chg_{document_id}_2", {"report": {"id": "other"}}),
            (ChangeRow, f"chg_{document_id}_1", {"status": "retracted"}),
        ):
            session.execute(update(row).where(col(row.id) == one).values(**values))  # type: ignore[attr-defined]
    add_change(database, document_id, 3)
    with database.transaction() as session:
        session.execute(update(ChangeRow).where(col(ChangeRow.sequence) == 6).values(entered_revision=0))
    _audited(
        commands,
        f"entry 1 (snapshot snp_{document_id}_1): its row was altered: sha256 was",
        f"entry 4 (version ver_{document_id}_2): its row was altered: text_sha256 was",
        f"entry 10 (revision chg_{document_id}_1): its row was altered: status was",
        f"entry 11 (change chg_{document_id}_2): its row was altered: report_sha256 was",
        f"change chg_{document_id}_3: its row says that it is in the ledger",
    )


def test_an_audit_names_what_was_altered_in_the_ledger_by_one_who_may_do_all(
    commands: Commands, database: Database
) -> None:
    sequenced(database)
    with database.transaction() as session:
        if database.is_sqlite:
            acts = [f"DROP TRIGGER {table}_no_{act}" for table in _TABLES for act in ("update", "delete")]
        else:
            acts = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in _TABLES]
        for act in acts:
            session.execute(text(act))
        entry = col(LedgerEntryRow.seq)
        session.execute(update(LedgerEntryRow).where(entry == 3).values(content_sha256="f" * 64))
        session.execute(text("DELETE FROM ledger_entries WHERE seq = 7"))
        session.execute(text("DELETE FROM ledger_entries WHERE seq = 11"))
        session.execute(update(LedgerHeadRow).where(col(LedgerHeadRow.seq) == 5).values(hash="f" * 64))
    _audited(
        commands,
        "entry 3 (version ver_doc_acme_1_1): its hash is not that of its fields",
        "entry 3 (version ver_doc_acme_1_1): the facts beside it are not those",
        "entry 8 (version ver_doc_acme_1_3): it does not follow on entry 6",
        "head 5: entry 5 has another hash than when it was signed",
        "head 5: its signature does not fit its fields",
        "head 11: the entry that it names is gone",
        "snapshot snp_doc_acme_1_4: its row says that it is in the ledger",
        "change chg_doc_acme_1_2: its row says that it is in the ledger",
    )


_TABLES = ("ledger_entries", "ledger_heads")


def _audited(commands: Commands, *expected: str) -> None:
    """An audit finds faults that begin with these words, in this order, and no others."""
    result = commands.run("evidence", "audit")
    assert result.exit_code == 1, result.stdout
    found = [line.removeprefix("FAULT  ") for line in result.stdout.splitlines() if line.startswith("FAULT")]
    assert [line[: len(words)] for line, words in zip(found, expected, strict=False)] == list(expected)
    assert len(found) == len(expected), found


def test_the_ledger_goes_on_after_a_restore(embedded: Commands, tmp_path: Path) -> None:
    target = Commands(tmp_path / "target")
    embedded("watch", "list")  # makes the database
    for commands in (embedded, target):
        if commands is target:
            embedded("backup", str(tmp_path / "saved.tar.zst"))
            target("restore", str(tmp_path / "saved.tar.zst"))
        settings = load_settings(data=commands.data)
        database = Database(settings.sqlalchemy_url)
        add_change(database, add_document(database, platform="bolt" if commands is target else "acme"))
        Sequencer(database, ManualClock(START + HEAD_AFTER * (commands is target)), signing_key(settings)).run_once()
        database.close()
    assert [head["seq"] for head in target.json("evidence", "heads")] == [10, 5]
    assert target("evidence", "key").count("BEGIN") == 1
    assert "10 entries and 2 heads examined" in target("evidence", "audit")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "key.pem").write_text(KEY.public.pem)
    (tmp_path / "bundle.zip").write_bytes(zipped(bundle()))
    return tmp_path / "bundle.zip"


def test_verify_asks_for_no_installation(embedded: Commands, file: Path) -> None:
    said = embedded("evidence", "verify", str(file), "--key", str(file.with_name("key.pem")))
    assert "ok     change chg_1: entry 5 of 2026-05-01 12:00:05 UTC, signed at 5" in said
    assert said.endswith(f"{file} is as it was recorded\n")
    assert "shows whose it is" in embedded("evidence", "verify", str(file))
    assert embedded.json("evidence", "verify", str(file))["ok"] is True
    assert not embedded.data.exists()


def test_verify_names_what_was_altered(embedded: Commands, file: Path) -> None:
    file.write_bytes(zipped({**bundle(), "texts/new.txt": b"44 days", "README.txt": b""}))
    result = embedded.run("evidence", "verify", str(file))
    assert result.exit_code == 1
    faults = [line.split()[1] for line in result.stdout.splitlines() if line.startswith("FAULT")]
    assert faults == ["README.txt:", "texts/new.txt:", "texts/new.txt:"]
    assert result.stdout.endswith("is NOT as it was recorded: 3 faults\n")
    assert json.loads(embedded.run("evidence", "verify", str(file), "--json").stdout)["ok"] is False


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["key.pem"], 1, "is no bundle: it is no zip file, or a damaged one"),
        (["none.zip"], 2, "cannot be read: No such file or directory"),
        (["bundle.zip", "--key", "bundle.zip"], 2, "the key cannot be used: it holds no public keys"),
        (["bundle.zip", "--head", "key.pem"], 2, "the head cannot be used"),
        (["bundle.zip", "--key", "none.pem"], 2, "none.pem cannot be read"),
    ],
)
def test_verify_refuses(embedded: Commands, file: Path, arguments: list[str], status: int, said: str) -> None:
    paths = [one if one.startswith("--") else str(file.with_name(one)) for one in arguments]
    assert said in embedded.refusal("evidence", "verify", *paths, status=status)

"""`doctor`: each fault shows as a line with its mend, and as the exit status."""

import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import select

from shared.clock import SystemClock
from shared.db.outbox import Inbox, announce
from shared.db.session import Database
from shared.db.tables import ConditionRow, DeliveryRow, EndpointRow, ScheduleRow, SnapshotPartRow, SnapshotRow
from shared.events import SnapshotCaptured
from shared.ids import new_id
from tests.factories.accounts import START, add_change, add_document
from tests.factories.commands import Commands

TERMS = ("watch", "add", "https://acme.example/terms", "--platform", "Acme", "--type", "Terms of Service")


def _found(commands: Commands, what: str) -> dict[str, str]:
    lines = json.loads(commands.run("doctor", "--json").stdout)
    return next(line for line in lines if line["what"] == what)


def _stuck(database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(ScheduleRow).values(next_check_at=START))


def _unpublished(database: Database) -> None:
    with database.transaction() as session:
        announce(session, SnapshotCaptured(document_id="doc_1", snapshot_id="snp_1"), correlation_id="c", now=START)


def _dead_event(database: Database) -> None:
    with database.transaction() as session:
        event = SnapshotCaptured(document_id="doc_1", snapshot_id="snp_1")
        event_id = announce(session, event, correlation_id="c", now=START)
    Inbox(database, "differ", poison_after=1).failed(event_id, "boom", START)


def _unjudged(database: Database) -> None:
    add_change(database, add_document(database, platform="bolt"))


def _missing_blob(database: Database) -> None:
    _unjudged(database)
    with database.transaction() as session:
        session.execute(update(SnapshotRow).values(judged=True))
        session.add(_part("snp_doc_bolt_1_1"))


def _overdue_delivery(database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(DeliveryRow).values(due_at=START))


@pytest.mark.parametrize(
    ("fault", "what", "words"),
    [
        (_stuck, "documents", "1 overdue"),
        (_unpublished, "outbox", "the oldest event has waited"),
        (_dead_event, "events", "1 given up"),
        (_unjudged, "snapshots", "to be judged"),
        (_missing_blob, "archive", "1 of 1 looked for are missing"),
        (_overdue_delivery, "deliveries", "1 overdue, 0 given up"),
    ],
)
def test_a_fault_fails_with_its_mend(
    commands: Commands, database: Database, fault: Callable[[Database], None], what: str, words: str
) -> None:
    commands(*TERMS)
    commands("endpoints", "add", "email", "alice@acme.example")
    commands("endpoints", "test", "alice@acme.example")
    assert _found(commands, what)["level"] == "ok"

    fault(database)

    line = _found(commands, what)
    assert (line["level"], bool(line["mend"])) == ("fail", True)
    assert words in line["found"]
    assert commands.run("doctor").exit_code == 1


def test_what_a_digest_holds_that_was_given_up_is_counted(commands: Commands, database: Database) -> None:
    commands("endpoints", "add", "email", "alice@acme.example")
    for _ in range(2):
        commands("endpoints", "test", "alice@acme.example")
    with database.transaction() as session:
        digest, item = session.exec(select(DeliveryRow)).all()
        digest.state, item.state, item.reason = "dead", "held", "digest-given-up"
        session.add_all([digest, item])

    line = _found(commands, "deliveries")
    assert (line["level"], line["found"]) == ("warn", "1 given up, digests among them that hold 1 more")


@pytest.mark.parametrize(
    ("state", "incident", "level"),
    [
        ("active", "failing", "warn"),
        ("disabled", "disabled", "warn"),
        ("active", "disabled", "ok"),
        ("paused", None, "ok"),
    ],
)
def test_an_endpoint_that_fails_or_was_disabled_is_named(
    commands: Commands, database: Database, state: str, incident: str | None, level: str
) -> None:
    commands("endpoints", "add", "email", "alice@acme.example")
    with database.transaction() as session:
        endpoint = session.exec(select(EndpointRow)).one()
        endpoint.state, endpoint.incident = state, incident
        session.add(endpoint)
    line = _found(commands, "endpoints")
    assert (line["level"], endpoint.id in line["found"]) == (level, level == "warn")


def test_a_leased_document_is_not_stuck(commands: Commands, database: Database) -> None:
    commands(*TERMS)
    lease = SystemClock(database.clock_offset()).now() + timedelta(minutes=1)
    with database.transaction() as session:
        session.execute(update(ScheduleRow).values(next_check_at=START, lease_until=lease))

    assert _found(commands, "documents")["level"] == "ok"


def test_a_healthy_installation_passes(commands: Commands, broker_url: str) -> None:
    healthy = Commands(commands.data, DATABASE_URL=commands.env["DATABASE_URL"] or "", REDIS_URL=broker_url)

    result = healthy.run("doctor", "--json")

    assert result.exit_code == 0, result.stdout
    assert {line["what"]: line["level"] for line in json.loads(result.stdout)} == dict.fromkeys(
        (
            "settings",
            "broker",
            "database",
            "archive",
            "documents",
            "snapshots",
            "outbox",
            "ledger",
            "events",
            "deliveries",
            "endpoints",
            "reviews",
            "conditions",
        ),
        "ok",
    )


def test_open_conditions_warn_and_do_not_fail(commands: Commands, database: Database, broker_url: str) -> None:
    working = Commands(commands.data, DATABASE_URL=commands.env["DATABASE_URL"] or "", REDIS_URL=broker_url)
    document_id = working.json(*TERMS)["id"]
    _begin(database, document_id, "unreachable", "5 checks in a row failed, the last with dns: no such host")
    _begin(database, document_id, "unstable", "over long ago", ended_at=START)

    line = _found(working, "condition")

    assert (line["level"], line["mend"]) == ("warn", f"`clausewatch watch show {document_id}`")
    assert f"Acme / Terms of Service is unreachable since {START:%Y-%m-%d %H:%M} UTC (" in line["found"]
    assert line["found"].endswith("the last with dns: no such host")
    assert "unstable" not in working("doctor")
    assert working.run("doctor", "--strict").exit_code == 1

    working("watch", "pause", document_id)
    assert _found(working, "conditions")["level"] == "ok"


def test_many_conditions_are_counted(commands: Commands, database: Database) -> None:
    for n in range(22):
        _begin(database, add_document(database, platform=f"bolt{n}"), "unreadable", "blank: no words")

    lines = json.loads(commands.run("doctor", "--json").stdout)

    assert len([line for line in lines if line["what"] == "condition"]) == 20
    assert _found(commands, "conditions")["found"] == "2 more, 22 in all"


def test_paths_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    relative = Commands(Path("here"))
    (tmp_path / "here" / "run").mkdir(parents=True)
    (tmp_path / "here" / "run" / "processes.json").write_text(json.dumps({"differ": 2**22 + 1}))

    assert _found(relative, "settings")["found"].endswith(f"data in {tmp_path / 'here'}")
    assert str(tmp_path / "here" / "logs") in _found(relative, "processes")["mend"]


def test_a_broker_that_does_not_answer_fails(embedded: Commands) -> None:
    away = Commands(embedded.data, REDIS_URL="redis://127.0.0.1:1")

    assert "no answer" in _found(away, "broker")["found"]
    assert away.run("doctor").exit_code == 1


def test_a_database_that_is_not_ours_fails(embedded: Commands) -> None:
    away = Commands(embedded.data, DATABASE_URL="postgresql://alice:hunter2@127.0.0.1:1/x")

    assert _found(away, "database")["level"] == "fail"
    assert "hunter2" not in away.run("doctor").stdout


def test_settings_that_are_wrong_are_named(embedded: Commands) -> None:
    wrong = Commands(embedded.data, CLAUSEWATCH_HOST_DELAY_S="soon")

    assert "CLAUSEWATCH_HOST_DELAY_S" in _found(wrong, "settings")["found"]
    assert "CLAUSEWATCH_HOST_DELAY_S" in wrong.refusal("watch", "list")


@pytest.mark.parametrize(
    ("pids", "level"),
    [({"supervisor": os.getpid()}, "ok"), ({"supervisor": os.getpid(), "differ": 2**22 + 1}, "fail"), (None, "warn")],
)
def test_the_embedded_processes_are_looked_for(embedded: Commands, pids: dict[str, int] | None, level: str) -> None:
    if pids is not None:
        (embedded.data / "run").mkdir(parents=True)
        (embedded.data / "run" / "processes.json").write_text(json.dumps(pids))

    assert _found(embedded, "processes")["level"] == level


def test_a_person_gets_a_line_for_each(embedded: Commands) -> None:
    output: Any = embedded("doctor")

    assert "warn  processes" in output
    assert "ok    database" in output


def _begin(database: Database, document_id: str, kind: str, detail: str, ended_at: datetime | None = None) -> None:
    condition = ConditionRow(id=new_id("con"), document_id=document_id, kind=kind, detail=detail, began_at=START)
    condition.ended_at = ended_at
    with database.transaction() as session:
        session.add(condition)


def _part(snapshot_id: str) -> SnapshotPartRow:
    return SnapshotPartRow(
        snapshot_id=snapshot_id,
        ordinal=0,
        url="https://bolt.example/1",
        final_url="https://bolt.example/1",
        status=200,
        redirects=[],
        request_headers=[],
        headers=[],
        sha256="0" * 64,
        size=4,
        started_at=START,
        finished_at=START,
    )

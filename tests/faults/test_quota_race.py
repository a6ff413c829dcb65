"""A day's quota under eight processes that claim at once: used up to the last, never over, and the rest held."""

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

from sqlmodel import col, select

from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.bulk import insert_missing_many
from shared.db.notifier.deliveries import DeliveryStore
from shared.db.session import Database
from shared.db.tables import DeliveryRow, NoticeRow, QuotaRow
from shared.domain.deliveries import Channel
from shared.domain.plans import PLANS
from tests.factories.accounts import START, add_endpoint
from tests.servers.forked import forking, run_all

PROCESSES = 8
DELIVERIES = 60
USED = PLANS["watcher"].deliveries_per_day - 25
"""Of the plan's deliveries: there is room for 25 more."""


def claim_all(url: str, ready: Any) -> None:
    """Claim in small batches until nothing is due, as a notifier of its own."""
    database = Database(url)
    store = DeliveryStore(database)
    ready.wait()
    batch = partial(store.claim, START, lease=timedelta(minutes=2), limit=3, per_endpoint=3, channels=[Channel.EMAIL])
    while batch():
        pass
    database.close()


def due_deliveries(database: Database) -> None:
    """Bob, on the plan `watcher`, has used most of his day, and more are due than there is room for."""
    endpoint = add_endpoint(AccountStore(database), "bob", Channel.EMAIL, "bob@reader.example")
    with database.transaction() as session:
        session.add(QuotaRow(account_id="acc_bob", day=START.date(), used=USED))
        ids = [f"{n:02}" for n in range(DELIVERIES)]
        notices = [
            {"id": f"ntc_{n}", "kind": "change.detected", "subject": f"change:{n}", "data": {}, "created_at": START}
            | {"correlation_id": "cor_1"}
            for n in ids
        ]
        insert_missing_many(session, NoticeRow, notices)
        owner = {"endpoint_id": endpoint, "account_id": "acc_bob", "state": "pending", "cadence": "immediate"}
        numbers = {"claims": 0, "attempts": 0, "counted": False, "due_at": START, "created_at": START}
        rows = [{"id": f"dlv_{n}", "notice_id": f"ntc_{n}", **owner, **numbers} for n in ids]
        insert_missing_many(session, DeliveryRow, rows)


def test_a_quota_is_never_over(database_url: str) -> None:
    database = Database(database_url)
    due_deliveries(database)
    ready = forking().Barrier(PROCESSES)
    run_all([partial(claim_all, database_url, ready)] * PROCESSES)

    with database.reading() as session:
        due = select(DeliveryRow).where(col(DeliveryRow.notice_id).in_([f"ntc_{n:02}" for n in range(DELIVERIES)]))
        states = Counter((row.state, row.reason) for row in session.exec(due))
        told = session.exec(select(NoticeRow.subject).where(NoticeRow.kind == "account.quota")).all()
        used = session.exec(select(QuotaRow.used)).one()
    database.close()
    assert used == PLANS["watcher"].deliveries_per_day
    assert sorted(told) == [f"quota:acc_bob:{START.date()}:{phase}" for phase in ("nearly-used", "used-up")]
    assert states == {("sending", None): 25, ("held", "quota"): DELIVERIES - 25}

"""What the scheduler sees as due is what a claim would take."""

from datetime import timedelta

from shared.db.due import Due, DueWork
from shared.db.fetcher.hosts import HostSlots
from shared.db.tables import AccountRow, DeliveryRow, EndpointRow, NoticeRow
from tests.integration.fetcher.conftest import START, Fetcher


def test_hosts_are_counted_that_may_be_asked_now(fetcher: Fetcher) -> None:
    due = DueWork(fetcher.database)
    assert due.checks(START) == Due(0, None)
    for n in range(3):
        fetcher.watch(f"http://acme.localhost/{n}", type=f"Policy {n}")
    fetcher.watch("http://bolt.localhost/", platform="Bolt")
    fetcher.watch("http://cord.localhost/", platform="Cord", state="paused")

    assert due.checks(START - timedelta(seconds=1)) == Due(0, None)
    assert due.checks(START + timedelta(seconds=5)) == Due(2, START)

    slot = HostSlots(fetcher.database).take("bolt.localhost", START, timedelta(minutes=5))
    assert slot is not None
    assert due.checks(START).count == 1


def test_confirmations_and_retries_are_due_at_their_own_times(fetcher: Fetcher) -> None:
    due = DueWork(fetcher.database)
    minute = timedelta(minutes=1)
    awaited = fetcher.watch("http://acme.localhost/")
    fetcher.schedule(awaited, next_check_at=START + 60 * minute, confirm_at=START + minute)

    assert due.checks(START).count == 0
    assert due.checks(START + 2 * minute) == Due(1, START + minute)

    fetcher.schedule(awaited, retry_at=START + 5 * minute)
    assert due.checks(START + 2 * minute).count == 0
    assert due.checks(START + 6 * minute) == Due(1, START + 5 * minute)


def test_a_host_that_rests_is_not_counted_but_its_wait_is_seen(fetcher: Fetcher) -> None:
    fetcher.watch("http://acme.localhost/")
    slots = HostSlots(fetcher.database)
    slot = slots.take("acme.localhost", START, timedelta(minutes=5))
    assert slot is not None
    slots.release([(slot, START + timedelta(seconds=30))])

    due = DueWork(fetcher.database)
    assert due.checks(START + timedelta(seconds=10)) == Due(0, START)
    assert due.checks(START + timedelta(seconds=30)) == Due(1, START)


def test_deliveries_are_counted_that_may_be_claimed_now(fetcher: Fetcher) -> None:
    minute = timedelta(minutes=1)
    with fetcher.database.transaction() as session:
        session.add(AccountRow(id="acc_1", name="Alice", plan="compliance", created_at=START))
        session.add(
            NoticeRow(
                id="ntc_1", kind="endpoint.test", subject="test:1", data={}, correlation_id="cor_1", created_at=START
            )
        )
        session.flush()
        for n, (state, due_at) in enumerate(
            [
                ("pending", START + minute),
                ("failed", START + 2 * minute),
                ("failed", START + 60 * minute),
                ("sending", START + 3 * minute),
                ("held", START),
                ("delivered", START),
            ]
        ):
            address = f"https://alice.example/{n}"
            session.add(
                EndpointRow(id=f"ep_{n}", account_id="acc_1", kind="webhook", address=address, created_at=START)
            )
            session.flush()
            session.add(
                DeliveryRow(
                    id=f"dlv_{n}",
                    notice_id="ntc_1",
                    endpoint_id=f"ep_{n}",
                    account_id="acc_1",
                    state=state,
                    due_at=due_at,
                    created_at=START,
                )
            )
    due = DueWork(fetcher.database)

    assert due.deliveries(START) == Due(0, None)
    assert due.deliveries(START + 10 * minute) == Due(3, START + minute)

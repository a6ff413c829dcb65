"""An event becomes a notice and its deliveries, once."""

from random import Random

import pytest
from sqlmodel import select

from services.notifier.handlers.telling import NothingToTell, Teller
from shared.clock import ManualClock
from shared.db.notifier.accounts import AccountStore, ListedDelivery
from shared.db.notifier.records import NewNotice
from shared.db.notifier.telling import TellingStore
from shared.db.session import Database
from shared.db.tables import EventHandledRow, NoticeRow, SubscriptionRow
from shared.domain.deliveries import Channel, DeliveryState, EndpointState, Standing
from shared.domain.fanout import Opening, Watcher
from shared.domain.notices import NoticeKind
from shared.domain.plans import Usage
from shared.domain.subscriptions import SEVERITIES, Cadence, ChangeFacts, Subscription, matches
from shared.events import ConditionBegan, ConditionEnded
from tests.factories.accounts import (
    START,
    add_condition,
    add_document,
    add_endpoint,
    change_event,
    subscribe,
)


@pytest.fixture
def teller(database: Database, clock: ManualClock) -> Teller:
    return Teller(TellingStore(database, page=3), clock, told=lambda: None)


def tell(teller: Teller, change_id: str, event_id: str = "evt_1", **changed: object) -> None:
    teller.change_detected(change_event(change_id, **changed), event_id=event_id, correlation_id="cor_1")


def by_address(accounts: AccountStore) -> dict[str, tuple[str, str | None]]:
    return {d.address: (d.state, d.reason) for d in accounts.deliveries()}


def only(accounts: AccountStore) -> ListedDelivery:
    (delivery,) = accounts.deliveries()
    return delivery


def test_a_change_reaches_those_whose_subscription_it_meets(
    teller: Teller, accounts: AccountStore, change_id: str
) -> None:
    hook = add_endpoint(accounts, "alice", Channel.WEBHOOK, "https://alice.example/hook")
    subscribe(accounts, "alice", [hook], platforms=frozenset({"acme"}))
    other = add_endpoint(accounts, "alice", Channel.WEBHOOK, "https://alice.example/other")
    subscribe(accounts, "alice", [other], platforms=frozenset({"borealis"}))
    tell(teller, change_id)
    delivery = only(accounts)
    assert (delivery.address, delivery.state, delivery.due_at) == ("https://alice.example/hook", "pending", START)
    assert (delivery.notice_kind, delivery.subject) == ("change.detected", f"change:{change_id}")


def test_several_subscriptions_yield_one_delivery_at_the_soonest_cadence(
    teller: Teller, accounts: AccountStore, change_id: str
) -> None:
    hook = add_endpoint(accounts, "alice", Channel.WEBHOOK, "https://alice.example/hook")
    for cadence in (Cadence.WEEKLY, Cadence.IMMEDIATE, Cadence.DAILY):
        subscribe(accounts, "alice", [hook], cadence=cadence)
    tell(teller, change_id)
    assert (only(accounts).state, only(accounts).cadence) == ("pending", "immediate")


def test_an_event_handled_twice_writes_nothing_more(
    teller: Teller, accounts: AccountStore, database: Database, change_id: str
) -> None:
    hook = add_endpoint(accounts, "alice", Channel.WEBHOOK, "https://alice.example/hook")
    subscribe(accounts, "alice", [hook])
    tell(teller, change_id)
    tell(teller, change_id)
    tell(teller, change_id, event_id="evt_2")
    only(accounts)
    with database.reading() as session:
        assert len(session.exec(select(NoticeRow)).all()) == 1
        assert len(session.exec(select(EventHandledRow)).all()) == 2


def test_a_crash_before_the_commit_leaves_nothing(
    teller: Teller, accounts: AccountStore, database: Database, change_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = add_endpoint(accounts, "alice", Channel.WEBHOOK, "https://alice.example/hook")
    subscribe(accounts, "alice", [hook])
    monkeypatch.setattr("services.notifier.handlers.telling.opening", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tell(teller, change_id)
    with database.reading() as session:
        assert session.exec(select(NoticeRow)).all() == []
        assert session.exec(select(EventHandledRow)).all() == []


def test_what_is_not_sent_is_a_row_with_its_reason(
    teller: Teller, accounts: AccountStore, change_id: str, clock: ManualClock
) -> None:
    boxes = {
        owner: add_endpoint(accounts, owner, Channel.EMAIL, f"{owner}@reader.example")
        for owner in ("alice", "bob", "charlie")
    }
    hook = add_endpoint(accounts, "charlie", Channel.WEBHOOK, "https://charlie.example/hook")
    paused = add_endpoint(accounts, "alice", Channel.WEBHOOK, "https://alice.example/paused")
    accounts.set_endpoint_state(paused, EndpointState.PAUSED, START)
    subscribe(accounts, "alice", [boxes["alice"], paused])
    subscribe(accounts, "bob", [boxes["bob"]], platforms=frozenset({"acme"}), cadence=Cadence.DAILY)
    subscribe(accounts, "charlie", [boxes["charlie"], hook], platforms=frozenset({"acme"}), cadence=Cadence.WEEKLY)
    tell(teller, change_id)
    assert by_address(accounts) == {
        "alice@reader.example": ("pending", None),
        "bob@reader.example": ("held", "digest"),
        "charlie@reader.example": ("held", "digest"),
        "https://charlie.example/hook": ("skipped", "plan-endpoints"),
        "https://alice.example/paused": ("held", "endpoint-paused"),
    }


def test_same_day_is_held_until_the_afternoon_of_the_account(
    teller: Teller, accounts: AccountStore, change_id: str
) -> None:
    accounts.ensure_account("acc_bob", "Bob", "watcher", START, timezone="America/New_York")
    box = add_endpoint(accounts, "bob", Channel.EMAIL, "bob@reader.example")
    subscribe(accounts, "bob", [box], platforms=frozenset({"acme"}), cadence=Cadence.SAME_DAY)
    tell(teller, change_id)
    held = only(accounts)
    assert (held.state, held.cadence, held.due_at.isoformat()) == ("held", "same-day", "2026-04-10T21:00:00+00:00")


def test_a_platform_beyond_the_plan_is_skipped(
    teller: Teller, accounts: AccountStore, database: Database, change_id: str
) -> None:
    box = add_endpoint(accounts, "charlie", Channel.EMAIL, "charlie@reader.example")
    document = add_document(database, platform="borealis")
    first = subscribe(accounts, "charlie", [box], documents=frozenset({document}), cadence=Cadence.WEEKLY)
    with database.transaction() as session:
        row = session.get_one(SubscriptionRow, first)
        row.created_at = START.replace(year=2025)
    subscribe(accounts, "charlie", [box], platforms=frozenset({"acme"}), cadence=Cadence.WEEKLY)
    tell(teller, change_id)
    assert (only(accounts).state, only(accounts).reason) == ("skipped", "plan-platforms")


def test_more_watchers_than_a_page_are_all_told_once(teller: Teller, accounts: AccountStore, change_id: str) -> None:
    hooks = [add_endpoint(accounts, "alice", Channel.WEBHOOK, f"https://alice.example/{n}") for n in range(10)]
    for _ in range(4):
        subscribe(accounts, "alice", hooks)
    tell(teller, change_id)
    assert len(by_address(accounts)) == len(accounts.deliveries()) == 10


def test_a_condition_is_told_once_as_it_begins_and_once_as_it_ends(
    teller: Teller, accounts: AccountStore, database: Database, change_id: str
) -> None:
    box = add_endpoint(accounts, "alice", Channel.EMAIL, "alice@reader.example")
    subscribe(accounts, "alice", [box], platforms=frozenset({"acme"}), minimum_severity="high")
    stranger = add_endpoint(accounts, "alice", Channel.EMAIL, "stranger@reader.example")
    subscribe(accounts, "alice", [stranger], platforms=frozenset({"borealis"}))
    condition = add_condition(database, "doc_acme_1")
    began = ConditionBegan(condition_id=condition, document_id="doc_acme_1", kind="unreachable")
    ended = ConditionEnded(condition_id=condition, document_id="doc_acme_1", kind="unreachable")
    for event, event_id in ((began, "evt_1"), (began, "evt_1"), (ended, "evt_2"), (ended, "evt_3")):
        teller.condition_changed(event, event_id=event_id, correlation_id="cor_1")
    told = sorted((d.address, d.subject, d.state) for d in accounts.deliveries())
    assert told == [
        ("alice@reader.example", f"condition:{condition}:began", "pending"),
        ("alice@reader.example", f"condition:{condition}:ended", "pending"),
    ]


def test_a_condition_that_is_not_in_the_database_is_an_error(teller: Teller, change_id: str) -> None:
    with pytest.raises(NothingToTell):
        teller.condition_changed(
            ConditionBegan(condition_id="con_0", document_id="doc_acme_1", kind="unreachable"),
            event_id="evt_1",
            correlation_id="cor_1",
        )


def _some(chance: Random) -> frozenset[str]:
    return frozenset(chance.sample("abc", chance.choice([0, 0, 1, 2])))


@pytest.mark.parametrize("seed", range(3))
def test_the_database_matches_as_the_rule_does(accounts: AccountStore, database: Database, seed: int) -> None:
    chance = Random(seed)
    watched: dict[str, Subscription] = {}
    for number in range(60):
        endpoint = add_endpoint(accounts, "alice", Channel.WEBHOOK, f"https://alice.example/{number}")
        watched[endpoint] = Subscription(*(_some(chance) for _ in range(6)), minimum_severity=chance.choice(SEVERITIES))
        accounts.subscribe("acc_alice", watched[endpoint], [endpoint], START)
    for number in range(10):
        facts = ChangeFacts(
            platform=chance.choice("abc"),
            document_id=chance.choice("abc"),
            document_type=chance.choice("abc"),
            severity=chance.choice(SEVERITIES),
            direction=chance.choice("abc"),
            categories=_some(chance),
            provision_ids=_some(chance),
        )
        seen: dict[str, bool] = {}

        def decide(watcher: Watcher, _usage: Usage, seen: dict[str, bool] = seen) -> Opening:
            assert watcher.endpoint_id not in seen
            seen[watcher.endpoint_id] = watcher.matches[0].by_provision
            return Opening(Standing(DeliveryState.PENDING, START), Cadence.IMMEDIATE)

        notice = NewNotice(NoticeKind.CHANGE_DETECTED, f"change:{number}", "cor_1")
        store = TellingStore(database, page=7)
        pages = []
        while page := store.tell_page(notice, facts, decide, event_id=f"evt_{number}", now=START):
            pages.append(page)
        assert [page.is_last for page in pages] == [False] * (len(pages) - 1) + [True]
        expected = {e: s.by_provision for e, s in watched.items() if matches(s, facts)}
        assert seen == expected
        assert 0 < len(expected) < 60

"""A downgrade pauses, tells once and deletes nothing; an upgrade brings back what the plan paused, and no more."""

from email import message_from_bytes

import pytest
from sqlmodel import col, select

from shared.clock import ManualClock
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.plan_changes import PlanStore
from shared.db.notifier.subscriptions import SubscriptionStore
from shared.db.session import Database
from shared.db.tables import EndpointRow, NoticeRow, SubscriptionRow
from shared.domain.deliveries import Channel, EndpointState, Reason
from tests.factories.accounts import START, add_document, add_endpoint, subscribe
from tests.factories.posting import BOX, SECRET, Post

ACCOUNT = "acc_alice"


@pytest.fixture
def post(database: Database, clock: ManualClock, change_id: str) -> Post:
    return Post(database, clock)


@pytest.fixture
def plans(database: Database) -> PlanStore:
    return PlanStore(database)


def states(database: Database) -> dict[str, tuple[str, str | None]]:
    with database.reading() as session:
        rows = [*session.exec(select(SubscriptionRow)), *session.exec(select(EndpointRow))]
        return {row.id: (row.state, row.reason) for row in rows}


def told(database: Database) -> list[dict[str, object]]:
    with database.reading() as session:
        rows = session.exec(select(NoticeRow).where(col(NoticeRow.kind) == "account.plan"))
        return [row.data for row in rows]


def test_down_to_free_and_back_again(post: Post, plans: PlanStore, database: Database, accounts: AccountStore) -> None:
    document = add_document(database, platform="borealis")
    hook = add_endpoint(accounts, "alice", Channel.WEBHOOK, "https://alice.example/1", secret=BOX.seal(SECRET))
    box = add_endpoint(accounts, "alice", Channel.EMAIL, "alice@reader.example")
    acme = subscribe(accounts, "alice", [hook, box], platforms=frozenset({"acme"}))
    borealis = subscribe(accounts, "alice", [box], documents=frozenset({document}))
    inside = subscribe(accounts, "alice", [box], platforms=frozenset({"acme"}), categories=frozenset({"privacy"}))
    by_hand = subscribe(accounts, "alice", [box], platforms=frozenset({"acme"}))
    SubscriptionStore(database).set_state(ACCOUNT, by_hand, "paused")

    down = plans.change(ACCOUNT, "free", START)
    assert down is not None
    platforms, provisions, endpoints = Reason.PLAN_PLATFORMS, Reason.PLAN_PROVISIONS, Reason.PLAN_ENDPOINTS
    assert down.paused == {borealis: platforms, inside: provisions, hook: endpoints}
    paused = {borealis: ("paused", "plan-platforms"), inside: ("paused", "plan-provisions")}
    kept = {acme: ("active", None), by_hand: ("paused", None), box: ("active", None)}
    assert states(database) == {**paused, **kept, hook: ("paused", "plan-endpoints")}
    counts = {"plan-platforms": 1, "plan-provisions": 1, "plan-endpoints": 1, "plan-cadence": 1}
    assert told(database) == [{"phase": "changed", "plan": "free", "was": "compliance", "counts": counts}]
    post.drain()
    (mail,) = [message_from_bytes(message.body) for message in post.mail.received]
    subject = " ".join(str(mail["Subject"]).split())
    assert subject == "[PLAN] Your plan is now free, which has no room for all that you watch."

    again = plans.change(ACCOUNT, "free", START)
    assert again is not None
    assert (again.paused, again.resumed, len(told(database))) == ({}, (), 1)
    up = plans.change(ACCOUNT, "compliance", START)
    assert up is not None
    assert sorted(up.resumed) == sorted([borealis, inside, hook])
    back = dict.fromkeys((borealis, inside, acme, hook, box), ("active", None))
    assert states(database) == {**back, by_hand: ("paused", None)}
    assert len(told(database)) == 1


def test_what_waited_for_a_paused_endpoint_goes_out_with_the_upgrade(
    post: Post, plans: PlanStore, change_id: str
) -> None:
    post.hook()
    post.tell(change_id)
    plans.change(ACCOUNT, "free", START)
    post.drain()
    assert post.states() == [("held", "endpoint-paused")]
    plans.change(ACCOUNT, "compliance", START)
    post.drain()
    assert post.states() == [("delivered", None)]


def test_what_the_owner_paused_while_the_plan_did_stays_paused(
    post: Post, plans: PlanStore, database: Database, accounts: AccountStore
) -> None:
    hook = post.hook()
    (subscription,) = [row.id for row, _ in accounts.subscriptions(ACCOUNT)]
    plans.change(ACCOUNT, "free", START)
    SubscriptionStore(database).set_state(ACCOUNT, subscription, "paused")
    accounts.set_endpoint_state(hook, EndpointState.PAUSED, START)
    plans.change(ACCOUNT, "compliance", START)
    assert states(database) == {hook: ("paused", None), subscription: ("paused", None)}


def test_a_subscription_is_resumed_only_where_the_plan_has_room(
    plans: PlanStore, database: Database, accounts: AccountStore
) -> None:
    box = add_endpoint(accounts, "alice", Channel.EMAIL, "alice@reader.example")
    first = subscribe(accounts, "alice", [box], platforms=frozenset({"acme"}))
    second = subscribe(accounts, "alice", [box], platforms=frozenset({"borealis"}))
    plans.change(ACCOUNT, "free", START)
    over = next(one for one, (state, _) in states(database).items() if state == "paused" and one.startswith("sub"))
    assert plans.resume(ACCOUNT, over) is Reason.PLAN_PLATFORMS
    assert states(database)[over] == ("paused", "plan-platforms")
    other = first if over == second else second
    SubscriptionStore(database).set_state(ACCOUNT, other, "paused")
    assert plans.resume(ACCOUNT, over) is None
    assert states(database)[over] == ("active", None)


def test_a_change_that_fails_half_way_leaves_everything(
    post: Post, plans: PlanStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = post.hook()
    before = states(database)

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("shared.db.notifier.plan_changes.tell_owner", dies)
        with pytest.raises(KeyboardInterrupt):
            plans.change(ACCOUNT, "free", START)
    assert states(database) == before
    assert hook in before
    account = post.accounts.account(ACCOUNT)
    assert account is not None
    assert account.plan == "compliance"


def test_an_unknown_account_is_none(plans: PlanStore) -> None:
    assert plans.change("acc_nobody", "free", START) is None

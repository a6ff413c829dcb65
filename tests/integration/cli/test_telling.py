"""`endpoints`, `subscribe`, `deliveries`: who is told, and what became of it."""

import json

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from shared.db.tables import AccountRow, DeliveryRow, EndpointRow
from shared.domain.subscriptions import Cadence, Subscription
from shared.secrets import secret_box
from shared.settings import load_settings
from tests.factories.commands import Commands

HOOK = ("endpoints", "add", "webhook", "https://hooks.example/clausewatch")
MAIL = ("endpoints", "add", "email", "alice@acme.example")


def test_a_webhooks_secret_is_shown_once_and_stored_sealed(commands: Commands, database: Database) -> None:
    first, again = commands.json(*HOOK), commands.json(*HOOK)

    assert first["secret"].startswith("whsec_")
    assert (again["id"], again["secret"]) == (first["id"], None)
    with database.reading() as session:
        sealed = session.get_one(EndpointRow, first["id"]).secret
    assert sealed is not None
    assert secret_box(load_settings(data=commands.data)).open(sealed) == first["secret"]


def test_listing_endpoints_shows_no_secret(commands: Commands) -> None:
    commands(*HOOK)
    commands(*MAIL)

    listed = commands.json("endpoints", "list")

    assert [(one["kind"], one["address"]) for one in listed] == [
        ("webhook", "https://hooks.example/clausewatch"),
        ("email", "alice@acme.example"),
    ]
    assert not any("secret" in name for one in listed for name in one)


def test_a_slack_url_is_stored_sealed_and_shown_masked(commands: Commands, database: Database) -> None:
    url = "https://hooks.slack.com/services/T012/B034/x5Y6z7"
    said = commands("endpoints", "add", "slack", url)
    added = commands.json("endpoints", "add", "slack", url)
    commands("subscribe", "--to", url)
    commands("endpoints", "test", added["id"])
    listed = commands("endpoints", "list") + commands("deliveries", "list", "--json")

    assert added["address"].startswith("https://hooks.slack.com/services/T012/B034/…")
    assert added["secret"] is None
    assert "x5Y6z7" not in said + listed + json.dumps(added)
    with database.reading() as session:
        stored = session.get_one(EndpointRow, added["id"])
    assert (stored.kind, stored.address) == ("slack", added["address"])
    assert secret_box(load_settings(data=commands.data)).open(stored.secret or "") == url


def test_a_subscription_says_what_is_wanted(commands: Commands, database: Database) -> None:
    endpoint = commands.json(*MAIL)["id"]
    watched = ("watch", "add", "https://acme.example/terms", "--platform", "Acme Inc.", "--type", "Terms of Service")
    document = commands.json(*watched)["id"]

    wishes = ("--platform", "Acme Inc.", "--document", "acme-inc/terms", "--type", "Terms of Service")
    rules = ("--category", "dispute.arbitration", "--min-severity", "medium", "--cadence", "daily")
    commands.json("subscribe", "--to", endpoint[:12], "--to", "alice@acme.example", *wishes, *rules)

    [(_, stored)] = AccountStore(database).subscriptions("acc_local")
    assert stored == Subscription(
        platforms=frozenset({"acme-inc"}),
        documents=frozenset({document}),
        document_types=frozenset({"Terms of Service"}),
        categories=frozenset({"dispute.arbitration"}),
        minimum_severity="medium",
        cadence=Cadence.DAILY,
    )


@pytest.mark.parametrize(
    ("wish", "remark"),
    [
        (("--platform", "wechat"), "WeChat is not watched yet: `clausewatch catalogue add WeChat` begins it"),
        (("--type", "privacy policy"), "no document of the type Privacy Policy is watched yet"),
    ],
)
def test_what_will_stay_silent_is_said_in_one_line(commands: Commands, wish: tuple[str, ...], remark: str) -> None:
    commands(*MAIL)

    result = commands.run("subscribe", "--to", "alice@acme.example", *wish)

    assert result.exit_code == 0
    assert remark in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("subscribe", "--to", "ep_", "--platform", "WeChatt"), "did you mean WeChat"),
        (("subscribe", "--to", "ep_", "--platform", "Nonexistent Zzz"), "no platform is called 'Nonexistent Zzz'"),
        (("subscribe", "--to", "ep_", "--type", "Privacy Polici"), "did you mean Privacy Policy"),
        (("subscribe", "--to", "ep_", "--category", "disputes.arbitration"), "there is dispute.arbitration"),
        (("endpoints", "add", "pigeon", "roof"), "'pigeon' is not one of email, webhook, slack"),
        (("endpoints", "add", "email", "nobody"), "'nobody' is no email address"),
        (("endpoints", "add", "webhook", "http://hooks.example/"), "only https is allowed"),
        (("endpoints", "add", "webhook", "https://10.0.0.1/"), "private"),
        (("endpoints", "add", "slack", "https://chat.example/hooks/x"), "a Slack endpoint is at hooks.slack.com"),
        (("endpoints", "test", "ep_nobody"), "'ep_nobody' names no endpoint"),
        (("subscribe", "--to", "ep_nobody"), "'ep_nobody' names no endpoint"),
        (("subscribe",), "'--to'"),
        (("subscribe", "--to", "ep_", "--min-severity", "dire"), "'dire' is not one of editorial, low, medium, high"),
        (("subscribe", "--to", "ep_", "--cadence", "hourly"), "'hourly' is not one of immediate"),
        (("subscribe", "--to", "ep_", "--category", "dispute.duel"), "dispute.arbitration"),
        (("subscribe", "--to", "ep_", "--document", "doc_nobody"), "no document is called 'doc_nobody'"),
        (("deliveries", "retry"), "name DELIVERY ids, or choose by --endpoint"),
        (("deliveries", "retry", "dlv_nobody"), "there is no delivery 'dlv_nobody'"),
        (("deliveries", "list", "--state", "lost"), "'lost' is not one of pending"),
    ],
)
def test_a_refusal_is_one_line(commands: Commands, arguments: tuple[str, ...], words: str) -> None:
    commands(*MAIL)

    assert words in commands.refusal(*arguments)


def test_the_accounts_plan_decides(commands: Commands, database: Database) -> None:
    commands(*MAIL)
    with database.transaction() as session:
        session.execute(update(AccountRow).values(plan="free"))

    assert "0 webhook and Slack endpoints" in commands.refusal(*HOOK)
    assert "name them" in commands.refusal("subscribe", "--to", "alice@acme.example", "--cadence", "weekly")


def test_a_test_message_is_a_delivery_like_any_other(commands: Commands) -> None:
    commands(*HOOK)

    delivery = commands.json("endpoints", "test", "https://hooks.example/clausewatch")["delivery"]

    [listed] = commands.json("deliveries", "list", "--state", "pending")
    assert (listed["id"], listed["notice_kind"]) == (delivery, "endpoint.test")


def test_a_delivery_that_was_given_up_is_sent_again(commands: Commands, database: Database) -> None:
    commands(*HOOK)
    delivery = commands.json("endpoints", "test", "ep_")["delivery"]
    _set_state(database, delivery, "dead")

    assert commands("deliveries", "retry", "--dead") == "1 delivery due now\n"

    with database.reading() as session:
        assert session.scalars(select(col(DeliveryRow.state))).all() == ["pending"]


@pytest.mark.parametrize("state", ["sending", "cancelled"])
def test_a_delivery_on_its_way_or_withdrawn_is_not_sent_again(
    commands: Commands, database: Database, state: str
) -> None:
    commands(*HOOK)
    delivery = commands.json("endpoints", "test", "ep_")["delivery"]
    _set_state(database, delivery, state)

    assert f"that is {state} cannot be" in commands.refusal("deliveries", "retry", delivery)


def _set_state(database: Database, delivery: str, state: str) -> None:
    with database.transaction() as session:
        session.execute(update(DeliveryRow).where(col(DeliveryRow.id) == delivery).values(state=state))

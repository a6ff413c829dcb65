"""Unsubscribing in one click and double opt-in: by our own links alone, and never by a GET."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from services.api.resources import Resources
from services.notifier.worker import letterhead
from shared.clock import ManualClock
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from shared.db.tables import EndpointRow
from shared.links import Links
from shared.secrets import SecretBox
from shared.settings import Settings
from tests.factories.accounts import START
from tests.integration.api.conftest import BASE, Ask

TOMORROW = START + timedelta(days=1)


def state(accounts: AccountStore, owner: str = "alice") -> tuple[str, str | None]:
    [endpoint] = accounts.endpoints(f"acc_{owner}")
    return endpoint.state, endpoint.reason


def unconfirmed(database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(EndpointRow).values(state="unconfirmed"))


def test_one_click_unsubscribes_as_the_mail_says(
    ask: Ask, settings: Settings, resources: Resources, accounts: AccountStore, mailbox: str, strangers: str
) -> None:
    links = letterhead(settings, resources.links.box).links
    assert links is not None
    for _ in range(2):  # mail services click twice
        answer = ask("POST", links.unsubscribe(mailbox), data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert state(accounts) == ("disabled", "unsubscribed")
    assert state(accounts, "bob") == ("active", None)


@pytest.mark.parametrize(
    "options", [{}, {"files": {"List-Unsubscribe": (None, "One-Click")}}, {"content": b"\xff" * 9}]
)
def test_any_body_will_do(
    ask: Ask, resources: Resources, accounts: AccountStore, mailbox: str, options: dict[str, object]
) -> None:
    assert ask("POST", resources.links.unsubscribe(mailbox), **options).status_code == 200
    assert state(accounts) == ("disabled", "unsubscribed")


def test_a_get_shows_a_form_and_changes_nothing(
    ask: Ask, resources: Resources, accounts: AccountStore, mailbox: str
) -> None:
    answer = ask("GET", resources.links.unsubscribe(mailbox))
    assert answer.status_code == 200
    assert '<form method="post">' in answer.text
    assert "alice@reader.example" in answer.text
    assert state(accounts) == ("active", None)


def test_a_link_made_with_a_retired_key_still_unsubscribes(ask: Ask, accounts: AccountStore, mailbox: str) -> None:
    link = Links(BASE, SecretBox(["old" * 12])).unsubscribe(mailbox)
    assert ask("POST", link).status_code == 200
    assert state(accounts) == ("disabled", "unsubscribed")


def test_a_confirmed_address_is_told_once_it_says_so(
    ask: Ask, resources: Resources, accounts: AccountStore, database: Database, mailbox: str
) -> None:
    unconfirmed(database)
    link = resources.links.confirm(mailbox, TOMORROW)
    assert '<form method="post">' in ask("GET", link).text
    assert state(accounts)[0] == "unconfirmed"
    assert [ask("POST", link).status_code for _ in range(2)] == [200, 200]
    assert state(accounts)[0] == "active"


def test_a_confirmation_runs_out(
    ask: Ask, resources: Resources, accounts: AccountStore, database: Database, clock: ManualClock, mailbox: str
) -> None:
    unconfirmed(database)
    link = resources.links.confirm(mailbox, TOMORROW)
    clock.at = TOMORROW
    assert [ask(method, link).status_code for method in ("GET", "POST")] == [404, 404]
    assert state(accounts)[0] == "unconfirmed"


def test_a_confirmation_does_not_undo_an_unsubscription(
    ask: Ask, resources: Resources, accounts: AccountStore, mailbox: str
) -> None:
    ask("POST", resources.links.unsubscribe(mailbox))
    assert ask("POST", resources.links.confirm(mailbox, TOMORROW)).status_code == 404
    assert state(accounts) == ("disabled", "unsubscribed")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_outsider_gets_one_answer_and_changes_nothing(
    ask: Ask, resources: Resources, accounts: AccountStore, mailbox: str, strangers: str, method: str
) -> None:
    links, foreign = resources.links, Links(BASE, SecretBox(["a key of somebody else's"]))
    token = links.unsubscribe(strangers).rpartition("/")[2]
    expires, proof = links.confirm(mailbox, TOMORROW).split("/")[-2:]
    wrong = [
        f"/u/{mailbox}/{token}",
        f"/u/{mailbox}/{'A' * 16}",
        f"/u/{mailbox}/%C3%A9",
        links.unsubscribe("ep_unknown"),
        foreign.unsubscribe(mailbox),
        foreign.confirm(mailbox, TOMORROW),
        f"/confirm/{mailbox}/{int(expires) + 1}/{proof}",
        f"/confirm/{mailbox}/soon/{proof}",
        f"/confirm/{strangers}/{expires}/{proof}",
        links.confirm("ep_unknown", TOMORROW),
        links.unsubscribe(mailbox).replace("/u/", "/confirm/1/"),
    ]
    answers = [ask(method, link) for link in wrong]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, answers[0].text)}
    assert state(accounts) == state(accounts, "bob") == ("active", None)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(ask: Ask, resources: Resources, mailbox: str, method: str) -> None:
    answers: list[httpx.Response] = [
        ask(method, resources.links.unsubscribe(mailbox)),
        ask(method, resources.links.confirm(mailbox, TOMORROW)),
    ]
    assert [answer.status_code for answer in answers] == [405, 405]

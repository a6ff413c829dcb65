"""A reader pauses, narrows and leaves subscriptions of their own address; other addresses keep theirs."""

from pathlib import Path

import pytest

from services.api.resources import Resources
from shared.db.notifier.accounts import AccountStore
from shared.domain.deliveries import Channel
from tests.factories.accounts import add_endpoint, subscribe
from tests.integration.api.conftest import Ask


def told(resources: Resources, endpoint_id: str) -> list[tuple[str, str, list[str]]]:
    return [(row.state, row.min_severity, terms) for row, terms in resources.preferences.subscriptions(endpoint_id)]


@pytest.mark.parametrize(
    ("form", "after"),
    [
        ({"wish": "pause"}, [("paused", "low", ["platform: acme"])]),
        ({"wish": "severity", "severity": "high"}, [("active", "high", ["platform: acme"])]),
        ({"wish": "leave"}, []),
    ],
)
@pytest.mark.parametrize("is_shared", [False, True])
def test_a_wish_changes_this_address_alone(
    ask: Ask,
    resources: Resources,
    accounts: AccountStore,
    mailbox: str,
    form: dict[str, str],
    after: list[tuple[str, str, list[str]]],
    is_shared: bool,
) -> None:
    hook = add_endpoint(accounts, "alice", Channel.WEBHOOK, "https://alice.example/hook")
    mine = subscribe(accounts, "alice", [mailbox, hook] if is_shared else [mailbox], platforms=frozenset({"acme"}))
    link, before = resources.links.preferences(mailbox), told(resources, mailbox)
    assert "platform: acme" in ask("GET", link).text
    assert told(resources, mailbox) == before
    assert ask("POST", link, data={"subscription": mine, **form}).status_code == 200
    assert told(resources, mailbox) == after
    assert told(resources, hook) == (before if is_shared else [])


def test_what_a_reader_paused_can_be_resumed(
    ask: Ask, resources: Resources, accounts: AccountStore, mailbox: str
) -> None:
    data = {"subscription": subscribe(accounts, "alice", [mailbox])}
    link = resources.links.preferences(mailbox)
    assert ask("POST", link, data={**data, "wish": "resume"}).status_code == 404
    assert ">Resume<" in ask("POST", link, data={**data, "wish": "pause"}).text
    assert ">Pause<" in ask("POST", link, data={**data, "wish": "resume"}).text
    assert told(resources, mailbox) == [("active", "low", [])]


def test_an_outsider_changes_nothing(
    ask: Ask, resources: Resources, accounts: AccountStore, mailbox: str, strangers: str
) -> None:
    mine = subscribe(accounts, "alice", [mailbox])
    leave = {"subscription": mine, "wish": "leave"}
    link = resources.links.preferences(mailbox)
    wrong = [
        link.replace(mailbox, strangers),
        resources.links.preferences(strangers),
        resources.links.preferences("ep_unknown"),
        resources.links.unsubscribe(mailbox).replace("/u/", "/p/"),
    ]
    assert [ask("POST", one, data=leave).status_code for one in wrong] == [404] * 4
    assert [ask("GET", one).status_code for one in (wrong[0], *wrong[2:])] == [404] * 3
    assert ask("POST", link, data={**leave, "subscription": "sub_unknown"}).status_code == 404
    assert ask("POST", link, data={**leave, "wish": "own"}).status_code == 422
    assert ask("POST", link, data={**leave, "severity": "'; DROP"}).status_code == 422
    assert ask("POST", link, content=b"x" * 20_000).status_code == 413
    assert ask("PUT", link, data=leave).status_code == 405
    assert told(resources, mailbox) == [("active", "low", [])]


def test_names_are_shown_as_text(ask: Ask, resources: Resources, accounts: AccountStore, tmp_path: Path) -> None:
    box = add_endpoint(accounts, "alice", Channel.EMAIL, '"<script>alert(1)</script>"@reader.example')
    subscribe(accounts, "alice", [box], platforms=frozenset({'"><img src=x onerror=alert(1)>'}))
    page = ask("GET", resources.links.preferences(box)).text
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "<img" not in page

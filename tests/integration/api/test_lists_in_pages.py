"""Every list of REST that has a cursor, walked from page to page: each entry once, also while others are added."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from services.differ.handlers.registering import Registrar
from shared.clock import ManualClock
from shared.db.identity.keys import ApiKeys
from shared.db.identity.members import Members
from shared.db.notifier.accounts import AccountStore
from shared.db.registry.provisions import Provisions
from shared.db.registry.taking_in import RegistryStore
from shared.db.session import Database
from shared.db.tables import EventFailureRow
from shared.domain.deliveries import Channel
from shared.domain.subscriptions import Subscription
from tests.factories.accounts import START, add_endpoint
from tests.factories.judging import Bench
from tests.factories.policies import as_html, policy
from tests.integration.api.conftest import Ask

Add = Callable[[int], Any]
GIVEN = 4
"""How many of each there are before the walk; two of them of the same moment."""


@pytest.fixture
def me(database: Database, accounts: AccountStore) -> dict[str, str]:
    """Headers of an owner who also runs the installation."""
    accounts.ensure_account("acc_alice", "Alice", "compliance", START)
    _, secret = ApiKeys(database).make("acc_alice", "walker", "owner", START, is_operator=True)
    return {"authorization": f"Bearer {secret}"}


@pytest.fixture
def adders(database: Database, accounts: AccountStore, me: dict[str, str]) -> dict[str, Add]:
    """What adds the nth entry of a list, by its path."""
    mailbox = add_endpoint(accounts, "alice", Channel.EMAIL, "alice@reader.example")

    def moment(number: int) -> Any:
        return START + timedelta(seconds=number // 2)

    def given_up(number: int) -> None:
        with database.transaction() as session:
            session.add(
                EventFailureRow(
                    event_id=f"evt_{number}",
                    consumer="differ",
                    attempts=3,
                    last_error="poison",
                    last_at=moment(number),
                    dead_at=moment(number),
                )
            )

    def hook(number: int) -> str:
        return add_endpoint(accounts, "alice", Channel.WEBHOOK, f"https://a.example/{number}", secret="sealed")

    return {
        "/operator/dead-letters": given_up,
        "/keys": lambda number: ApiKeys(database).make("acc_alice", f"key {number}", "member", moment(number)),
        "/members": lambda number: Members(database).add("acc_alice", f"m{number}@a.example", "member", START),
        "/endpoints": hook,
        "/subscriptions": lambda number: accounts.subscribe("acc_alice", Subscription(), [mailbox], moment(number)),
    }


def named(entry: dict[str, Any]) -> str:
    """What an entry of any of the lists is known by."""
    return str(next(entry[name] for name in ("id", "event_id", "provision_id") if name in entry))


def walked(ask: Ask, path: str, me: dict[str, str], limit: int, after_first: Callable[[], Any]) -> list[str]:
    """All entries of a list, page by page; what is done after the first page is done once."""
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for number in count():
        answer = ask("GET", f"/api/v1{path}", headers=me, params={"limit": limit, **cursor})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert 0 < len(page["items"]) <= limit
        seen += [named(one) for one in page["items"]]
        if number == 0:
            after_first()
        if page["next"] is None:
            return seen
        cursor = {"cursor": page["next"]}
    raise AssertionError


@pytest.mark.parametrize("limit", [1, 2])
@pytest.mark.parametrize("path", ["/operator/dead-letters", "/keys", "/members", "/endpoints", "/subscriptions"])
def test_a_list_that_grows_is_walked_whole(
    ask: Ask, me: dict[str, str], adders: dict[str, Add], path: str, limit: int
) -> None:
    for number in range(GIVEN):
        adders[path](number)
    listed = ask("GET", f"/api/v1{path}", headers=me).json()["items"]
    whole = [named(one) for one in listed]
    assert len(whole) >= GIVEN
    seen = walked(ask, path, me, limit, lambda: adders[path](GIVEN + 1))
    assert len(seen) == len(set(seen))
    assert [one for one in seen if one in set(whole)] == whole
    assert ask("GET", f"/api/v1{path}?cursor=made-up", headers=me).json()["type"] == "/problems/invalid"
    assert ask("GET", f"/api/v1{path}?limit=1").status_code == 401


@pytest.mark.parametrize("limit", [1, 2])
def test_lists_that_stand_are_walked_whole(
    ask: Ask, me: dict[str, str], database: Database, tmp_path: Path, clock: ManualClock, limit: int
) -> None:
    bench = Bench(database, tmp_path)
    bench.confirm(as_html(policy(notice="30 days")))
    Registrar(RegistryStore(database), bench.clock).take_in()
    stored = [one.provision_id for one in Provisions(database).of_document(bench.document_id)]
    assert len(stored) > 3
    assert walked(ask, f"/documents/{bench.document_id}/provisions", me, limit, lambda: None) == stored
    for path in ("/regulations", "/categories"):
        whole = [one["id"] for one in ask("GET", f"/api/v1{path}?limit=100").json()["items"]]
        assert len(whole) > 3
        assert walked(ask, path, me, 10 * limit, lambda: None) == whole
        assert ask("GET", f"/api/v1{path}?cursor=made-up").status_code == 422

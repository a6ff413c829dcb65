"""Bodies that are no JSON, or are not sent as JSON: what is wrong, and where."""

import pytest

from shared.clock import ManualClock
from shared.db.identity.keys import ApiKeys
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from tests.integration.api.conftest import Ask

PATH = "/api/v1/subscriptions/preview"
JSON = "application/json"


@pytest.fixture
def key(database: Database, accounts: AccountStore, clock: ManualClock) -> dict[str, str]:
    """Headers of a reader."""
    accounts.ensure_account("acc_reader", "Reader", "compliance", clock.now())
    return {"Authorization": f"Bearer {ApiKeys(database).make('acc_reader', 'test', 'owner', clock.now())[1]}"}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{nope", "at line 1, column 2, the name of a field, in double quotes, should stand here"),
        (b'{\n  "types":\n}', "at line 3, column 1, a value should stand here"),
        (b'{"types" []}', "at line 1, column 10, a colon should stand here"),
        (b'{"types": ["a" "b"]}', "at line 1, column 16, a comma, or the end of the list or object"),
        (b"{} {}", "at line 1, column 4, the JSON ended before this"),
        (b'{"types": ["a]}', "at line 1, column 12, the string that begins here has no closing double quote"),
        (b'{"types": ["\xff"]}', "byte 13 is not UTF-8"),
        (b"[" * 10_000, "more deeply than we read"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(ask: Ask, key: dict[str, str], body: bytes, why: str) -> None:
    answer = ask("POST", PATH, content=body, headers={**key, "Content-Type": JSON})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    [fault] = answer.json()["faults"]
    assert fault["where"] == "body"
    assert why in fault["why"]
    assert answer.json()["detail"] == f"body: {fault['why']}"


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (JSON, 200),
        ("Application/JSON; charset=utf-8", 200),
        ("application/merge-patch+json", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/jsonp", 415),
        (None, 415),
    ],
)
def test_a_body_is_sent_as_json(ask: Ask, key: dict[str, str], content_type: str | None, status: int) -> None:
    sent = {"Content-Type": content_type} if content_type else {}
    answer = ask("POST", PATH, content=b"{}", headers={**key, **sent})
    assert answer.status_code == status
    if status == 415:
        assert answer.json()["type"] == "/problems/unsupported-media-type"
        assert "application/json" in answer.json()["detail"]
        assert answer.headers["accept"] == JSON


def test_no_body_where_one_should_be_is_no_wrong_type(ask: Ask, key: dict[str, str]) -> None:
    answer = ask("POST", PATH, headers=key)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid")

"""What we say to servers."""

import pytest

from services.fetcher.core.asking import Validators, request_headers, user_agent

AGENT = user_agent("1.2", "https://operator.example/bot")
KEPT = Validators('W/"abc"', "Tue, 01 Sep 2026 10:00:00 GMT")


def test_the_agent_names_itself_and_a_contact() -> None:
    assert AGENT == "Clausewatch/1.2 (+https://operator.example/bot)"


@pytest.mark.parametrize(
    ("validators", "confirming", "expected"),
    [
        (None, False, {}),
        (Validators(), False, {}),
        (KEPT, False, {"If-None-Match": 'W/"abc"', "If-Modified-Since": "Tue, 01 Sep 2026 10:00:00 GMT"}),
        (KEPT, True, {}),
        (Validators(etag='"x"'), False, {"If-None-Match": '"x"'}),
        (Validators(last_modified="yesterday, more or less"), False, {"If-Modified-Since": "yesterday, more or less"}),
        (Validators(etag='"\xe9"'), False, {"If-None-Match": '"\xe9"'}),
        (Validators(etag='"x"\r\nX-Injected: 1', last_modified="a\x00b"), False, {}),
        (Validators(etag='"\u20ac"', last_modified=""), False, {}),
    ],
)
def test_conditional_headers(validators: Validators | None, confirming: bool, expected: dict[str, str]) -> None:
    headers = dict(request_headers(AGENT, validators, confirming=confirming))
    assert {name: value for name, value in headers.items() if name.startswith("If-")} == expected
    assert headers["User-Agent"] == AGENT
    assert "text/html" in headers["Accept"]

"""Addresses as they are entered."""

import pytest

from shared.domain.addresses import EgressPolicy
from shared.domain.deliveries import Channel
from shared.domain.endpoint_addresses import UnusableAddress, listed, usable

STRICT = EgressPolicy(allow_http=False, allowed_ports=None)


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        (Channel.EMAIL, "alice@reader.example"),
        (Channel.EMAIL, "alice.o'neil+alerts@mail.reader.example"),
        (Channel.WEBHOOK, "https://alice.example/hook?key=1"),
        (Channel.WEBHOOK, "https://alice.example:9443/hook"),
        (Channel.SLACK, "https://hooks.slack.com/services/T012/B034/x5Y6z7"),
    ],
)
def test_good_addresses_are_taken_and_trimmed(channel: Channel, address: str) -> None:
    assert usable(channel, f" {address}\n", STRICT) == address


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        (Channel.EMAIL, "alice"),
        (Channel.EMAIL, "alice@localhost"),
        (Channel.EMAIL, "a..b@reader.example"),
        (Channel.EMAIL, "alice@reader.example\r\nBcc: eve@evil.example"),
        (Channel.EMAIL, "alice@reader.example, bob@reader.example"),
        (Channel.EMAIL, "Alice <alice@reader.example>"),
        (Channel.EMAIL, "älice@reader.example"),
        (Channel.WEBHOOK, "http://alice.example/hook"),
        (Channel.WEBHOOK, "https://user@alice.example/hook"),
        (Channel.WEBHOOK, "https://127.0.0.1/hook"),
        (Channel.WEBHOOK, "https://localhost/hook"),
        (Channel.WEBHOOK, "https://alice.example/ho ok"),
        (Channel.WEBHOOK, "alice.example"),
        (Channel.WEBHOOK, ""),
        (Channel.SLACK, "https://hooks.slack.example/services/T012/B034/x5Y6z7"),
        (Channel.SLACK, "https://hooks.slack.com.evil.example/services/T012/B034/x5Y6z7"),
        (Channel.SLACK, "http://hooks.slack.com/services/T012/B034/x5Y6z7"),
        (Channel.SLACK, "https://hooks.slack.com/triggers/T012/1/x5Y6z7"),
        (Channel.SLACK, "https://hooks.slack.com/services/T012/B034/x5Y6z7?x=1"),
        (Channel.SLACK, "https://hooks.slack.com:8443/services/T012/B034/x5Y6z7"),
        (Channel.SLACK, "https://eve@hooks.slack.com/services/T012/B034/x5Y6z7"),
    ],
)
def test_bad_addresses_are_refused_with_a_reason(channel: Channel, address: str) -> None:
    with pytest.raises(UnusableAddress) as caught:
        usable(channel, address, STRICT)
    assert len(str(caught.value)) > 10
    assert "x5Y6z7" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hooks.slack.com/services/T012/B034/x5Y6z7", "https://hooks.slack.com/services/T012/B034/…"),
        ("https://Chat.example:8065/hooks/x5Y6z7", "https://chat.example:8065/…"),
        ("https://chat.example/x5Y6z7?key=x5Y6z7", "https://chat.example/…"),
    ],
)
def test_a_slack_url_is_listed_without_what_is_secret_of_it(url: str, shown: str) -> None:
    masked = listed(Channel.SLACK, url)
    assert masked.startswith(shown)
    assert len(masked) == len(shown) + 12
    assert "x5Y6z7" not in masked
    assert listed(Channel.SLACK, url + "8") != masked == listed(Channel.SLACK, url)


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.WEBHOOK])
def test_other_addresses_are_listed_as_they_are(channel: Channel) -> None:
    assert listed(channel, "https://alice.example/hook") == "https://alice.example/hook"


def test_an_operators_own_host_may_have_any_path() -> None:
    url = "https://chat.example/hooks/x5Y6z7"
    assert usable(Channel.SLACK, url, STRICT, ("chat.example",)) == url

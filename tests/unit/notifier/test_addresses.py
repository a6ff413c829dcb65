"""Addresses as they are entered."""

import pytest

from services.notifier.core.addresses import UnusableAddress, usable
from shared.domain.addresses import EgressPolicy
from shared.domain.deliveries import Channel

STRICT = EgressPolicy(allow_http=False, allowed_ports=None)


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        (Channel.EMAIL, "alice@reader.example"),
        (Channel.EMAIL, "alice.o'neil+alerts@mail.reader.example"),
        (Channel.WEBHOOK, "https://alice.example/hook?key=1"),
        (Channel.WEBHOOK, "https://alice.example:9443/hook"),
        (Channel.SLACK, "https://hooks.slack.example/services/T/B/x"),
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
    ],
)
def test_bad_addresses_are_refused_with_a_reason(channel: Channel, address: str) -> None:
    with pytest.raises(UnusableAddress) as caught:
        usable(channel, address, STRICT)
    assert len(str(caught.value)) > 10

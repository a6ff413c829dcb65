"""Which log lines are told, and how."""

from typing import Any

import pytest

from services.cli.embedded.story import story

KNOWN = {"platform": "Acme", "document": "Terms of Service", "level": "info"}


@pytest.mark.parametrize(
    ("record", "word", "text"),
    [
        (
            {
                "event": "change.detected",
                "severity": "high",
                "direction": "worse",
                "headline": "Notice fell.",
                "alert": True,
            },
            "CHANGE",
            "Acme · Terms of Service [high, worse] Notice fell.",
        ),
        (
            {
                "event": "change.detected",
                "severity": "editorial",
                "direction": "neutral",
                "headline": "x",
                "alert": False,
            },
            "CHANGE",
            "Acme · Terms of Service [editorial, neutral] x (kept, told to nobody)",
        ),
        (
            {"event": "version.confirmed", "sequence": 2, "words": 90},
            "version",
            "Acme · Terms of Service: version 2 confirmed, 90 words",
        ),
        (
            {"event": "check.failed", "failure": "dns", "detail": "no such host"},
            "failed",
            "Acme · Terms of Service: dns: no such host",
        ),
        ({"event": "delivery.delivered", "channel": "email", "address": "a@b.example"}, "sent", "email to a@b.example"),
        (
            {"event": "delivery.failed", "channel": "webhook", "address": "https://x", "error": "HTTP 500"},
            "not sent",
            "webhook to https://x: HTTP 500",
        ),
        (
            {"event": "receiver.received", "type": "change.detected", "verified": False, "headline": "x"},
            "received",
            "change.detected (SIGNATURE REFUSED): x",
        ),
        (
            {"event": "disk.full", "level": "error", "process": "fetcher", "error": "28"},
            "error",
            "fetcher: disk.full 28",
        ),
    ],
)
def test_what_is_told(record: dict[str, Any], word: str, text: str) -> None:
    told = story({**KNOWN, **record})
    assert told is not None
    assert (told.word, told.text) == (word, text)


@pytest.mark.parametrize("event", ["check.done", "notice.told", "head.read_anew", "anything"])
def test_what_is_no_news(event: str) -> None:
    assert story({**KNOWN, "event": event, "outcome": "not-modified"}) is None


def test_lines_that_are_no_records_are_not_told() -> None:
    assert story({}) is None

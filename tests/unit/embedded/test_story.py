"""What of the services' log lines is told, and how."""

from typing import Any

import pytest

from services.cli.embedded.story import Story, story

KNOWN = {"level": "info", "platform": "Lumenforge", "document": "Terms of Service"}


@pytest.mark.parametrize(
    ("record", "word", "words"),
    [
        ({"event": "candidate.seen"}, "candidate", "told to nobody until a second look"),
        ({"event": "version.confirmed", "sequence": 2, "words": 900}, "version", "version 2 confirmed, 900 words"),
        ({"event": "flap.recorded"}, "flap", "nobody is told"),
        ({"event": "capture.unusable", "reason": "shell", "why": "12 words"}, "unusable", "shell: 12 words; kept"),
        ({"event": "check.failed", "failure": "dns", "detail": "no such host"}, "failed", "dns: no such host"),
        ({"event": "condition.began", "kind": "unreachable", "detail": "dns"}, "condition", "is unreachable: dns"),
        ({"event": "condition.ended", "kind": "unreachable"}, "condition", "is no longer unreachable"),
    ],
)
def test_a_line_names_the_document_and_what_happened(record: dict[str, Any], word: str, words: str) -> None:
    told = story({**KNOWN, **record})
    assert told is not None
    assert told.word == word
    assert told.text.startswith("Lumenforge · Terms of Service")
    assert words in told.text


@pytest.mark.parametrize(
    ("alert", "end"), [(True, "Arbitration added"), (False, "Arbitration added (kept, told to nobody)")]
)
def test_a_change_is_told_with_its_severity(alert: bool, end: str) -> None:
    record = {"event": "change.detected", "severity": "high", "direction": "worse", "headline": "Arbitration added"}
    told = story({**KNOWN, **record, "alert": alert})
    assert told == Story("CHANGE", f"Lumenforge · Terms of Service [high, worse] {end}", "bold red")


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ({"event": "delivery.delivered"}, "webhook to ep_1"),
        ({"event": "delivery.failed", "error": "refused"}, "webhook to ep_1: refused"),
        ({"event": "delivery.dead", "reason": "gone", "error": None}, "webhook to ep_1: gone"),
        ({"event": "delivery.ambiguous", "outcome": "ambiguous"}, "webhook to ep_1: ambiguous"),
    ],
)
def test_deliveries_name_the_place(record: dict[str, Any], text: str) -> None:
    told = story({"level": "info", "channel": "webhook", "endpoint_id": "ep_1", **record})
    assert told is not None
    assert told.text == text


@pytest.mark.parametrize(("verified", "seal"), [(True, "signature verified"), (False, "SIGNATURE REFUSED")])
def test_the_sample_receiver_says_whether_the_signature_was_right(verified: bool, seal: str) -> None:
    told = story({"event": "receiver.received", "type": "change.detected", "verified": verified, "headline": "New fee"})
    assert told is not None
    assert told.text == f"change.detected ({seal}): New fee"


@pytest.mark.parametrize("event", ["check.done", "notice.told", "head.read_anew", "anything", None])
def test_what_is_no_news_is_not_told(event: str | None) -> None:
    assert story({**KNOWN, "event": event, "outcome": "not-modified"}) is None


def test_lines_that_are_no_records_are_not_told() -> None:
    assert story({}) is None


@pytest.mark.parametrize("level", ["warning", "error", "critical"])
def test_warnings_and_errors_always_are(level: str) -> None:
    told = story({"event": "handler.failed", "level": level, "process": "differ", "error": "disk full"})
    assert told == Story(level, "differ: handler.failed disk full", "red")


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("\x1b]0;title\x07done", "]0;title done"),
        ("one\r\ntwo\u2028three", "one two three"),
        ("\u202ereversed", "reversed"),
        ("a\x9b31mred", "a 31mred"),
        ("Ångström — «ok» 条款", "Ångström — «ok» 条款"),
    ],
    ids=["title", "lines", "bidi", "c1", "letters"],
)
def test_a_site_cannot_command_the_terminal(sent: str, shown: str) -> None:
    told = story({**KNOWN, "event": "check.failed", "failure": "status", "detail": sent})
    assert told is not None
    assert told.text == f"Lumenforge · Terms of Service: status: {shown}"


def test_a_line_has_an_end() -> None:
    told = story({**KNOWN, "event": "check.failed", "failure": "status", "detail": "x" * 100_000})
    assert told is not None
    assert len(told.text) == 500
    assert told.text.endswith("x…")

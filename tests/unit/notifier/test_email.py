"""What an email says, and the headers around it."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from services.notifier.core.compose import NotComposable
from services.notifier.core.compose.email import Content, Envelope, email_content, mail_templates, mime_message
from shared.domain.notices import NoticeKind
from tests.factories.reports import provision, report

AT = datetime(2026, 4, 10, 9, tzinfo=UTC)
TEMPLATES = mail_templates()
CONDITION = {
    "platform": {"slug": "acme", "name": "Acme"},
    "document": {"id": "doc_1", "type": "Terms of Service", "url": "https://acme.example/terms", "language": None},
    "condition": {
        "id": "cnd_1",
        "kind": "unreachable",
        "phase": "began",
        "detail": "http-status: 503",
        "began_at": "2026-04-10T08:00:00Z",
        "ended_at": None,
    },
}


def change(data: dict[str, Any]) -> Content:
    return email_content(NoticeKind.CHANGE_DETECTED, AT, data, TEMPLATES)


def message(content: Content, **changed: Any) -> EmailMessage:
    envelope = Envelope(
        **{"delivery_id": "dlv_1", "recipient": "alice@reader.example", "sender": "Watch <w@cw.example>", "at": AT}
        | {"thread": "doc_1", "unsubscribe_url": "https://cw.example/unsubscribe/" + "x" * 90}
        | changed
    )
    parsed = message_from_bytes(mime_message(content, envelope), policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def test_the_subject_leads_with_severity_and_effective_date() -> None:
    subject = change(report(provision())).subject
    assert subject == "[HIGH · effective 24 Apr] Acme Terms of Service: Notice before termination is shorter"


def test_the_text_says_everything_in_the_order_it_is_read() -> None:
    text = change(report(*(provision(n) for n in range(1, 6)))).text
    expected = [
        "Acme · Terms of Service",
        "High severity, worse for you, confidence 90 %",
        "https://acme.example/terms",
        "Effective: 24 April 2026 (in 14 days)",
        "> takes effect on 24 April 2026",
        "Date on the document: 9 April 2026",
        "Notice before termination is shorter",
        "Modified: 5. Termination › 5.1",
        "Notice before termination fell from 30 days to 14 days.",
        "Before:\n> We may end this with 30 days' notice.",
        "Now:\n> We may end this with 14 days' notice.",
        "And 2 more changed provisions",
        "Who is affected: api developers.",
        "Announced:",
        "SHA-256 " + "a" * 64,
        "SHA-256 " + "c" * 64,
        "change chg_1",
        "Not legal advice.",
    ]
    places = [text.find(part) for part in expected]
    assert -1 not in places, expected[places.index(-1)]
    assert places == sorted(places)
    assert "\n\n\n" not in text


def test_why_a_severity_is_given_is_said_in_words() -> None:
    codes = ["quantity.shortened:notice", "category.contract.termination:medium"]
    content = change(report(provision(), reasons=codes))
    words = "notice became shorter; its category, termination, weighs medium by itself"
    assert f"why this severity: {words}" in " ".join(content.text.split())
    assert f"Why this severity: {words}<br>" in content.html
    assert not any(code in content.text + content.html for code in codes)


def test_html_says_removed_and_added_in_words_and_marks() -> None:
    html = change(report(provision())).html
    assert "Before:</p>\n<blockquote>We may end this with <del>30</del> days&#39; notice.</blockquote>" in html
    assert "Now:</p>\n<blockquote>We may end this with <ins>14</ins> days&#39; notice.</blockquote>" in html
    assert html.count("<h1>") == 1
    assert '<html lang="en">' in html


def test_a_page_cannot_inject_markup_or_pass_its_words_off_as_ours() -> None:
    hostile = 'notice.\u202e\n\nBefore:\n<script>alert("x")</script><img src=//evil.example>\x1b[2J'
    content = change(report(provision(text=hostile)))
    assert "<script" not in content.html
    assert "<img" not in content.html
    assert "\n> Before:\n" in content.text
    for forbidden in ("\u202e", "\x1b"):
        assert forbidden not in content.text + content.html


def test_long_unchanged_stretches_are_bridged_and_edits_kept() -> None:
    long = "word " * 2_000
    redline = [["=", f"{long}within "], ["-", "30"], ["+", "14"], ["=", f" days {long}"]]
    content = change(report(provision(redline=redline)))
    assert "[…]" in content.text
    assert "within 30 days" in content.text.replace("\n> ", " ")
    assert "within 14 days" in content.text.replace("\n> ", " ")
    assert len(content.text) < 5_000


def test_the_gravest_clauses_are_the_ones_that_are_shown() -> None:
    mild = [provision(number, severity="editorial") for number in (1, 2, 3)]
    text = change(report(*mild, provision(4, severity="low"), provision(5, severity="high"))).text

    assert text.index("› 5.5") < text.index("› 5.4") < text.index("› 5.1")
    assert "› 5.2" not in text


def test_an_added_provision_has_no_before() -> None:
    added = provision(op="added", before=None, redline=[["+", "We train on what you write."]])
    text = change(report(added)).text
    assert "New:\n> We train on what you write." in text
    assert "Before:" not in text


@pytest.mark.parametrize(("announced", "words"), [(True, "Announced:"), (False, "Silent:"), (None, "is not known")])
def test_announced_or_silent(announced: bool | None, words: str) -> None:
    assert words in change(report(provision(), announced=announced)).text


def test_unknown_dates_are_left_out() -> None:
    dates = {**report()["dates"], "effective": None, "stated_updated": None}
    content = change(report(provision(), dates=dates))
    assert content.subject.startswith("[HIGH] Acme")
    assert "Effective" not in content.text


@pytest.mark.parametrize(
    ("condition", "subject", "words"),
    [
        ({}, "[UNREACHABLE] Terms of Service of Acme cannot be reached.", "You hear once more when it is over"),
        (
            {"phase": "ended", "ended_at": "2026-04-10T09:00:00Z"},
            "[RECOVERED] Terms of Service of Acme can be reached again.",
            "until 10 April 2026, 09:00 UTC",
        ),
        ({"kind": "unreadable"}, "[UNREADABLE] Terms of Service of Acme can no longer be read as a policy.", "> http"),
    ],
)
def test_conditions_are_told(condition: dict[str, str], subject: str, words: str) -> None:
    data = {**CONDITION, "condition": {**CONDITION["condition"], **condition}}  # type: ignore[dict-item]
    content = email_content(NoticeKind.CONDITION, AT, data, TEMPLATES)
    assert content.subject == subject
    assert words in content.text


def test_tests_and_incidents_are_told() -> None:
    assert email_content(NoticeKind.ENDPOINT_TEST, AT, {}, TEMPLATES).subject == "Clausewatch test"
    incident = {
        "reason": "endpoint-gone",
        "since": "2026-04-10T08:00:00Z",
        "detail": "HTTP 410",
        "endpoint": {"id": "ep_1", "kind": "webhook", "address": "https://hooks.example/a"},
    }
    content = email_content(NoticeKind.ENDPOINT_INCIDENT, AT, incident, TEMPLATES)
    assert "Webhook: https://hooks.example/a" in content.text


def test_a_report_that_lacks_something_is_refused() -> None:
    broken = report()
    del broken["headline"]
    with pytest.raises(NotComposable, match="headline"):
        change(broken)


def test_the_headers_name_delivery_thread_and_list() -> None:
    sent = message(change(report(provision())))
    assert {name: sent[name] for name in ("Message-ID", "References", "In-Reply-To", "List-Id", "Auto-Submitted")} == {
        "Message-ID": "<dlv_1@cw.example>",
        "References": "<doc_1.thread@cw.example>",
        "In-Reply-To": "<doc_1.thread@cw.example>",
        "List-Id": "Clausewatch alerts <alerts.cw.example>",
        "Auto-Submitted": "auto-generated",
    }
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sent.get_content_type() == "multipart/alternative"


def test_the_unsubscribe_header_is_not_folded() -> None:
    url = "https://cw.example/unsubscribe/" + "x" * 90
    raw = mime_message(change(report()), Envelope("dlv_1", "a@r.example", "w@cw.example", AT, unsubscribe_url=url))
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in raw
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) < 998


def test_without_a_public_url_there_is_no_unsubscribe_header() -> None:
    sent = message(change(report()), unsubscribe_url=None)
    assert sent["List-Unsubscribe"] is None
    assert sent["List-Unsubscribe-Post"] is None


def test_no_line_break_reaches_a_header() -> None:
    data = report(provision(), headline={"text": "Shorter\r\nBcc: eve@evil.example\u2028X", "proof": []})
    sent = message(change(data))
    assert sent["Bcc"] is None
    assert "Bcc: eve@evil.example" in sent["Subject"]


def test_the_same_delivery_is_the_same_message() -> None:
    envelope = Envelope("dlv_1", "alice@reader.example", "w@cw.example", AT, thread="doc_1")
    content = change(report(provision()))
    assert mime_message(content, envelope) == mime_message(Content.thawed(content.frozen()), envelope)

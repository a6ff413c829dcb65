"""What a Slack message says, and that nothing in it can be too long for Slack or be acted on by it."""

import html
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.notifier.core.compose import NotComposable
from services.notifier.core.compose.slack import addressed, escaped, slack_message
from shared.domain.notices import NoticeKind
from tests.factories.notices import DOCUMENT, change_line, condition, digest, grouped, incident
from tests.factories.reports import provision, report
from tests.fakes.block_kit import length, problems, texts

AT = datetime(2026, 4, 10, 9, tzinfo=UTC)
LINKS = {name: f"https://cw.example/changes/chg_1/{name}" for name in ("record", "redline", "evidence")}
HOSTILE = "<!channel> <@U012AB3CD> <https://evil.example|Sign in> *loud* _soft_ ~gone~ `code` :tada: & &lt; \u202e"


def message(data: dict[str, Any], kind: NoticeKind = NoticeKind.CHANGE_DETECTED) -> dict[str, Any]:
    """The message as one delivery carries it, after Slack's own rules were held against it."""
    payload: dict[str, Any] = json.loads(addressed(slack_message(kind, AT, data), "dlv_1"))
    assert problems(payload) == []
    return payload


def shown(payload: dict[str, Any]) -> list[str]:
    """Its texts as a reader sees them."""
    return [html.unescape(text) for text in texts(payload["blocks"])]


def test_a_change_is_told_in_the_order_it_is_read() -> None:
    payload = message(report(provision(), links=LINKS))
    assert payload["text"] == "[HIGH · effective 24 Apr] Acme Terms of Service: Notice before termination is shorter"
    assert shown(payload) == [
        "[HIGH · effective 24 Apr] Acme Terms of Service",
        "Notice before termination is shorter",
        "High severity · worse for you · confidence 90 %",
        "Effective: 24 April 2026 (in 14 days)\ntakes effect on 24 April 2026",
        "Date on the document: 9 April 2026\nLast updated 9 April 2026",
        "Modified: 5. Termination › 5.1\nNotice before termination fell from 30 days to 14 days.",
        "Before\nWe may end this with 30 days' notice.",
        "Now\nWe may end this with 14 days' notice.",
        "Who is affected: api developers.",
        "Announced: the date on the document moved with the text.",
        "First seen 10 April 2026, 08:00 UTC.",
        "Describes what the document states. Not legal advice.",
        "Full record",
        "Redline",
        "Evidence",
        "The document",
        "This alert is wrong",
        "Clausewatch dlv_1",
    ]


def test_buttons_lead_to_the_record_and_to_the_document() -> None:
    [actions] = [block for block in message(report(provision(), links=LINKS))["blocks"] if block["type"] == "actions"]
    assert [button["url"] for button in actions["elements"]] == [
        *LINKS.values(),
        "https://acme.example/terms",
        f"{LINKS['record']}/wrong",
    ]


@pytest.mark.parametrize("severities", [["low", "low", "high", "low", "medium"], ["high", "medium", "low", "low"]])
def test_three_clauses_are_shown_the_gravest_first_and_the_rest_counted(severities: list[str]) -> None:
    provisions = [provision(n, severity=severity) for n, severity in enumerate(severities)]
    said = shown(message(report(*provisions, omitted={"provisions": 2})))
    headings = [text for text in said if text.startswith("Modified")]
    gravest = sorted(range(len(severities)), key=lambda n: ("high", "medium", "low").index(severities[n]))[:3]
    assert [heading.split("\n")[0] for heading in headings] == [f"Modified: 5. Termination › 5.{n}" for n in gravest]
    assert f"And {len(severities) - 3 + 2} more changed provisions." in said


@pytest.mark.parametrize(
    ("op", "missing", "sides"),
    [
        ("added", "before", ["New\nWe may end this with 14 days' notice."]),
        ("removed", "after", ["Before\nWe may end this with 30 days' notice."]),
    ],
)
def test_a_clause_that_has_one_side_shows_one(op: str, missing: str, sides: list[str]) -> None:
    said = shown(message(report(provision(op=op, **{missing: None}))))
    assert [text for text in said if text.startswith(("Before", "Now", "New"))] == sides


def test_a_correction_shows_how_the_change_reads_now() -> None:
    data = report(provision(), status="corrected", notes=["Corrected: the notice is for trials only", "another"])
    said = shown(message(data, NoticeKind.CHANGE_CORRECTED))
    assert said[0] == "[CORRECTED · HIGH · effective 24 Apr] Acme Terms of Service"
    assert "wrong" in said[1]
    assert said[2] == "Corrected: the notice is for trials only"
    assert "Now\nWe may end this with 14 days' notice." in said


def test_a_retraction_repeats_the_headline_and_no_clause() -> None:
    data = report(provision(), status="retracted", notes=["Retracted: the page was a draft"])
    said = shown(message(data, NoticeKind.CHANGE_RETRACTED))
    assert said[0] == "[RETRACTED] Acme Terms of Service"
    assert {"“Notice before termination is shorter”", "Retracted: the page was a draft"} <= set(said)
    assert not any("30 days" in text for text in said)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ["[UNREACHABLE] Acme", "Terms of Service of Acme cannot be reached.", "What we met: http-status: 503"]),
        (
            {"phase": "ended", "ended_at": "2026-04-10T09:30:00Z"},
            [
                "[RECOVERED] Acme",
                "Terms of Service of Acme can be reached again.",
                "Since 10 April 2026, 08:00 UTC, until 10 April 2026, 09:30 UTC.",
            ],
        ),
        ({"kind": "unstable"}, ["[UNSTABLE] Acme", "Terms of Service of Acme shows a different text at every look."]),
    ],
)
def test_a_condition_says_what_began_or_ended(changed: dict[str, Any], expected: list[str]) -> None:
    said = shown(message(condition(**changed), NoticeKind.CONDITION))
    assert set(expected) <= set(said)
    assert said[-2:] == ["The document", "Clausewatch dlv_1"]


def test_a_digest_tells_a_line_for_each_change_the_gravest_first() -> None:
    changes = [change_line(), change_line("Arbitration added", "Bolt", severity="high")]
    payload = message(digest(*changes, conditions=[condition()], over_quota=1), NoticeKind.DIGEST)
    assert payload["text"].startswith("[HIGH] Weekly digest of 13 April 2026")
    assert shown(payload) == [
        "Weekly digest of 13 April 2026",
        "2 changes (1 high, 1 low), 1 document in trouble or recovered",
        "Bolt · Terms of Service · High severity, worse for you\nArbitration added",
        "Acme · Terms of Service · Low severity, worse for you\nNotice is shorter",
        "Terms of Service of Acme cannot be reached.",
        "1 of these held back: the plan's deliveries of the day were used up.",
        "Clausewatch dlv_1",
    ]


@pytest.mark.parametrize("count", [20, 21, 60, 400])
def test_a_long_digest_counts_what_it_does_not_show(count: int) -> None:
    said = shown(message(digest(*(change_line("&" * 300) for _ in range(count))), NoticeKind.DIGEST))
    assert sum(text.startswith("Acme · ") for text in said) == 20
    assert [text for text in said if text.startswith("And ")] == [f"And {count - 20} more."] * (count > 20)


@pytest.mark.parametrize(
    ("phase", "title", "command"),
    [
        ("failing", "[FAILING] An endpoint cannot be reached.", "clausewatch endpoints test ep_1"),
        (
            "disabled",
            "[DISABLED] An endpoint said that it is gone, and is disabled.",
            "clausewatch endpoints enable ep_1",
        ),
        (
            "recovered",
            "[RECOVERED] An endpoint is reached again.",
            "clausewatch deliveries retry --endpoint ep_1 --failed",
        ),
    ],
)
def test_an_incident_names_the_endpoint_its_last_answer_and_what_to_do(phase: str, title: str, command: str) -> None:
    said = shown(message(incident(phase=phase), NoticeKind.ENDPOINT_INCIDENT))
    assert {title, "Webhook: https://alice.example/hook", "The last answer: HTTP 503", command} <= set(said)


def test_a_test_says_that_it_is_one() -> None:
    assert message({}, NoticeKind.ENDPOINT_TEST)["text"] == "Clausewatch test"


def test_two_deliveries_of_one_notice_differ_in_their_id_alone() -> None:
    said = slack_message(NoticeKind.CHANGE_DETECTED, AT, report(provision()))
    one, other = (json.loads(addressed(said, name))["blocks"] for name in ("dlv_1", "dlv_2"))
    assert (one[:-1], one[-1]["elements"][0]["text"]) == (other[:-1], "Clausewatch dlv_1")
    assert json.loads(said)["blocks"] == one[:-1]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "//acme.example",
        "https://acme.example/a b",
        "https://acme.example/<!channel>",
        "https://acme.example/\nx",
        "https://[acme.example/",
        "https://äcme.example/",
        "https://acme.example/" + "x" * 3_000,
        "",
    ],
)
def test_what_is_no_plain_link_is_no_button(url: str) -> None:
    payload = message(report(provision(), document=DOCUMENT | {"url": url}))
    assert "The document" not in shown(payload)


def test_page_text_can_neither_mention_nor_link_nor_format() -> None:
    hostile = provision(
        path=[HOSTILE],
        redline=[["=", HOSTILE], ["-", HOSTILE], ["+", HOSTILE]],
        sentence={"text": HOSTILE, "proof": []},
    )
    payload = message(report(hostile, headline={"text": HOSTILE, "proof": []}, affected=[HOSTILE]))
    raw = json.dumps(payload)
    assert "<" not in raw
    assert ">" not in raw
    assert "\\u202e" not in raw
    assert any(text.startswith("Before\n<!channel> <@U012AB3CD>") for text in shown(payload))
    assert "&amp;lt;" in raw


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("a & b < c > d", 50, "a &amp; b &lt; c &gt; d"),
        ("&&&&", 20, "&amp;&amp;&amp;&amp;"),
        ("&&&&", 19, "&amp;&amp;&amp;…"),
        ("&&&&", 4, "…"),
        ("😀😀😀", 6, "😀😀😀"),
        ("😀😀😀", 5, "😀😀…"),
        ("one two", 5, "one…"),
        ("a\x00b\x1b[0m\u202ec", 20, "ab[0mc"),
        ("half \ud83d", 20, "half ?"),
        (" \x00\u202e ", 20, ""),
    ],
)
def test_texts_are_cut_between_letters_and_entities(text: str, limit: int, expected: str) -> None:
    assert escaped(text, limit) == expected


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (NoticeKind.CHANGE_DETECTED, {}),
        (NoticeKind.CHANGE_DETECTED, report(provision(severity="dire"))),
        (NoticeKind.CHANGE_RETRACTED, report(headline=None)),
        (NoticeKind.CONDITION, condition(kind="haunted")),
        (NoticeKind.ENDPOINT_INCIDENT, {"endpoint": {}}),
    ],
)
def test_what_lacks_its_data_is_not_composed(kind: NoticeKind, data: dict[str, Any]) -> None:
    with pytest.raises(NotComposable):
        slack_message(kind, AT, data)


def test_texts_of_a_message_are_counted_as_slack_would() -> None:
    assert [length("é"), length("😀")] == [1, 2]


def test_a_grouped_message_shows_the_gravest_clause_of_its_first_changes() -> None:
    mild = change_line("Fees rise", document=DOCUMENT | {"type": "Privacy Policy"}, severity="medium")
    grave = change_line("Notice is shorter", severity="high")
    payload = message(grouped((mild, report(provision())), (grave, report(provision(2)))), NoticeKind.DIGEST)
    assert payload["text"] == "[2 CHANGES · HIGH] Acme: Terms of Service, Privacy Policy"
    clause = "Notice before termination fell from 30 days to 14 days."
    sides = ["Before\nWe may end this with 30 days' notice.", "Now\nWe may end this with 14 days' notice."]
    assert shown(payload) == [
        "More changes of Acme",
        "2 changes (1 high, 1 medium)",
        "Acme · Terms of Service · High severity, worse for you\nNotice is shorter",
        f"Modified: 5. Termination › 5.2\n{clause}",
        *sides,
        "Acme · Privacy Policy · Medium severity, worse for you\nFees rise",
        f"Modified: 5. Termination › 5.1\n{clause}",
        *sides,
        "Clausewatch dlv_1",
    ]

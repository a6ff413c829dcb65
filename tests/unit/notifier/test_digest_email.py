"""What a digest says: everything that fits, the gravest first, by platform; what was left out is counted.

`CLAUSEWATCH_WRITE_GOLDENS=1` writes the files of `tests/golden/digest` anew, to be looked at before they are committed.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifier.core.compose import NotComposable
from services.notifier.core.compose.digest import digest_data
from services.notifier.core.compose.email import Content, email_content, mail_templates
from services.notifier.core.compose.webhook import BODY_LIMIT, webhook_body
from shared.domain.notices import NoticeKind
from shared.domain.subscriptions import SEVERITIES
from tests.factories.notices import grouped
from tests.factories.reports import provision, report

AT = datetime(2026, 4, 13, 8, tzinfo=UTC)
TEMPLATES = mail_templates()
GOLDEN = Path(__file__).parents[2] / "golden" / "digest"
ABOUT = {
    "id": "dig_1",
    "cadence": "weekly",
    "period": {"name": "2026-04-13", "start": "2026-04-06T08:00:00.000Z", "end": "2026-04-13T08:00:00.000Z"},
    "over_quota": 0,
}
CONDITION = {
    "platform": {"slug": "cord", "name": "Cord"},
    "document": {"id": "doc_9", "type": "Privacy Policy", "url": "https://cord.example/privacy"},
    "condition": {
        "id": "cnd_1",
        "kind": "unreachable",
        "phase": "began",
        "detail": "http-status: 503",
        "began_at": "2026-04-10T08:00:00Z",
        "ended_at": None,
    },
}


def line(number: int = 1, *, platform: str = "Acme", severity: str = "high", **changed: Any) -> dict[str, Any]:
    return {
        "type": "change.detected",
        "id": f"chg_{number}",
        "platform": {"slug": platform.lower(), "name": platform},
        "document": {"id": "doc_1", "type": "Terms of Service", "url": f"https://{platform.lower()}.example/terms"},
        "severity": severity,
        "direction": "worse",
        "headline": f"Notice before termination fell to {number} days",
        "detected_at": f"2026-04-10T08:{number % 60:02}:00.000Z",
        **changed,
    }


def written(*changes: dict[str, Any], conditions: tuple[dict[str, Any], ...] = (), **about: Any) -> Content:
    return email_content(NoticeKind.DIGEST, AT, digest_data({**ABOUT, **about}, changes, conditions), TEMPLATES)


REPORT = report(provision(1), provision(2, before=None, op="added", redline=[["+", "A fee is due."]]), provision(3))
REPORT["omitted"] = {"provisions": 2}
SAMPLES: dict[str, Content] = {
    "weekly": written(
        line(1, platform="Borealis", severity="low", direction="neutral"),
        line(2, severity="medium", direction="better"),
        line(3, platform="Borealis", severity="high"),
        line(4, severity="high", type="change.corrected"),
        conditions=(CONDITION,),
    ),
    "over-quota": written(
        *(line(n, severity="medium") for n in range(1, 33)),
        cadence="daily",
        over_quota=3,
        link="https://cw.example/d/1",
    ),
    "grouped": email_content(
        NoticeKind.DIGEST,
        AT,
        grouped(
            (line(1, severity="medium"), report(provision(severity="medium"))),
            (line(2, document={"id": "doc_2", "type": "Privacy Policy", "url": "https://acme.example/p"}), REPORT),
            (line(3, type="change.corrected", severity="low"), None),
        ),
        TEMPLATES,
    ),
    "same-day": written(line(1), line(2, severity="low"), cadence="same-day"),
}


@pytest.mark.parametrize("name", sorted(SAMPLES))
@pytest.mark.parametrize("part", ["subject", "text", "html"])
def test_it_reads_as_it_was_approved(name: str, part: str) -> None:
    file = GOLDEN / f"{name}.{ {'subject': 'subject', 'text': 'txt', 'html': 'html'}[part] }"
    if os.environ.get("CLAUSEWATCH_WRITE_GOLDENS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(getattr(SAMPLES[name], part))
    assert getattr(SAMPLES[name], part) == file.read_text()


def test_the_gravest_platform_and_change_come_first() -> None:
    text = SAMPLES["weekly"].text
    places = [text.index(words) for words in ("Borealis\n===", "to 3 days", "to 1 days", "Acme\n===", "to 4 days")]
    assert places == sorted(places)
    assert text.index("to 4 days") < text.index("to 2 days")


def test_a_page_s_words_cannot_become_markup_or_lines_of_ours() -> None:
    hostile = '<script>alert("x")</script>\u202e\n\nDigest dig_2\r\nBcc: eve@evil.example'
    content = written(line(headline=hostile))
    assert "<script" not in content.html
    assert "\u202e" not in content.text + content.html
    assert "\nDigest dig_2" not in content.text
    assert "\n" not in content.subject


def test_it_needs_no_images_and_keeps_the_reader_s_colours() -> None:
    for content in SAMPLES.values():
        assert "<img" not in content.html
        assert "url(" not in content.html
        assert '<meta name="color-scheme" content="light dark">' in content.html
        assert content.html.count("<h1>") == 1
        assert "\n\n\n" not in content.text


def test_data_that_lacks_something_is_refused() -> None:
    with pytest.raises(NotComposable, match="counts"):
        email_content(NoticeKind.DIGEST, AT, {"digest": ABOUT, "omitted": {}}, TEMPLATES)


LINES = st.lists(
    st.builds(
        line,
        st.integers(1, 10**6),
        platform=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80),
        severity=st.sampled_from(SEVERITIES),
        headline=st.text(st.characters(exclude_categories=["Cs"]), max_size=400),
    ),
    max_size=120,
)


@settings(deadline=None)
@given(LINES, st.integers(0, 40))
def test_whatever_the_week_it_fits_and_everything_is_counted(lines: list[dict[str, Any]], troubled: int) -> None:
    data = digest_data(ABOUT, lines, [CONDITION] * troubled)
    body = webhook_body(NoticeKind.DIGEST, AT, data)
    assert len(body) <= BODY_LIMIT
    assert json.loads(body)["data"] == data
    assert len(data["changes"]) + data["omitted"]["changes"] == sum(data["counts"].values()) == len(lines)
    assert len(data["conditions"]) + data["omitted"]["conditions"] == troubled
    told = [SEVERITIES.index(change["severity"]) for change in data["changes"]]
    assert told == sorted(told, reverse=True)
    assert email_content(NoticeKind.DIGEST, AT, data, TEMPLATES).subject

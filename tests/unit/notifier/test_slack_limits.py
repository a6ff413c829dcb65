"""Whatever a page or an operator wrote: a Slack message is inside every limit, and nothing in it is acted on."""

import html
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifier.core.compose.slack import addressed, escaped, slack_message
from shared.domain.notices import NoticeKind
from tests.factories.notices import change_line, condition, digest, grouped, incident
from tests.factories.reports import provision, report
from tests.fakes.block_kit import length, problems

AT = datetime(2026, 4, 10, 9, tzinfo=UTC)
HOSTILE = "<!channel> <@U012AB3CD> <https://evil.example|Sign in> *loud* _soft_ ~gone~ `code` :tada: & &lt; \u202e"


def printable(text: str) -> str:
    """As the database gives it back: no lone surrogates."""
    return text.encode("utf-8", "replace").decode()


def check(data: dict[str, Any], kind: NoticeKind = NoticeKind.CHANGE_DETECTED) -> None:
    assert problems(json.loads(addressed(slack_message(kind, AT, data), "dlv_" + "x" * 40))) == []


@pytest.mark.parametrize("letter", ["&", "x", "😀"])
def test_what_is_longest_everywhere_still_fits(letter: str) -> None:
    long = letter * 10_000
    quote = {"value": "2026-04-24", "quote": long}
    provisions = [
        provision(path=[long], redline=[["-", long], ["+", long]], sentence={"text": long, "proof": []})
        for _ in range(5)
    ]
    times = report()["dates"] | {"effective": quote, "objection": quote, "stated_updated": quote}
    changed = {"headline": {"text": long, "proof": []}, "platform": {"slug": "acme", "name": long}}
    data = report(*provisions, dates=times, affected=[long] * 9, notes=[long] * 9, **changed)
    for kind in (NoticeKind.CHANGE_DETECTED, NoticeKind.CHANGE_CORRECTED, NoticeKind.CHANGE_RETRACTED):
        check(data, kind)


words = st.one_of(
    st.text(max_size=60),
    st.builds(
        lambda letter, n: letter * n,
        st.sampled_from(["&", "<", "é", "😀", "word ", "\n", "\ud800"]),
        st.integers(0, 4_000),
    ),
    st.just(HOSTILE * 40),
)
SEVERITIES = st.sampled_from(["high", "medium", "low", "editorial"])
side = st.one_of(st.none(), st.builds(lambda text: {"text": text, "path": [], "parts": None}, words))
provisions = st.builds(
    lambda before, after, **fields: provision(before=before, after=after, **fields),
    before=side,
    after=side,
    severity=SEVERITIES,
    path=st.lists(words, max_size=3),
    heading=st.one_of(st.none(), words),
    redline=st.lists(st.tuples(st.sampled_from("=-+"), words), max_size=4),
    sentence=st.one_of(st.none(), st.builds(lambda text: {"text": text, "proof": []}, words)),
)
dates = st.one_of(st.none(), st.builds(lambda quote: {"value": "2026-04-24", "quote": quote}, words))


@settings(deadline=None)
@given(
    changed=st.lists(provisions, max_size=5),
    headline=words,
    platform=words,
    url=words,
    link=words,
    affected=st.lists(words, max_size=4),
    stated=st.tuples(dates, dates, dates),
    kind=st.sampled_from(
        [NoticeKind.CHANGE_DETECTED, NoticeKind.CHANGE_CORRECTED, NoticeKind.CHANGE_RETRACTED],
    ),
)
def test_any_report_stays_inside_every_limit_and_injects_nothing(
    changed: list[dict[str, Any]],
    headline: str,
    platform: str,
    url: str,
    link: str,
    affected: list[str],
    stated: tuple[Any, Any, Any],
    kind: NoticeKind,
) -> None:
    names = ("effective", "objection", "stated_updated")
    data = report(
        *changed,
        headline={"text": headline, "proof": []},
        platform={"slug": "acme", "name": platform},
        document={"id": "doc_1", "type": platform, "url": f"https://{url}", "language": None},
        links={"record": link, "redline": f"https://cw.example/{link}", "evidence": ""},
        affected=affected,
        dates=report()["dates"] | dict(zip(names, stated, strict=True)),
    )
    check(data, kind)


@settings(deadline=None)
@given(headlines=st.lists(words, max_size=40), name=words, conditions=st.integers(0, 60))
def test_any_digest_stays_inside_every_limit(headlines: list[str], name: str, conditions: int) -> None:
    changes = [change_line(printable(headline), printable(name)) for headline in headlines]
    state = condition() | {"platform": {"slug": "acme", "name": printable(name)}}
    check(digest(*changes, conditions=[state] * conditions), NoticeKind.DIGEST)


@settings(deadline=None)
@given(
    told=st.lists(st.tuples(words, st.one_of(st.none(), st.lists(provisions, max_size=5))), min_size=1, max_size=14),
    name=words,
)
def test_any_grouped_message_stays_inside_every_limit(
    told: list[tuple[str, list[dict[str, Any]] | None]], name: str
) -> None:
    lines = [
        (change_line(printable(headline), printable(name)), None if changed is None else report(*changed))
        for headline, changed in told
    ]
    check(grouped(*lines), NoticeKind.DIGEST)


@pytest.mark.parametrize("letter", ["&", "x", "😀"])
def test_the_longest_grouped_message_still_fits(letter: str) -> None:
    long = letter * 4_000
    text = {"text": long, "proof": []}
    changed = [provision(path=[long], redline=[["-", long], ["+", long]], sentence=text) for _ in range(3)]
    check(grouped(*[(change_line(long, long), report(*changed))] * 14), NoticeKind.DIGEST)


@settings(deadline=None)
@given(detail=words, name=words)
def test_any_condition_and_incident_stays_inside_every_limit(detail: str, name: str) -> None:
    data = condition(detail) | {"platform": {"slug": "acme", "name": name}}
    check(data, NoticeKind.CONDITION)
    check(incident(name, detail), NoticeKind.ENDPOINT_INCIDENT)


@settings(deadline=None)
@given(words, st.integers(1, 400))
def test_an_escaped_text_fits_and_holds_no_control_character_of_slack(text: str, limit: int) -> None:
    written = escaped(text, limit)
    assert length(written) <= limit
    assert not {"<", ">"} & set(written)
    assert html.unescape(written).count("&") >= written.count("&amp;")

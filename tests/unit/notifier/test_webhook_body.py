"""Webhook bodies fit any receiver."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.core.compose import NotComposable
from services.notifier.core.compose.webhook import BODY_LIMIT, webhook_body
from shared.domain.notices import NoticeKind
from shared.domain.report import Report
from tests.factories.reports import provision, report

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((Path(__file__).parents[3] / "docs" / "schemas" / "change.schema.json").read_text("utf-8"))
)
AT = datetime(2026, 4, 10, 8, 1, 2, 345678, tzinfo=UTC)


def body(data: dict[str, Any], kind: NoticeKind = NoticeKind.CHANGE_DETECTED) -> dict[str, Any]:
    encoded = webhook_body(kind, AT, data)
    assert len(encoded) <= BODY_LIMIT
    parsed: dict[str, Any] = json.loads(encoded)
    return parsed


def test_a_short_report_goes_out_whole() -> None:
    data = report(provision())
    assert body(data) == {"type": "change.detected", "timestamp": "2026-04-10T08:01:02.345Z", "data": data}


def test_a_long_report_keeps_the_gravest_provisions_in_their_order() -> None:
    provisions = [provision(n, severity="high" if n in {3, 11} else "low", text="words " * 300) for n in range(1, 13)]
    sent = body(report(*provisions))["data"]
    kept = [p["id"] for p in sent["provisions"]]
    assert {"prv_3", "prv_11"} < set(kept)
    assert kept == sorted(kept, key=lambda name: int(name.removeprefix("prv_")))
    assert sent["omitted"] == {"provisions": 12 - len(kept)}


def test_the_provision_that_proves_the_headline_stays_before_graver_ones() -> None:
    provisions = [provision(n, severity="low" if n == 12 else "high", text="words " * 300) for n in range(1, 13)]
    headline = {"text": "Notice", "proof": [{"provision": "prv_12", "side": "after", "span": [0, 6]}]}
    kept = [p["id"] for p in body(report(*provisions, headline=headline))["data"]["provisions"]]
    assert "prv_12" in kept
    assert len(kept) < 12


def test_a_cut_report_is_a_report_and_links_to_the_whole() -> None:
    record = "https://cw.example/changes/chg_1"
    links = {"record": record, "redline": f"{record}/redline", "evidence": f"{record}/evidence"}
    proof = {"side": "after", "span": [0, 2]}
    sentence = {"text": "Notice is shorter.", "proof": [proof]}
    headline = {"text": "Notice is shorter", "proof": [{"provision": "prv_7", **proof}]}
    provisions = [provision(n, text="words " * 300, sentence=sentence) for n in range(40)]
    whole = report(*provisions, links=links, headline=headline)
    cut = body(whole)["data"]
    assert list(SCHEMA.iter_errors(whole)) == list(SCHEMA.iter_errors(cut)) == []
    assert len(cut["provisions"]) + cut["omitted"]["provisions"] == cut["counts"]["modified"] == 40
    assert cut["links"]["record"] == record
    assert Report.from_json(cut).omitted.provisions == cut["omitted"]["provisions"] > 0


def test_one_provision_too_long_by_itself_is_counted() -> None:
    sent = body(report(provision(1, text="é" * 10_000), provision(2)))["data"]
    assert [p["id"] for p in sent["provisions"]] == ["prv_2"]
    assert sent["omitted"] == {"provisions": 1}


def test_what_was_omitted_before_stays_counted() -> None:
    sent = body(report(provision(1, text="é" * 10_000), omitted={"provisions": 4}))["data"]
    assert sent["omitted"] == {"provisions": 5}


def test_lists_give_way_where_a_report_is_long_without_provisions() -> None:
    sent = body(report(provision(), notes=["note " * 5_000]))["data"]
    assert sent["notes"] == []
    assert sent["provisions"][0]["id"] == "prv_1"


@given(st.lists(st.integers(0, 12_000), max_size=8), st.sampled_from(["x", "é", "\\", "\n", "😀"]))
def test_any_report_fits_and_every_provision_is_there_or_counted(lengths: list[int], letter: str) -> None:
    provisions = [provision(n, text=letter * length) for n, length in enumerate(lengths)]
    sent = body(report(*provisions))["data"]
    assert len(sent["provisions"]) + sent["omitted"]["provisions"] == len(provisions)


@pytest.mark.parametrize(
    "data",
    [
        report(confidence=float("nan")),
        report(headline={"text": "x" * 30_000, "proof": []}),
        report(headline={"text": "\ud800", "proof": []}),
        report(id=object()),
    ],
    ids=["not a number", "too long", "half a character", "no JSON"],
)
def test_what_cannot_be_said_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(NotComposable):
        webhook_body(NoticeKind.CHANGE_DETECTED, AT, data)


def test_other_notices_are_not_cut() -> None:
    with pytest.raises(NotComposable):
        webhook_body(NoticeKind.CONDITION, AT, {"detail": "x" * 30_000})
    assert body({"endpoint_id": "ep_1"}, NoticeKind.ENDPOINT_TEST)["type"] == "endpoint.test"

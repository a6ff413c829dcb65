"""Made-up notices of every kind, for looking at what each channel makes of them. Nobody's words but ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.notifier.core.compose.digest import digest_data
from shared.domain.deliveries import Channel
from shared.domain.notices import NoticeKind

AT = datetime(2026, 4, 10, 9, tzinfo=UTC)
"""When they were made."""

BASE = "https://clausewatch.example"

_TO_OWNERS = frozenset({NoticeKind.ENDPOINT_INCIDENT, NoticeKind.QUOTA, NoticeKind.PLAN})
_DAY = "2026-04-10T08:00:00.000Z"


@dataclass(frozen=True, slots=True)
class Sample:
    """One notice, with the data that its words are made of."""

    name: str
    kind: NoticeKind
    data: Mapping[str, Any]


def channels_of(kind: NoticeKind) -> tuple[Channel, ...]:
    """The channels that a notice of this kind can go to."""
    if kind in {NoticeKind.ENDPOINT_CONFIRMATION, NoticeKind.SIGN_IN}:
        return (Channel.EMAIL,)
    return (Channel.EMAIL, Channel.SLACK) if kind in _TO_OWNERS else (Channel.EMAIL, Channel.SLACK, Channel.WEBHOOK)


def samples() -> tuple[Sample, ...]:
    """At least one for each kind of notice."""
    return (
        Sample("change", NoticeKind.CHANGE_DETECTED, _report()),
        Sample("change-corrected", NoticeKind.CHANGE_CORRECTED, _revised("corrected", "We had called it medium.")),
        Sample("change-retracted", NoticeKind.CHANGE_RETRACTED, _revised("retracted", "The page showed a draft.")),
        Sample("condition-began", NoticeKind.CONDITION, _condition("began")),
        Sample("condition-ended", NoticeKind.CONDITION, _condition("ended")),
        Sample("digest-weekly", NoticeKind.DIGEST, _digest("weekly", "2026-04-10", 4)),
        Sample("digest-cut", NoticeKind.DIGEST, _digest("daily", "2026-04-10", 40)),
        Sample("digest-grouped", NoticeKind.DIGEST, _grouped()),
        Sample("endpoint-failing", NoticeKind.ENDPOINT_INCIDENT, _incident("failing")),
        Sample("endpoint-disabled", NoticeKind.ENDPOINT_INCIDENT, _incident("disabled")),
        Sample("endpoint-recovered", NoticeKind.ENDPOINT_INCIDENT, _incident("recovered")),
        Sample("endpoint-test", NoticeKind.ENDPOINT_TEST, {"endpoint": {"id": "ep_sample", "kind": "email"}}),
        Sample("endpoint-confirmation", NoticeKind.ENDPOINT_CONFIRMATION, {}),
        Sample("sign-in", NoticeKind.SIGN_IN, {}),
        Sample("quota-nearly-used", NoticeKind.QUOTA, _quota("nearly-used", 800)),
        Sample("quota-used-up", NoticeKind.QUOTA, _quota("used-up", 1000)),
        Sample("plan-changed", NoticeKind.PLAN, {"phase": "changed", "plan": "free", "counts": {"plan-endpoints": 2}}),
        Sample("plan-held-back", NoticeKind.PLAN, _held_back()),
    )


def _provision(
    number: int, path: str, redline: list[list[str]], sentence: str, severity: str = "high"
) -> dict[str, Any]:
    sides = {
        side: {"text": "".join(text for sign, text in redline if sign in signs), "path": [path], "parts": None}
        for side, signs in (("before", "=-"), ("after", "=+"))
    }
    is_new = not sides["before"]["text"]
    return {
        "id": f"prv_sample{number}",
        "op": "added" if is_new else "modified",
        "path": [path],
        "heading": path,
        "category": "contract.termination",
        "categories": ["contract.termination"],
        "regulations": [],
        "severity": severity,
        "direction": "worse",
        "confidence": 0.9,
        "reasons": ["quantity.shortened:notice"],
        **sides,
        **({"before": None} if is_new else {}),
        "redline": redline,
        "facts": [],
        "sentence": {"text": sentence, "proof": [{"side": "after", "span": [0, 10]}]},
    }


def _provisions() -> list[dict[str, Any]]:
    notice = [["=", "We may close your account with "], ["-", "30"], ["+", "14"], ["=", " days' notice by email."]]
    court = [["+", "Disputes are settled by an arbitrator in Fenwick, and not by a court."]]
    fee = [["=", "A late payment costs $"], ["-", "5"], ["+", "8"], ["=", "."]]
    letters = [["=", "Write to us "], ["+", "at the office in Fenwick "], ["=", "with any question."]]
    return [
        _provision(1, "5. Termination › 5.2", notice, "Notice before termination fell from 30 days to 14 days."),
        _provision(2, "9. Disputes", court, "New clause on arbitration."),
        _provision(3, "7. Payment", fee, "The charge for a late payment rose from $5 to $8.", "medium"),
        _provision(4, "12. Contact", letters, "The address to write to is named.", "low"),
    ]


def _report(**changed: Any) -> dict[str, Any]:
    record = f"{BASE}/changes/chg_sample1"
    provisions = _provisions()
    none = dict.fromkeys(("removed", "moved", "renumbered", "split", "merged"), 0)
    return {
        "schema": "clausewatch.change/1",
        "pair": None,
        "outcome": "changed",
        "alert": True,
        "id": "chg_sample1",
        "status": "confirmed",
        "sequence": 12,
        "platform": {"slug": "fenwick", "name": "Fenwick Social"},
        "document": {
            "id": "doc_1",
            "type": "Terms of Service",
            "url": "https://fenwick.example/terms",
            "language": "en",
        },
        "dates": {
            "last_seen_old": "2026-04-10T07:40:00Z",
            "first_seen_new": "2026-04-10T08:40:00Z",
            "stated_updated": {"value": "2026-04-09", "quote": "Last updated: 9 April 2026"},
            "effective": {"value": "2026-04-24", "quote": "These terms take effect on 24 April 2026."},
            "objection": None,
        },
        "announced": True,
        "seen_before": None,
        "severity": "high",
        "direction": "worse",
        "confidence": 0.9,
        "reasons": ["quantity.shortened:notice", "arbitration.added"],
        "headline": {
            "text": "Notice before termination fell from 30 days to 14 days.",
            "proof": [{"provision": "prv_sample1", "side": "after", "span": [31, 33]}],
        },
        "affected": ["consumers", "api-developers"],
        "notes": ["The document does not say how the notice is counted."],
        "counts": {**none, "added": 1, "modified": 3},
        "provisions": provisions,
        "omitted": {"provisions": 0},
        "ignored": [],
        "limits": [],
        "unusable": None,
        "evidence": {
            side: {"version": f"ver_{side}", "snapshot_sha256": letter * 64, "text_sha256": letter * 64}
            for side, letter in (("old", "a"), ("new", "c"))
        },
        "links": {"record": record, "redline": f"{record}/redline", "evidence": f"{record}/evidence"},
        "disclaimer": "Describes what the document states. Not legal advice.",
        **changed,
    }


def _revised(status: str, why: str) -> dict[str, Any]:
    return _report(status=status, notes=[why])


def _condition(phase: str) -> dict[str, Any]:
    report = _report()
    return {
        "platform": report["platform"],
        "document": report["document"],
        "condition": {
            "id": "con_sample1",
            "kind": "unreachable",
            "phase": phase,
            "detail": "http-status: 503",
            "began_at": "2026-04-10T08:00:00Z",
            "ended_at": "2026-04-11T08:00:00Z" if phase == "ended" else None,
        },
    }


def _line(number: int) -> dict[str, Any]:
    slug, name = (("fenwick", "Fenwick Social"), ("marlow", "Marlow Pay"))[number % 2]
    return {
        "type": "change.corrected" if number == 2 else "change.detected",
        "id": f"chg_sample{number}",
        "platform": {"slug": slug, "name": name},
        "document": {"id": f"doc_{number}", "type": "Terms of Service", "url": f"https://{slug}.example/terms"},
        "severity": ("high", "low", "medium")[number % 3],
        "direction": ("worse", "better", "neutral")[number % 3],
        "headline": f"The limit fell from 600 requests to {590 - 10 * number} requests.",
        "detected_at": _DAY,
    }


def _about(cadence: str, name: str) -> dict[str, Any]:
    period = {"name": name, "start": "2026-04-03T08:00:00.000Z", "end": _DAY}
    link = f"{BASE}/digests/dig_sample1"
    return {"id": "dig_sample1", "cadence": cadence, "period": period, "over_quota": 1, "link": link}


def _digest(cadence: str, name: str, count: int) -> dict[str, Any]:
    return digest_data(_about(cadence, name), [_line(number) for number in range(count)], [_condition("began")])


def _grouped() -> dict[str, Any]:
    lines = [{**_line(2 * number), "id": f"chg_sample{number}"} for number in range(2)]
    about = {**_about("immediate", f"{_DAY}:fenwick"), "over_quota": 0}
    return digest_data(about, lines, []) | {"reports": {"chg_sample1": _report()}}


def _incident(phase: str) -> dict[str, Any]:
    return {
        "phase": phase,
        "reason": "endpoint-disabled" if phase == "disabled" else None,
        "since": "2026-04-05T08:00:00+00:00",
        "detail": "HTTP 503: busy",
        "endpoint": {"id": "ep_sample", "kind": "webhook", "address": "https://receiver.example/hook"},
    }


def _quota(phase: str, used: int) -> dict[str, Any]:
    return {"phase": phase, "day": "2026-04-10", "used": used, "limit": 1000}


def _held_back() -> dict[str, Any]:
    held = [{"reason": "plan-platforms", "platform": "marlow", "count": 3}]
    return {"phase": "held-back", "plan": "free", "week": "2026-04-06", "held": held}

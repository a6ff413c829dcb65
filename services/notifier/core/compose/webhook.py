"""Webhook bodies: `{"type", "timestamp", "data"}`, small enough for any receiver (Standard Webhooks: under 20 kB)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.notifier.core.compose import NotComposable
from shared.domain.notices import NoticeKind
from shared.domain.subscriptions import SEVERITIES

BODY_LIMIT = 20_000
"""Bytes of UTF-8."""

_DISPENSABLE = ("ignored", "notes", "reasons", "affected")
"""Lists that are emptied, in this order, where a report is too long without any provision."""

_CHANGES = {NoticeKind.CHANGE_DETECTED, NoticeKind.CHANGE_CORRECTED, NoticeKind.CHANGE_RETRACTED}


def webhook_body(kind: NoticeKind, at: datetime, data: Mapping[str, Any]) -> bytes:
    """The bytes to sign and send. Change reports lose provisions until they fit, counted in `omitted`.

    NotComposable where the data is no JSON or is too long whatever is left out.
    """
    try:
        body = _encode(kind, at, data)
        if len(body) <= BODY_LIMIT:
            return body
        if kind in _CHANGES:
            body = _cut(kind, at, data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotComposable(f"the notice cannot be written as JSON: {type(error).__name__}: {error}") from error
    if len(body) > BODY_LIMIT:
        raise NotComposable(f"the body has {len(body)} bytes; {BODY_LIMIT} are allowed")
    return body


def _cut(kind: NoticeKind, at: datetime, report: Mapping[str, Any]) -> bytes:
    """The provisions that prove the headline and the gravest others, as many as fit, in the report's order."""
    provisions = report["provisions"]
    slim = {**report, "provisions": [], "omitted": {**report["omitted"], "provisions": 10**6}}
    for name in _DISPENSABLE:
        if len(_encode(kind, at, slim)) <= BODY_LIMIT:
            break
        slim[name] = []
    room = BODY_LIMIT - len(_encode(kind, at, slim))
    kept = set()
    proving = {proof["provision"] for proof in (report["headline"] or {"proof": ()})["proof"]}
    telling_first = sorted(
        range(len(provisions)), key=lambda i: (provisions[i]["id"] not in proving, -_gravity(provisions[i]), i)
    )
    for index in telling_first:
        needed = len(_json(provisions[index])) + 1
        if needed <= room:
            room -= needed
            kept.add(index)
    omitted = report["omitted"].get("provisions", 0) + len(provisions) - len(kept)
    slim["provisions"] = [provisions[index] for index in sorted(kept)]
    slim["omitted"] = {**report["omitted"], "provisions": omitted}
    return _encode(kind, at, slim)


def _gravity(provision: Mapping[str, Any]) -> int:
    severity = provision.get("severity")
    return SEVERITIES.index(severity) if severity in SEVERITIES else -1


def _encode(kind: NoticeKind, at: datetime, data: Mapping[str, Any]) -> bytes:
    return _json({"type": kind.value, "timestamp": iso(at), "data": data})


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def iso(at: datetime) -> str:
    """UTC, to the millisecond, with a Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

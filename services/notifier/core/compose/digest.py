"""What a digest tells: a line for each change, the gravest first, as many as any receiver takes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from shared.domain.subscriptions import SEVERITIES

LINES_LIMIT = 16_000
"""Bytes of JSON that the lines may take, so that the whole stays under the 20 kB of Standard Webhooks."""

_HEADLINE = 300
_NAME = 200
_URL = 1_000
"""Characters, so few that there is always room for one line."""


def digest_data(
    digest: Mapping[str, Any], changes: Sequence[Mapping[str, Any]], conditions: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The `data` of `digest.ready`.

    `changes` have platform, document, severity, direction, headline and detected_at; `conditions` are the data of
    their notices. Both are cut where they are too many, which `omitted` counts; `counts` are of all.
    """
    ordered = sorted(changes, key=lambda change: change["detected_at"])
    ordered = sorted(ordered, key=lambda change: _gravity(change["severity"]), reverse=True)
    shown, room = _fitting([_short(change) for change in ordered], LINES_LIMIT)
    states, _ = _fitting(conditions, room)
    return {
        "digest": dict(digest),
        "counts": {severity: _count(changes, severity) for severity in reversed(SEVERITIES)},
        "changes": shown,
        "conditions": states,
        "omitted": {"changes": len(changes) - len(shown), "conditions": len(conditions) - len(states)},
    }


def _fitting(lines: Sequence[Mapping[str, Any]], room: int) -> tuple[list[dict[str, Any]], int]:
    """As many of the first lines as there is room for, and the room that is left."""
    kept: list[dict[str, Any]] = []
    for line in lines:
        room -= len(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()) + 1
        if room < 0:
            break
        kept.append(dict(line))
    return kept, max(room, 0)


def _short(change: Mapping[str, Any]) -> dict[str, Any]:
    platform, document = change["platform"], change["document"]
    return {
        **change,
        "platform": {**platform, "name": platform["name"][:_NAME]},
        "document": {**document, "type": document["type"][:_NAME], "url": document["url"][:_URL]},
        "headline": change["headline"][:_HEADLINE],
    }


def _count(changes: Sequence[Mapping[str, Any]], severity: str) -> int:
    return sum(change["severity"] == severity for change in changes)


def _gravity(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else -1

"""A comparison and its circumstances → the change report of DESIGN section 7."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from services.differ.core.blocks import StatedDate
from services.differ.core.comparison import Comparison
from services.differ.core.summarise_headline import headline
from services.differ.core.taxonomy import taxonomy
from shared.domain.report import (
    SEVERITIES,
    Counts,
    Dates,
    Direction,
    DocumentRef,
    Evidence,
    EvidenceSide,
    Ignored,
    Links,
    Omitted,
    Outcome,
    PlatformRef,
    ProvisionChange,
    Report,
    Severity,
    Stated,
    Status,
    Unusable,
)

MAX_PROVISIONS = 1000
"""Provision changes listed at most; the least severe are omitted first, and counted."""

REASONS = 12


def build_report(
    comparison: Comparison | None,
    *,
    pair: str | int | float | bool | None = None,
    outcome: Outcome | None = None,
    alert: bool | None = None,
    id: str | None = None,
    status: Status | None = None,
    sequence: int | None = None,
    platform: PlatformRef | None = None,
    document: DocumentRef | None = None,
    last_seen_old: datetime | None = None,
    first_seen_new: datetime | None = None,
    seen_before: str | None = None,
    unusable: Unusable | None = None,
    evidence: Evidence | None = None,
    links: Links | None = None,
    limits: Sequence[str] = (),
) -> Report:
    """The report. Without a comparison it says only why (`unusable`).

    `outcome` is derived unless given ("reverted" is for the caller to know); `alert` follows from it unless given
    (a further return between the same two versions is reverted without alert). Text hashes missing from `evidence`
    are taken from the versions compared.
    """
    outcome = outcome or ("unusable" if unusable or comparison is None else comparison.outcome)
    changes = comparison.changes if comparison and outcome != "unusable" else ()
    listed = _listed(changes)
    worst = _worst(changes)
    return Report(
        pair=pair,
        outcome=outcome,
        alert=outcome in ("changed", "reverted") if alert is None else alert,
        id=id,
        status=status,
        sequence=sequence,
        platform=platform,
        document=document,
        dates=_dates(comparison, last_seen_old, first_seen_new),
        announced=_announced(comparison) if changes else None,
        seen_before=seen_before,
        severity=worst.severity if worst else None,
        direction=_direction(changes),
        confidence=worst.confidence if worst else None,
        reasons=_reasons(changes, worst),
        headline=headline(changes),
        affected=_affected(changes),
        notes=comparison.notes if comparison and changes else (),
        counts=Counts.model_validate(Counter(change.op for change in changes)),
        provisions=listed,
        omitted=Omitted(provisions=len(changes) - len(listed)),
        ignored=_ignored(comparison),
        limits=tuple(dict.fromkeys([*(comparison.limits if comparison else ()), *limits])),
        unusable=unusable,
        evidence=_evidence(evidence, comparison),
        links=links,
    )


def _rank(severity: Severity) -> int:
    return SEVERITIES.index(severity)


def _substantive(changes: Iterable[ProvisionChange]) -> list[ProvisionChange]:
    return [change for change in changes if change.severity != "editorial"]


def _worst(changes: Sequence[ProvisionChange]) -> ProvisionChange | None:
    """The most severe change, then the one for the worse, then the surest."""
    order = {"worse": 0, "better": 1, "neutral": 2}
    return min(changes, key=lambda c: (_rank(c.severity), order[c.direction], -c.confidence), default=None)


def _listed(changes: Sequence[ProvisionChange]) -> tuple[ProvisionChange, ...]:
    if len(changes) <= MAX_PROVISIONS:
        return tuple(changes)
    by_weight = sorted(range(len(changes)), key=lambda place: (_rank(changes[place].severity), place))
    return tuple(changes[place] for place in sorted(by_weight[:MAX_PROVISIONS]))


def _direction(changes: Sequence[ProvisionChange]) -> Direction | None:
    if not changes:
        return None
    found = {change.direction for change in _substantive(changes)} - {"neutral"}
    if len(found) > 1:
        return "mixed"
    return next(iter(found), "neutral")


def _reasons(changes: Sequence[ProvisionChange], worst: ProvisionChange | None) -> tuple[str, ...]:
    """The rules behind the report's severity: those of the most severe provisions, most severe first."""
    if worst is None:
        return ()
    same = [change for change in changes if change.severity == worst.severity]
    return tuple(dict.fromkeys([*worst.reasons, *(reason for change in same for reason in change.reasons)]))[:REASONS]


def _affected(changes: Sequence[ProvisionChange]) -> tuple[str, ...]:
    named = [taxonomy()[change.category].affected for change in _substantive(changes) if change.category]
    return tuple(dict.fromkeys(person for people in named for person in people))


def _dates(comparison: Comparison | None, last_seen_old: datetime | None, first_seen_new: datetime | None) -> Dates:
    stated = comparison.new.dates if comparison else ()
    return Dates(
        last_seen_old=last_seen_old,
        first_seen_new=first_seen_new,
        stated_updated=_stated(stated, "updated"),
        effective=_stated(stated, "effective"),
        objection=_stated(stated, "objection"),
    )


def _stated(dates: Iterable[StatedDate], role: str) -> Stated | None:
    return next((Stated(value=one.value, quote=one.quote) for one in dates if one.role == role), None)


def _announced(comparison: Comparison | None) -> bool | None:
    """Whether the document's stated dates moved with its text; None where it states none."""
    if comparison is None or not comparison.new.dates:
        return None
    return {(one.role, one.value) for one in comparison.new.dates} != {
        (one.role, one.value) for one in comparison.old.dates
    }


def _ignored(comparison: Comparison | None) -> tuple[Ignored, ...]:
    counts = comparison.new.ignored if comparison else {}
    return tuple(Ignored(rule=rule, count=count) for rule, count in sorted(counts.items()) if count)


def _evidence(evidence: Evidence | None, comparison: Comparison | None) -> Evidence:
    given = evidence or Evidence()
    if comparison is None:
        return given
    return Evidence(
        old=_with_text(given.old, comparison.old.text_sha256), new=_with_text(given.new, comparison.new.text_sha256)
    )


def _with_text(side: EvidenceSide, text_sha256: str | None) -> EvidenceSide:
    return side if side.text_sha256 else side.model_copy(update={"text_sha256": text_sha256})

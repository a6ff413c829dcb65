"""Whether a look at a document confirms a text: candidates, confirmations, flaps, reversions and conditions.

Nobody is told of a text seen once. This module decides from where judging stands and from one more look; it knows
texts only by their SHA-256. See guarantees 6 and 7 of the design, and docs/decisions/0003.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.standing import Candidate, Condition, Standing, UnusableRun


class Outcome(StrEnum):
    """What one snapshot turned out to be."""

    UNUSABLE = "unusable"
    UNCHANGED = "unchanged"
    CANDIDATE = "candidate"
    CONFIRMED = "confirmed"
    FLAP = "flap"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what. All are durations of the document's own time, not of ours."""

    confirm_after: timedelta = timedelta(minutes=10)
    unstable_after: timedelta = timedelta(hours=6)
    unreadable_after: timedelta = timedelta(hours=24)
    unreadable_checks: int = 3
    longest: timedelta = timedelta(hours=6)
    """What the wait for a confirming look grows to while a document stays unstable."""


@dataclass(frozen=True, slots=True)
class Look:
    """One snapshot, read: its text's SHA-256, and whether the text is usable."""

    snapshot_id: str
    at: datetime
    confirming: bool
    text: str
    usable: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What the look means. `confirm_at` is when to look again to be sure; None where nothing is open.

    `confirmed` holds the candidate whose text becomes the next version.
    """

    outcome: Outcome
    standing: Standing
    confirm_at: datetime | None = None
    confirmed: Candidate | None = None
    begins: Condition | None = None
    ends: tuple[Condition, ...] = ()


def decide(standing: Standing, look: Look, patience: Patience) -> Decision:
    """Judge one look, in capture order."""
    return _unusable(standing, look, patience) if not look.usable else _usable(standing, look, patience)


def _unusable(standing: Standing, look: Look, patience: Patience) -> Decision:
    before = standing.unusable
    # A bot check has another text at every look: that there was none to read is what counts, not which.
    run = UnusableRun(look.text, before.since if before else look.at, before.count + 1 if before else 1)
    standing = replace(standing, unusable=run)
    begins = None
    if run.count >= patience.unreadable_checks and look.at - run.since >= patience.unreadable_after:
        begins = Condition.UNREADABLE
    elif _is_unsettled(standing, look.at, patience):
        begins = Condition.UNSTABLE
    is_new = standing.head_text is None and run.count < patience.unreadable_checks
    waiting = standing.candidate is not None or is_new
    within_a_day = patience.unreadable_after / (patience.unreadable_checks - 1)
    again = _wait(standing, look.at, patience) if waiting else within_a_day
    return Decision(Outcome.UNUSABLE, standing, look.at + again, begins=_new(begins, standing))


def _usable(standing: Standing, look: Look, patience: Patience) -> Decision:
    readable = tuple(c for c in (Condition.UNREADABLE,) if c in standing.open_conditions)
    settled = tuple(c for c in (Condition.UNREADABLE, Condition.UNSTABLE) if c in standing.open_conditions)
    candidate = standing.candidate
    if look.text == standing.head_text:
        outcome = Outcome.FLAP if candidate else Outcome.UNCHANGED
        return Decision(outcome, _settled(standing, standing.head_text), ends=settled)
    if candidate is not None and candidate.text == look.text and _is_second_look(candidate, look, patience):
        return Decision(Outcome.CONFIRMED, _settled(standing, look.text), confirmed=candidate, ends=settled)
    if candidate is None or candidate.text != look.text:
        candidate = Candidate(look.text, look.at, look.snapshot_id)
    standing = replace(
        standing, candidate=candidate, unusable=None, unsettled_since=standing.unsettled_since or look.at
    )
    begins = Condition.UNSTABLE if _is_unsettled(standing, look.at, patience) else None
    confirm_at = max(candidate.since + _wait(standing, look.at, patience), look.at)
    return Decision(Outcome.CANDIDATE, standing, confirm_at, begins=_new(begins, standing), ends=readable)


def _is_second_look(candidate: Candidate, look: Look, patience: Patience) -> bool:
    """A confirming check, or any other look that came late enough to count as one."""
    return look.snapshot_id != candidate.snapshot_id and (
        look.confirming or look.at - candidate.since >= patience.confirm_after
    )


def _is_unsettled(standing: Standing, at: datetime, patience: Patience) -> bool:
    return standing.unsettled_since is not None and at - standing.unsettled_since >= patience.unstable_after


def _wait(standing: Standing, at: datetime, patience: Patience) -> timedelta:
    """How long until a confirming look: once a document is unstable, as long again as it has been so."""
    if standing.unsettled_since is None:
        return patience.confirm_after
    unstable_for = at - (standing.unsettled_since + patience.unstable_after)
    return max(patience.confirm_after, min(unstable_for, patience.longest))


def _settled(standing: Standing, head_text: str) -> Standing:
    return replace(standing, head_text=head_text, candidate=None, unsettled_since=None, unusable=None)


def _new(condition: Condition | None, standing: Standing) -> Condition | None:
    return None if condition in standing.open_conditions else condition


@dataclass(frozen=True, slots=True)
class PastChange:
    """A recorded change, as far as returns are concerned: from which text to which, what it was, and when."""

    old_text: str
    new_text: str
    outcome: str
    at: datetime


MEMORY_OF_RETURNS = timedelta(days=30)


def kind_of_change(old_text: str, new_text: str, past: Sequence[PastChange], at: datetime) -> str:
    """`changed` for a text never confirmed before, `reverted` for a return, `alternating` for a further one.

    A return is told once; between the same two texts it is `alternating` for 30 days after it was last seen.
    """
    known = {change.old_text for change in past} | {change.new_text for change in past}
    if new_text not in known:
        return "changed"
    pair = {old_text, new_text}
    returned = any(
        change.outcome in {"reverted", "alternating"}
        and {change.old_text, change.new_text} == pair
        and at - change.at <= MEMORY_OF_RETURNS
        for change in past
    )
    return "alternating" if returned else "reverted"

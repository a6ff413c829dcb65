"""After a failed check: when to look again, when a document counts as unreachable, what our own errors are called."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.captures import FailureKind, FetchFailed

JITTER = 0.2
_GROWTH = 2.0
_LONGEST = timedelta(hours=6)
_BUSY_WAIT = timedelta(seconds=5)

# Asking again soon will not help: somebody has to change something first.
_SLOW_KINDS = frozenset(
    {
        FailureKind.ROBOTS,
        FailureKind.TOO_LARGE,
        FailureKind.UNSUPPORTED_TYPE,
        FailureKind.TOO_MANY_REDIRECTS,
        FailureKind.BLOCKED_ADDRESS,
    }
)
_PASSING_STATUSES = frozenset({408, 425, 429})
_SLOWEST_START = timedelta(hours=1)
_LONGEST_DETAIL = 300


@dataclass(frozen=True, slots=True)
class AfterFailure:
    """`failures` in a row, this one included; `became_unreachable` is true for exactly one failure of a row."""

    retry_at: datetime
    failures: int
    became_unreachable: bool


def after_failure(
    failed: FetchFailed,
    *,
    failures_before: int,
    now: datetime,
    base: timedelta,
    unreachable_after: int,
    chance: float,
) -> AfterFailure:
    """What follows a failed check.

    Waits double from `base`, up to 6 hours, within ±20 % by `chance` in [0, 1); failures that only a person mends begin
    at an hour. Retry-After lengthens a wait, never shortens it. A busy host is no failure of the document.
    """
    if failed.kind is FailureKind.HOST_BUSY:
        wait = timedelta(seconds=failed.retry_after) if failed.retry_after is not None else _BUSY_WAIT
        return AfterFailure(now + wait, failures_before, became_unreachable=False)
    failures = failures_before + 1
    start = max(base, _SLOWEST_START) if _is_slow(failed) else base
    wait = min(start * _GROWTH ** min(failures - 1, 20), max(_LONGEST, start)) * (1 - JITTER + 2 * JITTER * chance)
    if failed.retry_after is not None:
        wait = max(wait, timedelta(seconds=failed.retry_after))
    return AfterFailure(now + wait, failures, became_unreachable=failures == unreachable_after)


def unforeseen(error: Exception) -> FetchFailed:
    """An error that nobody foresaw, as a failed check of kind internal: its class and the first line of its message.

    At most 300 characters, without those that a database or a terminal would refuse; the stack is for the log.
    """
    message = next(iter(str(error).strip().splitlines()), "")
    detail = f"{type(error).__name__}: {message}" if message else type(error).__name__
    shown = "".join(letter if letter.isprintable() else " " for letter in detail[:_LONGEST_DETAIL])
    return FetchFailed(FailureKind.INTERNAL, shown)


def _is_slow(failed: FetchFailed) -> bool:
    if failed.kind is FailureKind.HTTP_STATUS and failed.status is not None:
        return 400 <= failed.status < 500 and failed.status not in _PASSING_STATUSES
    return failed.kind in _SLOW_KINDS

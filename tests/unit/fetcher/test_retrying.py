"""Retry-After, back-off, and the moment a document becomes unreachable."""

from datetime import UTC, datetime, timedelta

import pytest

from services.fetcher.core.retrying import AfterFailure, after_failure, unforeseen
from shared.domain.captures import FailureKind, FetchFailed
from shared.domain.retry_after import RETRY_AFTER_CAP_S, parse_retry_after

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
MIDDLE = 0.5
"""The chance that leaves a wait as it is."""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("999999", RETRY_AFTER_CAP_S),
        ("9" * 400, RETRY_AFTER_CAP_S),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("Tue, 01 Sep 2026 12:01:00 GMT", 60.0),
        ("Tuesday, 01-Sep-26 12:01:00 GMT", 60.0),
        ("Tue Sep  1 12:01:00 2026", 60.0),
        ("Tue, 01 Sep 2026 11:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", RETRY_AFTER_CAP_S),
        ("Tue, 41 Sep 2026 12:01:00 GMT", None),
        ("\x00\xff", None),
    ],
)
def test_retry_after(value: str | None, expected: float | None) -> None:
    assert parse_retry_after(value, NOW) == expected


def wait_s(kind: FailureKind, failures_before: int, chance: float = MIDDLE, **details: float | int) -> float:
    status, retry_after = details.get("status"), details.get("retry_after")
    failed = FetchFailed(kind, "x", status=None if status is None else int(status), retry_after=retry_after)
    return (decide(failed, failures_before, chance).retry_at - NOW).total_seconds()


def decide(failed: FetchFailed, failures_before: int, chance: float = MIDDLE) -> AfterFailure:
    return after_failure(
        failed,
        failures_before=failures_before,
        now=NOW,
        base=timedelta(seconds=30),
        unreachable_after=5,
        chance=chance,
    )


@pytest.mark.parametrize(
    ("failures_before", "chance", "expected"),
    [
        (0, MIDDLE, 30),
        (1, MIDDLE, 60),
        (4, MIDDLE, 480),
        (0, 0.0, 24),
        (0, 1.0, 36),
        (20, MIDDLE, 21_600),
        (10_000, MIDDLE, 21_600),
    ],
)
def test_waits_double_up_to_six_hours(failures_before: int, chance: float, expected: float) -> None:
    assert wait_s(FailureKind.TIMEOUT, failures_before, chance) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        (FailureKind.DNS, None, 30),
        (FailureKind.CONNECT, None, 30),
        (FailureKind.TLS, None, 30),
        (FailureKind.PROTOCOL, None, 30),
        (FailureKind.INTERNAL, None, 30),
        (FailureKind.HTTP_STATUS, 500, 30),
        (FailureKind.HTTP_STATUS, 503, 30),
        (FailureKind.HTTP_STATUS, 429, 30),
        (FailureKind.HTTP_STATUS, 408, 30),
        (FailureKind.HTTP_STATUS, 404, 3600),
        (FailureKind.HTTP_STATUS, 403, 3600),
        (FailureKind.ROBOTS, None, 3600),
        (FailureKind.TOO_LARGE, None, 3600),
        (FailureKind.UNSUPPORTED_TYPE, None, 3600),
        (FailureKind.TOO_MANY_REDIRECTS, None, 3600),
        (FailureKind.BLOCKED_ADDRESS, None, 3600),
    ],
)
def test_what_only_a_person_mends_is_not_asked_for_soon(kind: FailureKind, status: int | None, expected: float) -> None:
    details = {} if status is None else {"status": status}
    assert wait_s(kind, 0, **details) == pytest.approx(expected)


@pytest.mark.parametrize(("retry_after", "expected"), [(5.0, 30), (900.0, 900)])
def test_retry_after_lengthens_a_wait_and_never_shortens_it(retry_after: float, expected: float) -> None:
    assert wait_s(FailureKind.HTTP_STATUS, 0, status=429, retry_after=retry_after) == pytest.approx(expected)


def test_a_document_becomes_unreachable_once_in_a_row() -> None:
    became = [decide(FetchFailed(FailureKind.DNS, "x"), before).became_unreachable for before in range(8)]
    assert became == [False] * 4 + [True] + [False] * 3


def test_a_busy_host_is_no_failure_of_the_document() -> None:
    decision = decide(FetchFailed(FailureKind.HOST_BUSY, "x", retry_after=3.0), 4)
    assert (decision.failures, decision.became_unreachable) == (4, False)
    assert decision.retry_at == NOW + timedelta(seconds=3)


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (KeyError("etag"), "KeyError: 'etag'"),
        (ValueError(), "ValueError"),
        (ValueError("two\nlines"), "ValueError: two"),
        (ValueError("\x00\x1b[2J"), "ValueError:   [2J"),
        (ValueError("x" * 1000), "ValueError: " + "x" * 288),
    ],
)
def test_an_unforeseen_error_is_named_in_one_short_line(error: Exception, detail: str) -> None:
    failed = unforeseen(error)
    assert (failed.kind, failed.detail) == (FailureKind.INTERNAL, detail)

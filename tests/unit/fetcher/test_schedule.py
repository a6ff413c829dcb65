"""How often a document is looked at, and how long its host is left alone."""

from datetime import UTC, datetime, timedelta

import pytest

from services.fetcher.core.politeness import authority_of, needs_no_delay, next_allowed_at
from services.fetcher.core.schedule import next_check_at, next_interval
from shared.domain.addresses import host_of

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed_ago", "watched_for", "expected"),
    [
        (timedelta(0), timedelta(days=400), timedelta(minutes=15)),
        (timedelta(hours=12), timedelta(days=400), timedelta(minutes=15)),
        (timedelta(days=2), timedelta(days=400), timedelta(hours=1)),
        (timedelta(days=12), timedelta(days=400), timedelta(hours=6)),
        (timedelta(days=900), timedelta(days=900), timedelta(hours=6)),
        (timedelta(days=-1), timedelta(days=400), timedelta(minutes=15)),
        (None, timedelta(0), timedelta(minutes=15)),
        (None, timedelta(days=2), timedelta(hours=1)),
    ],
)
def test_the_interval_grows_with_the_age_of_the_text(
    changed_ago: timedelta | None, watched_for: timedelta, expected: timedelta
) -> None:
    interval = next_interval(
        now=NOW,
        last_changed_at=None if changed_ago is None else NOW - changed_ago,
        watched_since=NOW - watched_for,
        shortest=timedelta(minutes=15),
        longest=timedelta(hours=6),
    )
    assert interval == expected


@pytest.mark.parametrize(("chance", "minutes"), [(0.0, 54), (0.5, 60), (1.0, 66)])
def test_checks_spread_by_a_tenth(chance: float, minutes: int) -> None:
    assert next_check_at(NOW, timedelta(hours=1), chance) == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("crawl_delay_s", "retry_after_s", "expected_s"),
    [(None, None, 2), (1, None, 2), (10, None, 10), (10, 60.0, 60), (None, 0.0, 2)],
)
def test_a_host_rests_for_the_longest_of_what_is_asked(
    crawl_delay_s: int | None, retry_after_s: float | None, expected_s: int
) -> None:
    crawl_delay = None if crawl_delay_s is None else timedelta(seconds=crawl_delay_s)
    allowed = next_allowed_at(NOW, delay=timedelta(seconds=2), crawl_delay=crawl_delay, retry_after_s=retry_after_s)
    assert allowed == NOW + timedelta(seconds=expected_s)


@pytest.mark.parametrize(
    ("url", "host", "authority"),
    [
        ("https://Example.com/terms", "example.com", "https://example.com"),
        ("https://example.com./terms", "example.com", "https://example.com"),
        ("https://example.com:443/", "example.com", "https://example.com"),
        ("http://example.com:8080/a", "example.com", "http://example.com:8080"),
        ("http://[2606:4700::1]:8080/a", "2606:4700::1", "http://[2606:4700::1]:8080"),
    ],
)
def test_hosts_and_authorities(url: str, host: str, authority: str) -> None:
    assert (host_of(url), authority_of(url)) == (host, authority)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("sample.localhost", True), ("a.sample.localhost", True), ("xsample.localhost", False), ("localhost", False)],
)
def test_exempt_hosts_are_named(host: str, expected: bool) -> None:
    assert needs_no_delay(host, ["sample.localhost"]) is expected

"""What robots.txt allows."""

from datetime import timedelta

import pytest

from services.fetcher.core.robots import MOST_BYTES, RobotsFile, may_fetch, robots_file, robots_lifetime

RULES = """
User-agent: *
Disallow: /private
Crawl-delay: 5

User-agent: clausewatch
Disallow: /account
Allow: /account/terms
Disallow: /*?draft=
Disallow: /*.bak$
Crawl-delay: 10
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/terms", True),
        ("/private/terms", True),
        ("/account", False),
        ("/account/terms", True),
        ("/terms?draft=1", False),
        ("/terms.bak", False),
        ("/terms.bak.html", True),
        ("/robots.txt", True),
    ],
)
def test_the_rules_for_our_name_hold(path: str, allowed: bool) -> None:
    verdict = may_fetch(RobotsFile(200, RULES), "https://example.com" + path)
    assert verdict.allowed is allowed
    assert verdict.crawl_delay == timedelta(seconds=10)
    assert bool(verdict.why) is not allowed


def test_the_rules_for_all_hold_where_we_are_not_named() -> None:
    rules = RobotsFile(200, RULES.replace("clausewatch", "otherbot"))
    assert not may_fetch(rules, "https://example.com/private").allowed
    assert may_fetch(rules, "https://example.com/account").crawl_delay == timedelta(seconds=5)


@pytest.mark.parametrize(
    ("status", "allowed", "lifetime"),
    [
        (200, True, timedelta(hours=24)),
        (204, True, timedelta(hours=24)),
        (301, True, timedelta(hours=24)),
        (401, True, timedelta(hours=24)),
        (403, True, timedelta(hours=24)),
        (404, True, timedelta(hours=24)),
        (429, False, timedelta(hours=1)),
        (500, False, timedelta(hours=1)),
        (503, False, timedelta(hours=1)),
        (None, False, timedelta(hours=1)),
    ],
)
def test_the_status_decides_where_there_are_no_rules(status: int | None, allowed: bool, lifetime: timedelta) -> None:
    robots = robots_file(status, b"")
    assert may_fetch(robots, "https://example.com/").allowed is allowed
    assert robots_lifetime(robots) == lifetime


@pytest.mark.parametrize("status", [404, 500, None])
def test_the_page_of_an_error_holds_no_rules(status: int | None) -> None:
    assert robots_file(status, b"User-agent: *\nDisallow: /").text is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0.5", timedelta(seconds=0.5)),
        ("0", None),
        ("-1", None),
        ("soon", None),
        ("inf", None),
        ("86400", timedelta(hours=1)),
        ("1e300", timedelta(hours=1)),
    ],
)
def test_crawl_delay(value: str, expected: timedelta | None) -> None:
    text = f"User-agent: *\nDisallow: /x\nCrawl-delay: {value}\n"
    assert may_fetch(RobotsFile(200, text), "https://example.com/").crawl_delay == expected


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe\x00",
        b"<!doctype html><title>Not found</title>",
        b"\xef\xbb\xbfUser-agent: *\nDisallow: /x",
        b"User-agent: *\nDisallow: /" + b"*a" * 20_000,
        b"User-agent: *\n" + b"Disallow: /x\n" * 100_000,
    ],
)
def test_whatever_the_file_holds_an_open_path_stays_open(body: bytes) -> None:
    robots = robots_file(200, body)
    assert robots.text is not None
    assert "\x00" not in robots.text
    assert len(robots.text) <= MOST_BYTES
    assert may_fetch(robots, "https://example.com/terms" + "a" * 3000).allowed


def test_a_byte_order_mark_does_not_hide_the_first_group() -> None:
    robots = robots_file(200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /")
    assert not may_fetch(robots, "https://example.com/terms").allowed

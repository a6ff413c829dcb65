import hashlib

import pytest

from services.fetcher.core.kept_robots import robots_key, to_obey
from services.fetcher.core.parts import refreshed, snapshot_sha256
from services.fetcher.core.robots import RobotsFile


def test_a_snapshot_of_one_part_has_that_parts_hash() -> None:
    assert snapshot_sha256(["ab"]) == "ab"


def test_a_snapshot_of_several_parts_depends_on_their_order() -> None:
    assert snapshot_sha256(["ab", "cd"]) == hashlib.sha256(b"ab\ncd").hexdigest()
    assert snapshot_sha256(["cd", "ab"]) != snapshot_sha256(["ab", "cd"])


def test_a_304_refreshes_stored_headers_but_not_what_describes_the_body() -> None:
    stored = [("content-type", "text/html"), ("content-length", "40"), ("etag", '"1"'), ("x-kept", "yes")]
    answered = [("etag", '"2"'), ("content-length", "0"), ("content-type", "text/plain"), ("date", "today")]

    assert refreshed(stored, answered) == (
        ("content-type", "text/html"),
        ("content-length", "40"),
        ("x-kept", "yes"),
        ("etag", '"2"'),
        ("date", "today"),
    )


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://acme.example/terms", "acme.example"),
        ("http://acme.example/terms", "acme.example"),
        ("https://ACME.example:443/", "acme.example"),
        ("https://acme.example:8443/", "https://acme.example:8443"),
        ("http://[2001:db8::1]/", "[2001:db8::1]"),
    ],
)
def test_robots_txt_is_kept_by_host_and_unusual_port(url: str, key: str) -> None:
    assert robots_key(url) == key


GOOD, NEW, NONE_THERE = RobotsFile(200, "Disallow: /a"), RobotsFile(200, "Disallow: /b"), RobotsFile(404)


@pytest.mark.parametrize(
    ("new", "old", "obeyed"),
    [
        (NEW, GOOD, NEW),
        (NEW, None, NEW),
        (NONE_THERE, GOOD, NONE_THERE),
        (RobotsFile(503), GOOD, GOOD),
        (RobotsFile(429), NONE_THERE, NONE_THERE),
        (RobotsFile(None), GOOD, GOOD),
        (RobotsFile(503), None, RobotsFile(503)),
        (RobotsFile(503), RobotsFile(500), RobotsFile(503)),
    ],
)
def test_an_older_robots_txt_serves_on_where_the_new_cannot_be_had(
    new: RobotsFile, old: RobotsFile | None, obeyed: RobotsFile
) -> None:
    assert to_obey(new, old) == obeyed

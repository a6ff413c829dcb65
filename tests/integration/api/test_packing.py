"""The description and the files of pages come compressed to who takes that, and to nobody else."""

import gzip

import pytest

from tests.integration.api.conftest import Ask


@pytest.fixture
def path(ask: Ask, request: pytest.FixtureRequest) -> str:
    """Where that is read; a page says where its files are."""
    if request.param != "style":
        return str(request.param)
    page = ask("GET", "/methodology").text
    return page.partition('<link rel="stylesheet" href="')[2].partition('"')[0]


@pytest.mark.parametrize("path", ["/api/v1/openapi.json", "style"], indirect=True)
@pytest.mark.parametrize(
    ("takes", "coding"),
    [
        ("gzip, deflate, br", "gzip"),
        ("br;q=1.0, GZIP;q=0.8", "gzip"),
        ("identity", None),
        ("gzip;q=0", None),
        ("x-gzip-not", None),
        ("", None),
    ],
)
def test_who_takes_gzip_gets_it(ask: Ask, path: str, takes: str, coding: str | None) -> None:
    plain = ask("GET", path, headers={"Accept-Encoding": "identity"})
    answer = ask("GET", path, headers={"Accept-Encoding": takes})
    assert (answer.headers.get("content-encoding"), answer.headers["vary"]) == (coding, "Accept-Encoding")
    assert answer.content == plain.content  # httpx unpacks
    assert int(answer.headers["content-length"]) == (
        len(gzip.compress(plain.content, 9, mtime=0)) if coding else len(plain.content)
    )


def test_both_forms_of_the_description_have_tags_of_their_own(ask: Ask) -> None:
    tags = {
        ask("GET", "/api/v1/openapi.json", headers={"Accept-Encoding": takes}).headers["etag"]
        for takes in ("gzip", "identity")
    }
    assert len(tags) == 2
    for takes in ("gzip", "identity"):
        known = {"Accept-Encoding": takes, "If-None-Match": ", ".join(sorted(tags))}
        answer = ask("GET", "/api/v1/openapi.json", headers=known)
        assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize("path", ["/", "/changes", "/api/v1/changes"])
def test_pages_and_lists_come_as_they_are(ask: Ask, path: str) -> None:
    assert "content-encoding" not in ask("GET", path, headers={"Accept-Encoding": "gzip"}).headers

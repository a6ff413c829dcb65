"""What holds for every answer: headers, bounds, health."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.types import Message, Receive, Scope, Send

from services.api.app import make_resources
from services.api.guard import MOST_BYTES, Guard
from services.api.resources import Resources
from shared.clock import ManualClock
from shared.db.session import Database
from shared.settings import Settings
from tests.integration.api.conftest import Ask

STRICT = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-frame-options": "DENY",
}


def test_it_is_healthy(ask: Ask) -> None:
    answer = ask("GET", "/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_it_is_not_where_the_database_does_not_answer(
    settings: Settings, resources: Resources, clock: ManualClock
) -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert resources.is_healthy()
    try:
        assert not make_resources(settings, away, clock).is_healthy()
    finally:
        away.close()


@pytest.mark.parametrize("path", ["/health", "/", "/docs", "/openapi.json", "/u/ep_1/x", "/u/ep_1/x/y"])
def test_every_answer_has_strict_headers(ask: Ask, path: str) -> None:
    answer = ask("GET", path)
    assert {name: answer.headers.get_list(name) for name in STRICT} == {name: [value] for name, value in STRICT.items()}
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.status_code == (200 if path in {"/", "/health"} else 404)


@pytest.mark.parametrize(
    ("method", "path", "status", "says", "way"),
    [
        ("GET", "/made-up", 404, "There is nothing here", "/changes"),
        ("PUT", "/changes", 405, "This address cannot be asked so", "/changes"),
        ("GET", "/u/ep_1/x", 404, "This link does not hold", "/changes"),
        ("GET", "/digests/dig_none", 404, "This link does not hold", "/changes"),
        ("GET", "/sign-in/sgn_none/x", 404, "This link does not hold", "/sign-in"),
        ("POST", "/changes/chg_none/wrong", 404, "This link does not hold", "/changes"),
        ("GET", "/changes/chg_none/redline", 404, "There is no such change", "/changes"),
        ("GET", "/feeds/changes.atom?severity=worst", 422, "There is no such feed", "/feeds"),
    ],
)
def test_a_page_that_refuses_leads_on(ask: Ask, method: str, path: str, status: int, says: str, way: str) -> None:
    answer = ask(method, path)
    assert answer.status_code == status
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    assert f"<h1>{says}</h1>" in main
    assert f'href="{way}"' in main
    assert '<nav aria-label="Main">' in answer.text


def test_there_is_an_icon_where_browsers_look_for_one(ask: Ask) -> None:
    icon = ask("GET", "/favicon.ico")
    assert (icon.status_code, icon.headers["content-type"]) == (200, "image/svg+xml")
    assert b"<svg" in icon.content
    assert "max-age" in icon.headers["cache-control"]


@pytest.mark.parametrize("path", ["/", "/changes", "/feeds/changes.atom", "/api/v1/changes", "/health", "/made-up"])
def test_head_is_answered_as_get_without_the_content(ask: Ask, path: str) -> None:
    whole, head = ask("GET", path), ask("HEAD", path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    for name in ("content-length", "content-type", "etag", "cache-control"):
        assert head.headers.get(name) == whole.headers.get(name), name


def test_a_body_over_the_limit_is_refused(ask: Ask, resources: Resources, mailbox: str) -> None:
    link = resources.links.unsubscribe(mailbox)

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * (MOST_BYTES // 2)

    bodies: list[object] = [b"x" * (MOST_BYTES + 1), chunks()]
    refused = [ask("POST", link, content=body) for body in bodies]
    refused.append(ask("POST", link, content=b"", headers={"content-length": "9" * 30}))
    assert [answer.status_code for answer in refused] == [413, 413, 413]
    assert all(answer.headers["cache-control"] == "no-store" for answer in refused)
    assert refused[0].text == "A request may have 16,384 bytes: go back and shorten what is sent.\n"
    told = ask("POST", "/api/v1/documents", content=b"x" * (MOST_BYTES + 1))
    assert (told.status_code, told.headers["content-type"]) == (413, "application/problem+json")
    assert told.json()["type"] == "/problems/too-large"
    assert resources.receivers.endpoint(mailbox).state == "active"  # type: ignore[union-attr]
    assert ask("POST", link, content=b"x" * MOST_BYTES).status_code == 200


@pytest.mark.parametrize("begun", [[], [b"said=All of it is wr"]])
def test_a_body_that_ends_half_way_reaches_nobody(begun: list[bytes]) -> None:
    answered: list[Message] = []

    async def reached(_scope: Scope, _receive: Receive, _send: Send) -> None:
        pytest.fail("half a request was acted upon")

    async def main(said: Iterator[Message]) -> None:
        async def receive() -> Message:
            return next(said)

        async def send(message: Message) -> None:
            answered.append(message)

        scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-length", b"100")]}
        await Guard(reached)(scope, receive, send)

    pieces: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in begun]
    asyncio.run(main(iter([*pieces, {"type": "http.disconnect"}])))
    assert answered == []

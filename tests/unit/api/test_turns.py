"""Requests take turns: in order, until the answer is ready, and not for long."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.types import Message, Receive, Scope, Send

from services.api import turns
from services.api.turns import Turns

Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Watched:
    """An application whose requests begin to answer, and end, when a test lets them."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.answers = {path: asyncio.Event() for path in "abc"}
        self.ends = {path: asyncio.Event() for path in "abc"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        self.begun.append(path)
        await self.answers[path].wait()
        await send({"type": "http.response.start"})
        await self.ends[path].wait()


class Nothing:
    """What is held for a turn, where nothing is."""

    def end(self) -> None:
        pass


async def _nothing(message: Message) -> None:
    pass


async def _never() -> Message:
    raise AssertionError("no body is asked for")


async def _begin(app: Application, *paths: str) -> list[asyncio.Task[None]]:
    async def one(path: str) -> None:
        await app({"type": "http", "path": path}, _never, _nothing)

    tasks = [asyncio.create_task(one(path)) for path in paths]
    await _settle()
    return tasks


async def _settle() -> None:
    """Until all that can go on has gone on: each step of these tasks takes one round of the loop."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONG_S", 3600.0)


def test_the_next_begins_when_an_answer_is_ready_and_in_order() -> None:
    async def main() -> None:
        watched = Watched()
        tasks = await _begin(Turns(watched, 1, Nothing), "a", "b", "c")
        assert watched.begun == ["a"]
        watched.answers["a"].set()
        await _settle()
        assert watched.begun == ["a", "b"]  # though nobody has read all of a's answer
        watched.answers["b"].set()
        await _settle()
        assert watched.begun == ["a", "b", "c"]
        for event in (*watched.answers.values(), *watched.ends.values()):
            event.set()
        await asyncio.gather(*tasks)

    asyncio.run(main())


def test_so_many_work_at_once_as_are_told() -> None:
    async def main() -> None:
        watched = Watched()
        tasks = await _begin(Turns(watched, 2, Nothing), "a", "b", "c")
        assert watched.begun == ["a", "b"]
        for event in (*watched.answers.values(), *watched.ends.values()):
            event.set()
        await asyncio.gather(*tasks)
        assert watched.begun == ["a", "b", "c"]

    asyncio.run(main())


def test_nobody_waits_behind_one_that_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONG_S", 0.01)

    async def main() -> None:
        watched = Watched()
        tasks = await _begin(Turns(watched, 1, Nothing), "a", "b")
        assert watched.begun == ["a"]
        watched.answers["b"].set()
        watched.ends["b"].set()
        await asyncio.wait_for(tasks[1], 10)  # a has not answered
        assert not tasks[0].done()
        watched.answers["a"].set()
        watched.ends["a"].set()
        await tasks[0]

    asyncio.run(main())


@pytest.mark.parametrize("how", ["fails", "is cancelled"])
def test_a_turn_is_given_up_however_it_ends(how: str) -> None:
    async def main() -> None:
        watched = Watched()

        async def failing(scope: Scope, receive: Receive, send: Send) -> None:
            await watched(scope, receive, send)
            if scope["path"] == "a":
                raise ZeroDivisionError

        tasks = await _begin(Turns(failing, 1, Nothing), "a", "b", "c")
        if how == "fails":
            watched.answers["a"].set()
            watched.ends["a"].set()
        else:
            tasks[0].cancel()
        await _settle()
        assert watched.begun == ["a", "b"]  # one turn, not two
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(main())


def test_one_who_leaves_the_queue_takes_no_turn() -> None:
    async def main() -> None:
        watched = Watched()
        tasks = await _begin(Turns(watched, 1, Nothing), "a", "b", "c")
        tasks[1].cancel()
        watched.answers["a"].set()
        await _settle()
        assert watched.begun == ["a", "c"]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(main())


def test_what_is_held_for_a_turn_is_given_up_with_it() -> None:
    said: list[str] = []

    class Held:
        def __init__(self) -> None:
            said.append("held")

        def end(self) -> None:
            said.append("given up")

    async def main() -> None:
        watched = Watched()
        tasks = await _begin(Turns(watched, 1, Held), "a", "b")
        assert said == ["held"]
        watched.answers["a"].set()
        await _settle()
        assert said == ["held", "given up", "held"]
        for event in (*watched.answers.values(), *watched.ends.values()):
            event.set()
        await asyncio.gather(*tasks)
        assert said == ["held", "given up", "held", "given up"]

    asyncio.run(main())

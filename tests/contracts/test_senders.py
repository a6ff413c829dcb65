"""Every way out keeps the same promises, the fake included."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from services.notifier.core.messages import SendFailed
from tests.contracts.senders import CONTENT, WAYS, Harness, way

Check = Callable[[Harness], Awaitable[None]]


@pytest.fixture(params=sorted(WAYS))
def against(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Check], None]:
    """Runs a check before the harness of each way out."""

    def run(check: Check) -> None:
        async def main() -> None:
            async with asyncio.timeout(20), way(request.param, tmp_path) as harness:
                await check(harness)

        asyncio.run(main())

    return run


def test_what_is_accepted_has_arrived_word_for_word(against: Callable[[Check], None]) -> None:
    async def check(harness: Harness) -> None:
        await harness.sender.send(harness.message())
        assert (harness.taken, harness.texts) == (["dlv_1"], [CONTENT.text])

    against(check)


def test_a_repeat_carries_the_same_id(against: Callable[[Check], None]) -> None:
    async def check(harness: Harness) -> None:
        for _ in range(2):
            await harness.sender.send(harness.message())
        assert harness.taken == ["dlv_1", "dlv_1"]

    against(check)


def test_many_at_once_all_arrive(against: Callable[[Check], None]) -> None:
    async def check(harness: Harness) -> None:
        await asyncio.gather(*(harness.sender.send(harness.message(f"dlv_{n}")) for n in range(8)))
        assert sorted(harness.taken) == [f"dlv_{n}" for n in range(8)]

    against(check)


def test_a_refusal_for_now_is_not_permanent_and_certain(against: Callable[[Check], None]) -> None:
    async def check(harness: Harness) -> None:
        harness.refusal = "busy"
        with pytest.raises(SendFailed) as caught:
            await harness.sender.send(harness.message())
        assert (caught.value.permanent, caught.value.ambiguous, harness.taken) == (False, False, [])
        harness.refusal = None
        await harness.sender.send(harness.message())
        assert harness.taken == ["dlv_1"]

    against(check)


def test_a_refusal_for_good_ends_it(against: Callable[[Check], None]) -> None:
    async def check(harness: Harness) -> None:
        harness.refusal = "never"
        with pytest.raises(SendFailed) as caught:
            await harness.sender.send(harness.message())
        ends = caught.value.permanent or caught.value.kind == "gone"
        assert ends is harness.can_refuse_for_good
        assert not caught.value.ambiguous

    against(check)

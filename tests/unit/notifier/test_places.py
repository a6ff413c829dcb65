"""How many are sent to at once, and how few of those that fail already."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from services.notifier.handlers.places import Limits, Places
from shared.db.notifier.records import Claim, Notice
from shared.domain.deliveries import Channel
from shared.domain.notices import NoticeKind

AT = datetime(2026, 3, 1, tzinfo=UTC)


def claim(endpoint: str, *, fails: bool = False) -> Claim:
    return Claim(
        delivery_id="dlv_1",
        token="t",
        lease_until=AT + timedelta(minutes=2),
        notice=Notice("ntc_1", NoticeKind.CHANGE_DETECTED, "change:chg_1", "doc_1", {}, "cor_1", AT),
        endpoint_id=endpoint,
        channel=Channel.WEBHOOK,
        address="https://reader.example/hook",
        secrets=(),
        failing_since=AT if fails else None,
        attempts=0,
        ambiguous_before=False,
        body_sha256=None,
    )


def test_those_that_fail_leave_room_for_the_others() -> None:
    async def main() -> None:
        places = Places(Limits(in_flight=4, failing=2))
        async with AsyncExitStack() as held:
            for number in range(2):
                await held.enter_async_context(places.of(claim(f"ep_{number}", fails=True)))
            third = asyncio.create_task(held.enter_async_context(places.of(claim("ep_2", fails=True))))
            for number in range(2):
                await asyncio.wait_for(held.enter_async_context(places.of(claim(f"ep_well_{number}"))), 5)
            assert not third.done()
            third.cancel()

    asyncio.run(main())


def test_one_that_fails_is_busy_with_a_single_delivery_until_that_is_given_back() -> None:
    async def main() -> None:
        places = Places(Limits(per_endpoint=8))
        failing, well = claim("ep_failing", fails=True), claim("ep_well")
        places.take(failing)
        places.take(well)
        assert places.busy() == ["ep_failing"]
        places.give_back(failing)
        assert places.busy() == []
        for _ in range(4):
            places.take(well)
        assert places.busy() == ["ep_well"]

    asyncio.run(main())

"""A delivery that may be killing workers is taken alone, and the next such follows whatever becomes of it."""

import asyncio
from dataclasses import replace
from typing import Any

from sqlalchemy.exc import OperationalError

from shared.clock import ManualClock
from shared.db.session import Database
from shared.domain.deliveries import INTERRUPTIONS_DOUBTED, Channel
from tests.factories.posting import LEASE, Post


class Late:
    """Hands the first claim out with its lease nearly over, and is away when that is to be given back."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self.record = post.store.record
        self.claimed: list[str] = []

    def claim(self, now: Any, **wanted: Any) -> Any:
        claims = self._post.store.claim(now, **wanted)
        if claims and not self.claimed:
            claims = [replace(claim, lease_until=now) for claim in claims]
        self.claimed += [claim.delivery_id for claim in claims]
        return claims

    def release(self, *_: Any) -> None:
        raise OperationalError("UPDATE", {}, ConnectionError("server closed the connection"))


def test_one_that_could_not_be_given_back_holds_up_no_other(
    database: Database, clock: ManualClock, change_id: str
) -> None:
    post = Post(database, clock)
    for number in range(2):
        post.hook(f"https://alice.example/{number}")
    post.tell(change_id)
    for _ in range(INTERRUPTIONS_DOUBTED):
        post.store.claim(clock.now(), lease=LEASE, limit=10, per_endpoint=10, channels=[Channel.WEBHOOK])
        clock.advance(LEASE)

    late = Late(post)
    courier = post.courier(late)

    async def drain_twice() -> None:
        await courier.drain()
        await courier.drain()  # the next wake, which must not wait for the lease

    asyncio.run(drain_twice())

    assert len(set(late.claimed)) == 2, "one at a time, and both were taken"
    assert sorted(state for state, _ in post.states()) == ["delivered", "sending"]

    clock.advance(LEASE)
    post.drain()
    assert post.states() == [("delivered", None)] * 2

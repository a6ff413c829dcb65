"""One endpoint that is slow, or has much to be told, moves nobody else's deliveries."""

import asyncio
import time

import pytest

from services.notifier.core.messages import Accepted, Message
from shared.clock import ManualClock
from shared.db.session import Database
from tests.factories.accounts import add_change
from tests.factories.posting import Post
from tests.fakes.senders import FakeSender

OTHERS = 99


@pytest.fixture
def post(database: Database, clock: ManualClock, change_id: str) -> Post:
    return Post(database, clock)


class Hanging(FakeSender):
    """The endpoint whose URL ends in /hangs answers only once all the others have."""

    def __init__(self, expected: int) -> None:
        super().__init__()
        self.expected, self.others, self.hanging, self.most_hanging = expected, 0, 0, 0
        self.release = asyncio.Event()

    async def send(self, message: Message) -> Accepted:
        if not message.address.endswith("/hangs"):
            self.others += 1
            if self.others == self.expected:
                self.release.set()
            return await super().send(message)
        self.hanging += 1
        self.most_hanging = max(self.most_hanging, self.hanging)
        await self.release.wait()
        self.hanging -= 1
        return Accepted(200)


def test_one_hanging_endpoint_among_many_holds_up_none_of_the_others(post: Post, database: Database) -> None:
    post.hook("https://alice.example/hangs")
    for number in range(OTHERS // 9):
        post.hook(f"https://alice.example/{number}")
    changes = [add_change(database, "doc_acme_1", number) for number in range(10, 19)]
    for change in changes:
        post.tell(change)
    web = post.web = Hanging(OTHERS)

    async def within_thirty_seconds() -> None:
        async with asyncio.timeout(30):
            await post.courier(batch=32, in_flight=16, per_endpoint=4).drain()

    asyncio.run(within_thirty_seconds())
    assert {one.state for one in post.accounts.deliveries(limit=1_000)} == {"delivered"}
    assert web.others == OTHERS
    assert 1 <= web.most_hanging <= 4


def test_an_endpoint_is_sent_to_no_more_often_than_it_may_be(post: Post, database: Database) -> None:
    post.hook("https://alice.example/many")
    for number in range(10, 40):
        post.tell(add_change(database, "doc_acme_1", number))
    begun = time.monotonic()
    post.drain(per_second=20.0)
    # 20 at once, and the other 10 at 20 a second
    assert time.monotonic() - begun >= 0.4
    assert post.states() == [("delivered", None)] * 30


def test_a_courier_that_runs_wakes_itself_for_an_endpoint_that_has_rested(post: Post, database: Database) -> None:
    post.hook("https://alice.example/many")
    for number in range(10, 20):
        post.tell(add_change(database, "doc_acme_1", number))

    async def until_all_arrived() -> None:
        courier = post.courier(per_second=5.0)
        running = asyncio.create_task(courier.run())
        courier.wake()
        async with asyncio.timeout(30):
            while len(post.web.received) < 10:
                await asyncio.sleep(0.01)
        courier.stop()
        await running

    asyncio.run(until_all_arrived())
    assert post.states() == [("delivered", None)] * 10

"""Deliveries go out: claimed in batches, sent concurrently with no transaction open, recorded under the lease."""

import asyncio
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from services.notifier.core.compose import NotComposable
from services.notifier.core.messages import Accepted, Message, SendFailed, SendFailureKind
from services.notifier.core.ports import Sender
from services.notifier.handlers.outcomes import report, result_of
from services.notifier.handlers.places import Limits, Places
from shared.clock import Clock
from shared.db.notifier.records import Claim, Result
from shared.domain.deliveries import Channel
from shared.logging import get_logger
from shared.metrics import DELIVERIES, DELIVERY_SECONDS

log = get_logger()

_GATHERING_S = 0.01
"""How long a result waits for others to be recorded with it: a transaction costs ten times what a row in it does."""


class Store(Protocol):
    """What the courier needs of the database; see `shared.db.notifier.deliveries.DeliveryStore`."""

    def claim(
        self,
        now: datetime,
        *,
        lease: timedelta,
        limit: int,
        per_endpoint: int,
        channels: Collection[Channel],
        busy: Collection[str] = (),
        doubted: int = 1,
    ) -> list[Claim]: ...

    def record(self, results: Sequence[Result], now: datetime) -> list[Result]: ...

    def release(self, claims: Sequence[Claim], now: datetime) -> None: ...


class Words(Protocol):
    """Who puts claims into words; see `services.notifier.handlers.composing.Composer`."""

    def words(self, claims: Sequence[Claim]) -> dict[str, bytes | NotComposable]: ...

    def message(self, claim: Claim, body: bytes, at: datetime) -> Message: ...


class Courier:
    """One loop's worth of delivering. All methods but `wake` run inside that loop; database calls go to threads."""

    def __init__(
        self,
        store: Store,
        words: Words,
        senders: Mapping[Channel, Sender],
        clock: Clock,
        limits: Limits,
        chance: Callable[[], float],
    ) -> None:
        self._store, self._words, self._senders = store, words, senders
        self._clock, self._limits, self._chance = clock, limits, chance
        self._sending: set[asyncio.Task[None]] = set()
        self._doubted: set[str] = set()  # what may be killing workers, until it is recorded
        self._rested: asyncio.TimerHandle | None = None
        """Wakes the courier when an endpoint that was sent to often enough may be sent to again."""
        self._recorded = 0
        """How many batches of results were recorded."""
        self._refused: dict[str, float] = {}
        """Endpoints that an answer disabled: claims begun before that many batches were recorded may not know it."""
        self._places = Places(limits)
        self._results: asyncio.Queue[Result] = asyncio.Queue()
        self._woken = asyncio.Event()
        self._more_may_be_due = False
        self._freed = False
        """Whether a place became free since the last claim began."""
        self._stopping = False

    def wake(self) -> None:
        """Look for due deliveries, now or as soon as there is room."""
        self._woken.set()

    async def run(self) -> None:
        """Send what is due whenever woken, until `stop`; returns once everything in hand is recorded or given back."""
        recorder = asyncio.create_task(self._record_results())
        while not self._stopping:
            await self._woken.wait()
            self._woken.clear()
            try:
                await self._fill()
            except Exception:  # whatever it was, the next wake must find the courier at work
                log.exception("deliveries.fault")
        await self._finish(recorder)

    async def drain(self) -> None:
        """Send until nothing is due, and return once it is recorded."""
        recorder = asyncio.create_task(self._record_results())
        while True:
            found = await self._fill()
            rest = self._places.next_ready()
            if self._sending:
                await asyncio.wait(self._sending, return_when=asyncio.FIRST_COMPLETED)
            elif rest is not None:
                await asyncio.sleep(rest)
            elif not found:
                break
            await self._results.join()
        await self._finish(recorder)

    def stop(self) -> None:
        """Take nothing more: what is being sent finishes, what only waits for a place is given back."""
        self._stopping = True
        log.info("deliveries.stopping", in_hand=len(self._sending))
        self._woken.set()

    async def _finish(self, recorder: asyncio.Task[None]) -> None:
        if self._sending:
            await asyncio.wait(self._sending)
        await self._results.join()
        recorder.cancel()
        await asyncio.gather(recorder, return_exceptions=True)

    async def _fill(self) -> bool:
        """Claim until there is no room or nothing due; whether there may be more: some was claimed or passed over."""
        found = False
        while not self._stopping and (room := self._limits.batch - len(self._sending)) * 2 >= self._limits.batch:
            self._freed = False
            busy = self._places.busy()
            if busy:
                self._wake_when_rested()
            begun = self._recorded
            try:
                claims = await asyncio.to_thread(self._claim, room, busy)
                words = await asyncio.to_thread(self._words.words, claims) if claims else {}
            except DBAPIError as error:
                log.warning("deliveries.database_unavailable", error=str(error.orig))
                return found
            self._more_may_be_due = len(claims) == room or bool(busy)
            for claim in claims:
                self._begin(claim, words[claim.delivery_id], begun)
            found = found or bool(claims or busy)
            if not claims and not (busy and self._freed):
                break
        return found

    def _wake_when_rested(self) -> None:
        rest = self._places.next_ready()
        if rest is not None and (self._rested is None or self._rested.when() <= asyncio.get_running_loop().time()):
            self._rested = asyncio.get_running_loop().call_later(rest, self._woken.set)

    def _claim(self, room: int, busy: Sequence[str]) -> list[Claim]:
        return self._store.claim(
            self._clock.now(),
            lease=self._limits.lease,
            limit=room,
            per_endpoint=self._limits.per_claim,
            channels=list(self._senders),
            busy=busy,
            doubted=0 if self._doubted else 1,
        )

    def _begin(self, claim: Claim, body: bytes | NotComposable, begun: int) -> None:
        self._doubted.update([claim.delivery_id] if claim.is_doubted else [])
        turn = self._places.take(claim)
        task = asyncio.create_task(self._deliver(claim, body, begun, turn))
        self._sending.add(task)
        task.add_done_callback(self._sent)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._freed = True
        if self._more_may_be_due:
            self._woken.set()

    async def _deliver(self, claim: Claim, body: bytes | NotComposable, begun: int, turn: float) -> None:
        """Send it in `turn` seconds, when its endpoint may be sent to."""
        try:
            if turn:
                await asyncio.sleep(turn)
            async with self._places.of(claim):
                if self._too_late(claim, begun):
                    self._doubted.discard(claim.delivery_id)
                    await asyncio.to_thread(self._store.release, [claim], self._clock.now())
                else:
                    await self._results.put(await self._attempt(claim, body))
        except DBAPIError as error:
            log.warning("delivery.not_released", delivery_id=claim.delivery_id, error=str(error.orig))
        finally:
            self._places.give_back(claim)

    def _too_late(self, claim: Claim, begun: int) -> bool:
        """Whether the claim must not be sent any more: the lease runs out, the endpoint is gone, or we stop."""
        ends_too_soon = self._clock.now() + self._limits.attempt > claim.lease_until
        return self._stopping or ends_too_soon or begun < self._refused.get(claim.endpoint_id, 0)

    async def _attempt(self, claim: Claim, body: bytes | NotComposable) -> Result:
        at, started = self._clock.now(), self._clock.monotonic()
        outcome: Accepted | SendFailed | NotComposable
        try:
            if isinstance(body, NotComposable):
                raise body
            outcome = await self._senders[claim.channel].send(self._words.message(claim, body, at))
        except (SendFailed, NotComposable) as error:
            outcome = error
        except Exception as error:  # a fault of ours is an attempt too, or the delivery would never end
            log.exception("delivery.fault", delivery_id=claim.delivery_id)
            outcome = SendFailed(SendFailureKind.LOCAL, f"{type(error).__name__}: {error}")
        seconds = self._clock.monotonic() - started
        result = result_of(claim, outcome, at, round(seconds * 1000), now=self._clock.now(), chance=self._chance)
        if result.disable:
            self._refused[claim.endpoint_id] = math.inf
        DELIVERIES.labels(claim.channel.value, result.outcome).inc()
        DELIVERY_SECONDS.labels(claim.channel.value).observe(seconds)
        return result

    async def _record_results(self) -> None:
        """Record what has come in, all of it at a time; while the database is away, try again."""
        while True:
            results = [await self._results.get()]
            await asyncio.sleep(_GATHERING_S)
            while not self._results.empty():
                results.append(self._results.get_nowait())
            try:
                await self._record(results)
            finally:
                if self._doubted:  # the next such may be due
                    self._doubted.difference_update(result.claim.delivery_id for result in results)
                    self._woken.set()
                for _ in results:
                    self._results.task_done()

    async def _record(self, results: Sequence[Result]) -> None:
        pause = 0.1
        while True:
            try:
                kept = await asyncio.to_thread(self._store.record, results, self._clock.now())
                break
            except (OperationalError, InterfaceError) as error:
                log.warning("attempts.not_recorded", count=len(results), error=str(error.orig), again_in_s=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
            except (SQLAlchemyError, ValueError):
                if len(results) > 1:  # one that cannot be stored must not take the others with it
                    for result in results:
                        await self._record([result])
                    return
                log.exception("attempt.not_storable", delivery_id=results[0].claim.delivery_id)
                return
        self._recorded += 1
        self._refused |= {result.claim.endpoint_id: self._recorded for result in results if result.disable}
        recorded = {result.claim.delivery_id for result in kept}
        for result in results:
            report(result, kept=result.claim.delivery_id in recorded)

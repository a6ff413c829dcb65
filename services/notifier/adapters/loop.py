"""The notifier's own event loop, in a thread beside the pool that takes its tasks."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Protocol


class Runner(Protocol):
    """What the loop runs; see `services.notifier.handlers.courier.Courier`."""

    async def run(self) -> None: ...

    def wake(self) -> None: ...

    def stop(self) -> None: ...


class LoopThread:
    """Runs one courier in a thread of its own. `make` is called inside the loop and gives it with what ends it."""

    def __init__(self, make: Callable[[], Awaitable[tuple[Runner, Callable[[], Awaitable[None]]]]]) -> None:
        self._make = make
        self._loop = asyncio.new_event_loop()
        self._runner: Runner | None = None
        self._ready = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="courier", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failed:
            raise self._failed

    def answers(self, within_s: float = 3.0) -> bool:
        """From any thread: whether the loop runs and takes its turns, so that deliveries can go out."""
        if self._loop.is_closed() or not self._thread.is_alive():
            return False
        turn = threading.Event()
        self._loop.call_soon_threadsafe(turn.set)
        return turn.wait(within_s)

    def wake(self) -> None:
        """From any thread: there may be something to send."""
        if self._runner and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._runner.wake)

    def close(self, timeout_s: float = 30.0) -> None:
        """From any thread: let what is being sent finish, and end the loop."""
        if self._runner and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._runner.stop)
        self._thread.join(timeout_s)

    def _work(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._main())
        except BaseException as error:
            self._failed = error
            raise
        finally:
            self._ready.set()

    async def _main(self) -> None:
        runner, end = await self._make()
        self._runner = runner
        self._ready.set()
        try:
            await runner.run()
        finally:
            await end()

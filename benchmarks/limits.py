"""What it costs to count requests and to do a POST once: CPU per request, in this process and in Valkey.

    python -m benchmarks.limits [--requests 1000] [--rounds 3]

Requests go through ASGI, without a network, on a new SQLite database; the median of the rounds is printed. The first
lines are the counting step alone: in Valkey, as it is done, and as an upsert in SQLite, as it might have been.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import httpx
import psutil
from sqlalchemy import text
from starlette.types import Receive, Scope, Send

from services.api.app import make_resources
from services.api.counting import SharedCounts
from services.api.resources import Resources
from services.api.v1 import limiting
from shared.clock import SystemClock
from shared.db.identity.keys import ApiKeys
from shared.db.migrate import upgrade
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from shared.logging import configure_logging
from shared.settings import Settings
from tests.factories.applications import application_of
from tests.servers.valkey import Valkey, running_valkey

_UPSERT = text("INSERT INTO counted VALUES (:name, 1) ON CONFLICT (name) DO UPDATE SET n = n + 1 RETURNING n")


@dataclass(frozen=True, slots=True)
class Plan:
    """How often each thing is done."""

    requests: int
    rounds: int


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    configure_logging("ERROR", json=True, process="benchmark")
    plan = Plan(options.requests, options.rounds)
    with running_valkey() as valkey, tempfile.TemporaryDirectory() as folder:
        _steps(plan, valkey, Path(folder))
        _requests(plan, valkey, Path(folder))


def _steps(plan: Plan, valkey: Valkey, folder: Path) -> None:
    counts = SharedCounts(valkey.url, SystemClock())
    server = psutil.Process(valkey._process.pid)  # type: ignore[union-attr]
    before = sum(server.cpu_times()[:2])
    _said("counted in Valkey", _cpu_us(plan, lambda: counts.take("account:a", 60)))
    asked = (plan.requests + 1) * plan.rounds
    _said("… of which the server's, besides", (sum(server.cpu_times()[:2]) - before) / asked * 1e6)
    database = Database(f"sqlite:///{folder / 'counted.db'}")
    with database.transaction() as session:
        session.execute(text("CREATE TABLE counted (name TEXT PRIMARY KEY, n INTEGER)"))

    def upsert() -> None:
        with database.transaction() as session:
            session.execute(_UPSERT, {"name": "a"})

    _said("an upsert in SQLite, nobody else writing", _cpu_us(plan, upsert))
    database.close()


def _requests(plan: Plan, valkey: Valkey, folder: Path) -> None:
    url = f"sqlite:///{folder / 'clausewatch.db'}"
    upgrade(url)
    database = Database(url)
    settings = Settings(
        data=folder, database_url=url, redis_url=valkey.url, secret_key="k" * 40, api_anonymous_per_minute=10**9
    )
    resources = make_resources(settings, database)
    now = resources.clock.now()
    AccountStore(database).ensure_account("acc_a", "A", "compliance", now)
    _, secret = ApiKeys(database).make("acc_a", "benchmark", "owner", now)
    resources = replace(resources, limits=replace(resources.limits, counts=_Unlimited(resources)))
    known, numbers = {"authorization": f"Bearer {secret}"}, count()
    get, post = ("GET", "/api/v1/platforms"), ("POST", "/api/v1/subscriptions/preview")
    _compared(plan, resources, "GET without a key", *get, dict)
    _compared(plan, resources, "GET of what is public, with a key", *get, lambda: known)
    _compared(plan, resources, "GET of an account's own", "GET", "/api/v1/endpoints", lambda: known)
    _said("POST", _asked(plan, resources, *post, lambda: known))
    once = _asked(plan, resources, *post, lambda: {**known, "idempotency-key": f"key-{next(numbers)}"})
    _said("POST with a new idempotency key", once)
    again = _asked(plan, resources, *post, lambda: {**known, "idempotency-key": "key-0"})
    _said("POST with one that was answered", again)
    database.close()


class _Unlimited:
    """Counts as the API does, and says that little was used."""

    def __init__(self, resources: Resources) -> None:
        self._counts = resources.limits.counts

    def take(self, name: str, window_s: float) -> object:
        return replace(self._counts.take(name, window_s), count=1)


def _compared(plan: Plan, resources: Resources, said: str, method: str, path: str, headers: Callable[[], dict]) -> None:
    """In turns, since what else the machine does makes either dearer."""
    once, taken = replace(plan, rounds=1), {True: list[float](), False: list[float]()}
    _asked(replace(once, requests=20), resources, method, path, headers)
    for _ in range(plan.rounds):
        taken[True].append(_asked(once, resources, method, path, headers))
        with _uncounted():
            taken[False].append(_asked(once, resources, method, path, headers))
    without, with_limits = statistics.median(taken[False]), statistics.median(taken[True])
    _said(f"{said}: {without:,.0f} µs without limits, with them", with_limits)


@contextmanager
def _uncounted() -> Iterator[None]:
    whole = limiting.Limiting.__call__

    async def passed(self: limiting.Limiting, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    limiting.Limiting.__call__ = passed  # type: ignore[method-assign]
    try:
        yield
    finally:
        limiting.Limiting.__call__ = whole  # type: ignore[method-assign]


def _asked(plan: Plan, resources: Resources, method: str, path: str, headers: Callable[[], dict]) -> float:
    """Median of the rounds, µs of this process's CPU a request."""
    app = application_of(resources)

    async def rounds() -> list[float]:
        transport, taken = httpx.ASGITransport(app=app), []
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
            body = {"json": {}} if method == "POST" else {}
            for _ in range(plan.rounds):
                began = time.process_time()
                for _ in range(plan.requests):
                    answer = await client.request(method, path, headers=headers(), **body)
                    assert answer.is_success, answer.text
                taken.append((time.process_time() - began) / plan.requests * 1e6)
        return taken

    return statistics.median(asyncio.run(rounds()))


def _cpu_us(plan: Plan, step: Callable[[], object]) -> float:
    taken = []
    for _ in range(plan.rounds):
        step()
        began = time.process_time()
        for _ in range(plan.requests):
            step()
        taken.append((time.process_time() - began) / plan.requests * 1e6)
    return statistics.median(taken)


def _said(what: str, us: float) -> None:
    print(f"{what:<75} {us:>8,.0f} µs", flush=True)


if __name__ == "__main__":
    main()

"""The notifier as it runs in production, for the fault matrix: worker processes, a scheduler, a broker, a receiver."""

import os
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import update
from sqlmodel import col, select

from services.notifier.handlers.telling import Teller
from shared.bus.app import make_app
from shared.bus.publisher import Publisher
from shared.bus.scheduling import make_scheduler
from shared.bus.topology import QUEUES
from shared.clock import SystemClock
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.telling import TellingStore
from shared.db.outbox import OutboxStore, announce
from shared.db.session import Database
from shared.db.tables import AttemptRow, DeliveryRow, EventHandledRow
from shared.domain.deliveries import Channel
from shared.domain.subscriptions import Subscription
from shared.settings import Settings
from shared.usecases.accounts import Accounts
from shared.usecases.making import make_accounts
from tests.factories.accounts import START, add_change, add_document, change_event
from tests.servers.valkey import Valkey, running_valkey
from tests.servers.waiting import eventually

long_form = pytest.mark.skipif(
    int(os.environ.get("CLAUSEWATCH_KILLS", "1")) < 2, reason="the long form of the fault matrix: `make faults`"
)
"""On tests whose rows have a shorter test beside them; together they take minutes."""

ALICE = "acc_alice"
DOCUMENT = "doc_acme_1"
QUICK = {
    "CLAUSEWATCH_SECRET_KEY": "k" * 32,
    "CLAUSEWATCH_ALLOW_LOOPBACK": "true",
    "CLAUSEWATCH_ALLOW_HTTP_WEBHOOKS": "true",
}


@dataclass(frozen=True, slots=True)
class Post:
    """One request as the receiver read it."""

    path: str
    webhook_id: str
    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """A customer's webhook endpoint. `answer` gives the status of each request, and may block or strike before it."""

    def __init__(self) -> None:
        self.answer: Callable[[Post], int] = lambda _: 200
        self._lock = threading.Lock()
        self._posts: list[Post] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._take))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def log(self) -> list[Post]:
        """Everything that came, in its order."""
        with self._lock:
            return list(self._posts)

    @property
    def ids(self) -> list[str]:
        return [post.webhook_id for post in self.log]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _take(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        post = Post(path, headers["webhook-id"], headers, body)
        with self._lock:
            self._posts.append(post)
        return self.answer(post)


def _handler(take: Callable[[str, Mapping[str, str], bytes], int]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = take(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            try:
                self.send_response(status)
                self.end_headers()
            except OSError:  # the sender is dead by now
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    return Handler


class Worker:
    """A notifier's worker in a process of its own, and what it logged."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as output:
            self.popen = subprocess.Popen(
                [sys.executable, *argv], env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )

    def signal(self, number: int) -> None:
        self.popen.send_signal(number)

    def ended(self, within: float = 60) -> int:
        """Its exit status, negative for the signal that killed it."""
        return self.popen.wait(within)

    def said(self, words: str) -> bool:
        return words in self._log.read_text(errors="replace")

    def wait_until_said(self, words: str) -> None:
        eventually(lambda: self.said(words), why=f"{words!r} was not logged: {self._log.read_text()[-2000:]}")

    def kill(self) -> None:
        """SIGKILL; nothing to do where it ended by itself."""
        self.popen.kill()
        self.popen.wait()


class Bench:
    """Alice's webhooks, Acme's changes, and the processes that tell her."""

    def __init__(self, folder: Path, database_url: str, valkey: Valkey, receiver: Receiver) -> None:
        self.valkey, self.receiver = valkey, receiver
        self.settings = Settings(
            database_url=database_url,
            data=folder / "data",
            secret_key=SecretStr("k" * 32),
            allow_loopback=True,
            allow_http_webhooks=True,
            sweep_after_s=1,
            tick_s=0.1,
        )
        self.database = Database(self.settings.sqlalchemy_url)
        self._folder = folder
        self._workers: list[Worker] = []
        AccountStore(self.database).ensure_account(ALICE, "Alice", "compliance", START)
        add_document(self.database)

    @property
    def owner(self) -> Accounts:
        """Alice's use cases."""
        return make_accounts(self.settings, self.database, SystemClock())

    @property
    def now(self) -> datetime:
        return SystemClock(self.database.clock_offset()).now()

    def hook(self, name: str = "hook") -> tuple[str, str]:
        """An endpoint at that path that is told of everything of Acme's: its id and its secret."""
        owner = self.owner
        added = owner.add_endpoint(ALICE, Channel.WEBHOOK, f"{self.receiver.url}/{name}")
        owner.subscribe(ALICE, Subscription(platforms=frozenset({"acme"})), [added.endpoint.id])
        return added.endpoint.id, added.secret or ""

    def change(self, number: int = 1) -> str:
        """A change and its event, as the differ leaves them; the event's id."""
        change_id = add_change(self.database, DOCUMENT, number, sequence=2 * number)
        with self.database.transaction() as session:
            event = change_event(change_id, sequence=2 * number)
            return announce(session, event, correlation_id="cor_1", now=self.now)

    def tell(self, number: int) -> None:
        """Write a change and its deliveries at once, as the notifier does with its event."""
        change_id = add_change(self.database, DOCUMENT, number, sequence=2 * number)
        teller = Teller(TellingStore(self.database), SystemClock(), told=lambda: None)
        event = change_event(change_id, sequence=2 * number)
        teller.change_detected(event, event_id=f"evt_{number}", correlation_id="cor_1")

    def worker(self, point: str = "", *, clock_off_by_s: int = 0, **settings: str) -> Worker:
        """`clausewatch worker notifier`; with a point (see `matrix_worker`) it dies there."""
        module = ["-m", "tests.faults.matrix_worker", point, str(clock_off_by_s)]
        argv = [*(module if point or clock_off_by_s else ["-m", "services.cli"]), "worker", "notifier"]
        environment = {**os.environ, **QUICK, **settings, "REDIS_URL": self.valkey.url}
        environment |= {"DATABASE_URL": self.settings.database_url, "CLAUSEWATCH_DATA": str(self.settings.data)}
        worker = Worker(argv, environment, self._folder / f"worker-{len(self._workers)}.log")
        self._workers.append(worker)
        return worker

    @contextmanager
    def scheduled(self) -> Iterator[None]:
        """The scheduler in a thread, for as long as the block runs."""
        stop = threading.Event()
        database = Database(self.settings.sqlalchemy_url, pool_size=2)
        publisher = Publisher(make_app("scheduler", self.valkey.url))
        clock = SystemClock(database.clock_offset())
        scheduler = make_scheduler(self.settings, database, publisher, clock)
        thread = threading.Thread(target=scheduler.run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            publisher.close()
            database.close()

    def deliveries(self) -> list[DeliveryRow]:
        with self.database.reading() as session:
            return list(session.exec(select(DeliveryRow).order_by(col(DeliveryRow.id))))

    def states(self) -> Counter[str]:
        return Counter(row.state for row in self.deliveries())

    def attempts(self) -> Counter[str]:
        """Recorded attempts by outcome."""
        with self.database.reading() as session:
            return Counter(row.outcome for row in session.exec(select(AttemptRow)))

    def handled(self) -> list[str]:
        """The events that the notifier has dealt with."""
        with self.database.reading() as session:
            return list(session.exec(select(EventHandledRow.event_id).where(EventHandledRow.consumer == "notifier")))

    def publish(self) -> None:
        """Have every event published, once, while no worker is there to read it."""
        with self.scheduled():
            eventually(lambda: not OutboxStore(self.database).unpublished(1), why="not all was published")

    def wait_for_empty_queue(self) -> None:
        """Wait until the workers have taken and acknowledged every message; wake-up calls included."""
        with self.valkey.client() as broker:
            eventually(
                lambda: not broker.llen(QUEUES["notifier"].name) and not broker.hlen("unacked"),
                why="messages were left",
            )

    def run_out_leases(self) -> None:
        """As if the time of every lease had passed."""
        with self.database.transaction() as session:
            sending = update(DeliveryRow).where(col(DeliveryRow.state) == "sending")
            session.execute(sending.values(due_at=START))

    def wait_for(self, **states: int) -> None:
        """Wait until the deliveries stand like this, all of them."""
        wanted = Counter(states)
        try:
            eventually(lambda: self.states() == wanted)
        except AssertionError:
            stand = [(row.id, row.state, row.reason, row.claims, row.attempts) for row in self.deliveries()]
            raise AssertionError(f"the deliveries did not become {states}: {stand}") from None

    def assert_invariant(self, *, repeats: int = 0) -> None:
        """Nothing lost, one id per change and endpoint, its bytes never differ; by the receiver's log."""
        log = self.receiver.log
        assert {row.id for row in self.deliveries()} == set(self.receiver.ids), "lost, or of unknown origin"
        bodies = defaultdict(set)
        for post in log:
            bodies[post.webhook_id].add((post.path, post.body))
        assert {len(of_one) for of_one in bodies.values()} == {1}, "the same id came with other bytes"
        assert len({one for of_id in bodies.values() for one in of_id}) == len(bodies), "a second id for one alert"
        assert len(log) <= len(bodies) + repeats, f"{len(log) - len(bodies)} repeats"

    def close(self) -> None:
        for worker in self._workers:
            worker.kill()
        self.database.close()


@contextmanager
def benched(folder: Path, database_url: str) -> Iterator[Bench]:
    """A bench with a broker and a receiver of its own, and nothing of it afterwards."""
    with ExitStack() as closing:
        valkey = closing.enter_context(running_valkey())
        receiver = Receiver()
        closing.callback(receiver.close)
        bench = Bench(folder, database_url, valkey, receiver)
        closing.callback(bench.close)
        yield bench

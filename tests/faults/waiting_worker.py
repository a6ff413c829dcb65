"""A worker whose one task ends when it is told to; run as a program.

`python -m tests.faults.waiting_worker BROKER_URL DATABASE_URL POOL BEGUN GO`: each event's id is appended to the file
BEGUN, then the handler reads the pipe GO to its end.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from shared.bus.app import PerProcess, make_app, run_worker
from shared.bus.task import Context, register_event
from shared.clock import Clock, SystemClock
from shared.db.outbox import Inbox
from shared.db.session import Database
from shared.events import SnapshotCaptured
from shared.logging import configure_logging
from shared.settings import Settings


@dataclass(frozen=True)
class Resources:
    inbox: Inbox
    clock: Clock
    begun: Path
    go: Path


def wait_for_word(resources: Resources, _event: SnapshotCaptured, context: Context) -> None:
    with resources.begun.open("a") as file:
        file.write(f"{context.event_id}\n")
    resources.go.read_bytes()
    resources.inbox.handled(context.event_id, resources.clock.now())


def main(broker_url: str, database_url: str, pool: str, begun: str, go: str) -> int:
    configure_logging(level="INFO")
    app = make_app("differ", broker_url)

    def resources() -> Resources:
        inbox = Inbox(Database(database_url), "differ", poison_after=5)
        return Resources(inbox, SystemClock(), Path(begun), Path(go))

    register_event(app, SnapshotCaptured, wait_for_word, PerProcess(resources))
    return run_worker(app, "differ", pool=pool, concurrency=1, settings=Settings())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""The scheduler keeps the ledger, with the key of its settings."""

from pathlib import Path

from shared.bus.app import make_app
from shared.bus.publisher import Publisher
from shared.bus.scheduling import make_scheduler
from shared.clock import SystemClock
from shared.db.ledger.reading import Ledger
from shared.db.session import Database
from shared.evidence.heads import signing_key
from shared.settings import Settings
from tests.factories.accounts import add_change, add_document


def test_a_tick_of_the_scheduler_enters_what_was_committed(sqlite_url: str, broker_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", database_url=sqlite_url, redis_url=broker_url)
    database, publisher = Database(sqlite_url), Publisher(make_app("scheduler", broker_url))
    add_change(database, add_document(database))
    assert make_scheduler(settings, database, publisher, SystemClock()).tick()
    published = Ledger(database).newest()
    assert published is not None
    assert published.head.seq == 5
    assert signing_key(settings).public.fault_of(published.head) is None
    publisher.close()
    database.close()

"""The whole fetcher but for Celery: its use cases on a real database, a real archive and a real web site."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import select, update
from sqlmodel import SQLModel, col

from services.fetcher.handlers.drain import DueChecks
from services.fetcher.worker import make_client, make_due_checks
from shared.archive import Archive, open_archive
from shared.clock import ManualClock
from shared.db.session import Database
from shared.db.tables import CheckRow, HostRow, OutboxRow, ScheduleRow, SnapshotPartRow, SnapshotRow
from shared.domain.documents import Declaration, Part
from shared.http.client import GuardedClient
from shared.settings import Settings
from tests.factories.watched import watch
from tests.fakes.site import Site, running_site

Row = TypeVar("Row", bound=SQLModel)
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Fetcher:
    """A fetcher whose clock stands still but for the waits of its own politeness."""

    settings: Settings
    database: Database
    archive: Archive
    clock: ManualClock
    client: GuardedClient
    paused: list[float] = field(default_factory=list)

    def watch(self, *urls: str, **options: Any) -> str:
        """Watch a document of these parts; due at once. Its id."""
        declaration = Declaration(parts=tuple(Part(url=url) for url in urls))
        return watch(self.database, declaration, self.clock.now(), **options)

    def use_case(self, **overrides: Any) -> DueChecks:
        """A fetcher process of its own, on the same database."""
        settings = self.settings.model_copy(update=overrides)
        return make_due_checks(
            settings, self.database, self.archive, self.client, self.clock, stopping=threading.Event(), pause=self.pause
        )

    def pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.clock.advance(timedelta(seconds=seconds))

    def run(self, **overrides: Any) -> int:
        """Check what is due now; how many documents were."""
        return self.use_case(**overrides).run()

    def check_now(self, document_id: str) -> CheckRow:
        """Make a document due, and look at it."""
        self.schedule(document_id, next_check_at=self.clock.now(), retry_at=None)
        assert self.run() == 1
        return self.checks()[-1]

    def confirm_now(self, document_id: str) -> CheckRow:
        """Make a document due for confirmation only, and look at it."""
        later = self.clock.now() + timedelta(hours=1)
        self.schedule(document_id, confirm_at=self.clock.now(), next_check_at=later)
        assert self.run() == 1
        return self.checks()[-1]

    def schedule(self, document_id: str, **values: Any) -> ScheduleRow:
        """The document's schedule, after setting some of its columns."""
        with self.database.transaction() as session:
            if values:
                session.execute(update(ScheduleRow).where(col(ScheduleRow.document_id) == document_id).values(**values))
            return session.get_one(ScheduleRow, document_id, populate_existing=True)

    def host(self, name: str = "acme") -> HostRow:
        with self.database.reading() as session:
            return session.get_one(HostRow, f"{name}.localhost")

    def checks(self) -> list[CheckRow]:
        return self._all(CheckRow, lambda row: row.id or 0)

    def snapshots(self) -> list[SnapshotRow]:
        return self._all(SnapshotRow, lambda row: row.ordinal)

    def parts(self, snapshot: SnapshotRow) -> list[SnapshotPartRow]:
        parts = self._all(SnapshotPartRow, lambda row: row.ordinal)
        return [part for part in parts if part.snapshot_id == snapshot.id]

    def announced(self, name: str) -> list[OutboxRow]:
        return [row for row in self._all(OutboxRow, lambda row: row.position or 0) if row.name == name]

    def _all(self, table: type[Row], order: Callable[[Row], int]) -> list[Row]:
        with self.database.reading() as session:
            return sorted(session.scalars(select(table)), key=order)


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


@pytest.fixture
def fetcher(database_url: str, tmp_path: Path) -> Iterator[Fetcher]:
    database = Database(database_url)
    settings = Settings(
        data=tmp_path,
        allow_loopback=True,
        host_delay_s=2,
        delay_exempt_hosts=("acme.localhost",),
        unreachable_after=3,
        retry_base_s=30,
        check_interval_min_s=900,
        check_interval_max_s=21_600,
    )
    clock = ManualClock(START)
    with make_client(settings, clock) as client:
        yield Fetcher(settings, database, open_archive(str(tmp_path / "archive")), clock, client)
    database.close()

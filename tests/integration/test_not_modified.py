"""Conditional requests to a real nginx: the second look at a set is answered 304 throughout."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from services.fetcher.worker import make_client, make_due_checks
from shared.archive import open_archive
from shared.clock import ManualClock
from shared.db.session import Database
from shared.db.tables import CheckRow, ScheduleRow
from shared.domain.documents import Declaration, Part
from shared.settings import Settings
from tests.factories.watched import watch
from tests.servers.nginx import Site, nginx_program, running_site

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PAGES = 12
HOSTS = 3


class Pages:
    """Pages of several hosts, all watched by one fetcher on a clock that stands still."""

    def __init__(self, site: Site, database: Database, folder: Path) -> None:
        self.site, self.database, self.clock = site, database, ManualClock(START)
        settings = Settings(data=folder, allow_loopback=True, host_delay_s=0)
        self.client = make_client(settings, self.clock)
        self.due_checks = make_due_checks(
            settings,
            database,
            open_archive(str(folder / "archive")),
            self.client,
            self.clock,
            stopping=threading.Event(),
        )
        for n in range(PAGES):
            site.show(f"{n}.html", _page(n))
            part = Part(url=f"http://host{n % HOSTS}.localhost:{site.port}/{n}.html")
            watch(database, Declaration(parts=(part,)), START, type=f"Policy {n}")

    def look(self, **due: datetime) -> list[tuple[int, str]]:
        """Check what these columns of the schedule make due; what the server answered: status and path."""
        with self.database.transaction() as session:
            session.execute(update(ScheduleRow).values(**due))
        self.due_checks.run()
        return self.site.asked()

    def outcomes(self) -> list[str]:
        """Of the newest check of each document."""
        with self.database.reading() as session:
            return list(session.scalars(select(col(CheckRow.outcome)).order_by(col(CheckRow.id).desc()).limit(PAGES)))


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    program = nginx_program()
    if program is None:
        pytest.skip("nginx is not installed: apt-get install nginx")
    with running_site(program) as running:
        yield running


@pytest.fixture
def pages(site: Site, sqlite_url: str, tmp_path: Path) -> Iterator[Pages]:
    database = Database(sqlite_url)
    watched = Pages(site, database, tmp_path)
    with watched.client:
        yield watched
    database.close()


def test_a_second_pass_is_answered_304_for_every_page(pages: Pages) -> None:
    first = pages.look(next_check_at=START)
    assert sorted(first) == sorted((200, f"/{n}.html") for n in range(PAGES))

    second = pages.look(next_check_at=START)

    assert sorted(second) == sorted((304, f"/{n}.html") for n in range(PAGES))
    assert pages.outcomes() == ["not-modified"] * PAGES


def test_a_confirming_check_is_answered_in_full(pages: Pages) -> None:
    pages.look(next_check_at=START)

    confirming = pages.look(confirm_at=START, next_check_at=START + timedelta(hours=1))

    assert sorted(confirming) == sorted((200, f"/{n}.html") for n in range(PAGES))
    assert pages.outcomes() == ["captured"] * PAGES


def test_only_a_page_that_was_replaced_is_sent_again(pages: Pages) -> None:
    pages.look(next_check_at=START)
    pages.site.show("7.html", _page(700))

    answered = pages.look(next_check_at=START)

    assert [path for status, path in answered if status == 200] == ["/7.html"]
    assert sorted(pages.outcomes()) == ["captured"] + ["not-modified"] * (PAGES - 1)


def test_where_validators_are_ignored_equal_bytes_are_recognised(pages: Pages) -> None:
    pages.look(next_check_at=START)
    pages.site.set_validators(False)
    try:
        answered = pages.look(next_check_at=START)
    finally:
        pages.site.set_validators(True)

    assert {status for status, _ in answered} == {200}
    assert pages.outcomes() == ["same-bytes"] * PAGES


def _page(n: int) -> bytes:
    return f"<!doctype html><title>Policy {n}</title><h1>Policy {n}</h1><p>You must keep rule {n}.</p>".encode()

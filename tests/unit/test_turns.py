"""Writers of one process on SQLite: nobody who writes without a pause keeps another out."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from shared.db.session import Database


def test_a_writer_without_a_pause_lets_others_in(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'one.db'}")
    with database.transaction() as session:
        session.execute(text("CREATE TABLE written (by TEXT)"))
    over, came = threading.Event(), 0

    def write_without_a_pause() -> None:
        nonlocal came
        while not over.is_set():
            with database.transaction() as session:
                session.execute(text("INSERT INTO written VALUES ('busy')"))
            came += 1

    busy = threading.Thread(target=write_without_a_pause)
    busy.start()
    waited = []
    for _ in range(50):
        before = came
        with database.transaction() as session:
            session.execute(text("INSERT INTO written VALUES ('other')"))
        waited.append(came - before)
    over.set()
    busy.join(30)
    database.close()
    assert max(waited) <= 3


def test_a_turn_that_failed_is_passed_on(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'one.db'}")
    for _ in range(2):
        with pytest.raises(OperationalError, match="nothing"), database.transaction() as session:
            session.execute(text("SELECT * FROM nothing"))
    with database.transaction() as session:
        assert session.execute(text("SELECT 1")).scalar() == 1
    database.close()

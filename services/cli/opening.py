"""What nearly every command begins with: settings, the database at its newest tables, and a clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.exc import DatabaseError, OperationalError, ProgrammingError

from services.cli.errors import Failure, UsageError
from shared.clock import Clock, SystemClock
from shared.db import migrate
from shared.db.session import Database
from shared.settings import Settings, SettingsError, load_settings


@dataclass(frozen=True, slots=True)
class Opened:
    """One installation, ready to be read and written."""

    settings: Settings
    database: Database
    clock: Clock


def read_settings() -> Settings:
    """The settings; UsageError names the variable that is wrong."""
    try:
        return load_settings()
    except SettingsError as error:
        raise UsageError(str(error)) from None


@contextmanager
def open_installation(settings: Settings | None = None) -> Iterator[Opened]:
    """The installation that the settings name.

    The embedded default is migrated first; a database of its own is refused until `clausewatch migrate` was run,
    because other programs of another version may be at work on it. Failure where it cannot be reached or read.
    """
    settings = settings or read_settings()
    try:
        _bring_to_head(settings)
        database = Database(settings.sqlalchemy_url)
        try:
            yield Opened(settings, database, SystemClock(database.clock_offset()))
        finally:
            database.close()
    except (OperationalError, ProgrammingError) as error:
        raise Failure(f"{where(settings)} cannot be used: {reason(error)}") from error
    except DatabaseError as error:
        if type(error) is not DatabaseError:  # SQLite's for a file that is none of its own; others are faults of ours
            raise
        mend = "restore a backup into an empty folder with `clausewatch restore`"
        raise Failure(f"{where(settings)} is damaged or no database: {reason(error)}; {mend}") from error


def make_data_folder(settings: Settings) -> None:
    """Make the data folder where there is none, for its owner alone; one that is there keeps its rights."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)


def where(settings: Settings) -> str:
    """The database as a person names it, without its password."""
    if not settings.database_url:
        return f"the database {settings.data / 'clausewatch.db'}"
    place = settings.database_url.split("://", 1)[-1].rsplit("@", 1)[-1]
    return f"the database {place.split('?')[0]} (DATABASE_URL)"


def reason(error: DatabaseError) -> str:
    """The driver's first line, which says what went wrong; the statement it failed at does not help a reader."""
    lines = str(error.orig).strip().splitlines()
    return lines[0] if lines else type(error.orig).__name__


def _bring_to_head(settings: Settings) -> None:
    if not settings.database_url:
        try:
            make_data_folder(settings)
        except OSError as error:
            raise Failure(f"the data folder {settings.data} cannot be made: {error.strerror}") from None
    current, head = migrate.current_and_head(settings.sqlalchemy_url)
    if current == head:
        return
    if settings.database_url:
        state = f"is at revision {current}" if current else "has no tables of ours"
        raise Failure(f"{where(settings)} {state}, this program needs {head}: run `clausewatch migrate`")
    migrate.upgrade(settings.sqlalchemy_url)

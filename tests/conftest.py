"""Fixtures for all tests: real databases built by the migrations, a real broker, and the corpus where it is there."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.engine import make_url

from shared.db.migrate import upgrade
from shared.settings import Settings
from tests.servers.postgres import Postgres, running_postgres
from tests.servers.valkey import Valkey, running_valkey

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches beyond this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not ip_address(address[0]).is_loopback:
            raise AssertionError(f"a test tried to connect to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "clausewatch.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of this test's own."""
    file = tmp_path / "clausewatch.db"
    shutil.copy(_sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def _postgres() -> Iterator[Postgres | None]:
    """This worker's server; None where DATABASE_URL names another."""
    if os.environ.get("DATABASE_URL"):
        yield None
        return
    with running_postgres() as server:
        server.run("CREATE DATABASE template_clausewatch")
        upgrade(server.url("template_clausewatch"))
        yield server


@pytest.fixture
def postgresql_url(_postgres: Postgres | None) -> Iterator[str]:
    """A migrated PostgreSQL database of this test's own (with DATABASE_URL: a schema of its own in that database)."""
    name = f"test_{uuid4().hex[:12]}"
    if _postgres is None:
        yield from _schema_of_its_own(name)
        return
    _postgres.run("CREATE DATABASE {} TEMPLATE template_clausewatch", name)
    yield _postgres.url(name)
    _postgres.run("DROP DATABASE {} WITH (FORCE)", name)


def _schema_of_its_own(name: str) -> Iterator[str]:
    import psycopg
    from psycopg import sql

    url = make_url(Settings().sqlalchemy_url)
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
        own = url.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(hide_password=False)
        upgrade(own)
        yield own
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of this test's own, on each engine in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def _valkey() -> Iterator[Valkey]:
    with running_valkey() as server:
        yield server


@pytest.fixture
def broker_url(request: pytest.FixtureRequest) -> str:
    """An empty broker."""
    if url := os.environ.get("REDIS_URL"):
        return url
    server: Valkey = request.getfixturevalue("_valkey")
    with server.client() as client:
        client.flushall()
    return server.url


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked corpus of real captures, which is no part of the project."""
    if given := os.environ.get("CLAUSEWATCH_CORPUS"):
        return Path(given)
    packed = ROOT.parent / "shared" / "corpus"
    if not (packed / "html.tar.zst").exists() or shutil.which("zstd") is None:
        pytest.skip("no corpus: set CLAUSEWATCH_CORPUS to an unpacked one, or put it at ../shared/corpus (needs zstd)")
    folder = tmp_path_factory.mktemp("corpus")
    subprocess.run(["sh", str(packed.parent / "tools" / "unpack_corpus.sh"), str(folder)], check=True)
    return folder

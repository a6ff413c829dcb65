"""Fixtures for all tests: real databases built by the migrations, a real broker, and the corpus where it is there."""

import gc
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from shared.db.migrate import upgrade
from shared.settings import Settings
from tests.servers.meeting import made_once
from tests.servers.postgres import Postgres
from tests.servers.shared_postgres import shared_postgres
from tests.servers.valkey import Valkey, emptied, running_valkey

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches beyond this machine."""
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))


def _guarded(connect: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_ours(address[0]):
            raise AssertionError(f"a test tried to connect to {address}")
        return connect(self, address)

    return guarded


def _is_ours(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost") or ip_address(host.partition("%")[0]).is_loopback


@pytest.fixture(scope="session")
def _meeting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this session share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if hasattr(request.config, "workerinput") else base


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Where an installation of this test's own may keep its data; not made yet."""
    return tmp_path / "data"


@pytest.fixture(scope="session")
def _sqlite_template(_meeting: Path) -> Path:
    return made_once(_meeting / "template.db", lambda file: upgrade(f"sqlite:///{file}"))


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of this test's own."""
    file = tmp_path / "clausewatch.db"
    shutil.copy(_sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def _postgres(_meeting: Path) -> Iterator[Postgres | None]:
    """This session's server, with a migrated template; None where DATABASE_URL names another."""
    if os.environ.get("DATABASE_URL"):
        yield None
        return
    with shared_postgres(_meeting) as server:

        def make_template(unfinished: Path) -> None:
            server.run("DROP DATABASE IF EXISTS template_clausewatch")
            server.run("CREATE DATABASE template_clausewatch")
            upgrade(server.url("template_clausewatch"))
            unfinished.touch()

        made_once(_meeting / f"{server.folder.name}.template", make_template)
        yield server


@pytest.fixture(scope="session")
def _reused(_postgres: Postgres | None) -> Iterator[list[str]]:
    """The names of the databases that the tests of this worker take turns with: to make one takes 100 ms."""
    names: list[str] = []
    yield names
    for name in names if _postgres else ():
        _postgres.run("DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def postgresql_url(_postgres: Postgres | None, _reused: list[str]) -> Iterator[str]:
    """A migrated PostgreSQL database with no rows (with DATABASE_URL: a schema of its own in that database)."""
    if _postgres is None:
        yield from database_of_its_own(None)
        return
    name = _reused.pop() if _reused else _new_database(_postgres)
    yield _postgres.url(name)
    try:
        _postgres.empty(name)
    except psycopg.Error:  # the test took it away, and left it so
        _postgres.run("DROP DATABASE {} WITH (FORCE)", name)
    else:
        _reused.append(name)


def database_of_its_own(server: Postgres | None) -> Iterator[str]:
    """The URL of a migrated database that goes again; a schema of DATABASE_URL's where there is no server of ours."""
    if server is None:
        yield from _schema_of_its_own(_new_name())
        return
    name = _new_database(server)
    yield server.url(name)
    server.run("DROP DATABASE {} WITH (FORCE)", name)


def _new_database(server: Postgres) -> str:
    name = _new_name()
    server.run("CREATE DATABASE {} TEMPLATE template_clausewatch", name)
    return name


def _new_name() -> str:
    return f"test_{uuid4().hex[:12]}"


def _schema_of_its_own(name: str) -> Iterator[str]:
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
    """An empty broker: this worker's own, or the database of REDIS_URL's that is numbered like this worker."""
    if given := os.environ.get("REDIS_URL"):
        return emptied(given, int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")))
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


def pytest_collection_finish() -> None:
    """Collected tests live as long as the session: nobody need look through them for garbage again and again."""
    gc.collect()
    gc.freeze()

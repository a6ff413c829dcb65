"""Connections that come to one listener are shared evenly by the processes that answer at it, and bounded."""

import resource
import select
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection, RemoteDisconnected

import pytest

from tests.servers.waiting import eventually

CHILDREN, MOST_OPEN = 2, 30
SCRIPT = f"""
import os, socket, sys
from starlette.responses import PlainTextResponse
from services.api import serving
from services.api.processes import run_many
from services.api.serving import serve

serving._MOST_CONNECTIONS = {MOST_OPEN}

async def app(scope, receive, send):
    said = str(os.getpid()) if scope["path"] == "/" else "~" * 20_000_000
    await PlainTextResponse(said)(scope, receive, send)

def answer(given):
    serve(app, given)
    return 0

with socket.create_server(("127.0.0.1", 0)) as listener:
    port = listener.getsockname()[1]
    if sys.argv[1] == "1":
        print(port, flush=True)
        raise SystemExit(answer(listener))
    raise SystemExit(run_many(int(sys.argv[1]), listener, answer, started=lambda: print(port, flush=True)))
"""
Parent = subprocess.Popen[str]


@pytest.fixture
def processes() -> int:
    """How many answer."""
    return CHILDREN


@pytest.fixture
def parent(processes: int) -> Iterator[Parent]:
    """Whose processes answer with their numbers; it says its port."""
    with subprocess.Popen([sys.executable, "-c", SCRIPT, str(processes)], stdout=subprocess.PIPE, text=True) as started:
        yield started
        started.terminate()
        assert started.wait(30) == 0


@pytest.fixture
def port(parent: Parent) -> int:
    """Where they answer."""
    return int(line_of(parent))


def line_of(parent: Parent) -> str:
    assert parent.stdout is not None
    assert select.select([parent.stdout], [], [], 30)[0], "it said nothing"
    return parent.stdout.readline()


def asked(connection: HTTPConnection) -> str:
    """The number of the process that answered at this connection."""
    connection.request("GET", "/")
    return connection.getresponse().read().decode()


def connected(port: int) -> tuple[HTTPConnection, str]:
    """A connection that stays open, and whose it is."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    return connection, asked(connection)


def is_answered(port: int) -> bool:
    """Whether a connection of now is."""
    try:
        connection, _ = connected(port)
    except (ConnectionResetError, RemoteDisconnected):
        return False
    connection.close()
    return True


def test_connections_are_shared_evenly_and_stay_where_they_are(port: int) -> None:
    held = [connected(port) for _ in range(4 * CHILDREN)]
    assert set(Counter(number for _, number in held).values()) == {4}
    assert [asked(connection) for connection, _ in held] == [number for _, number in held]
    for connection, _ in held:
        connection.close()


def test_the_places_of_those_that_ended_are_given_again(port: int) -> None:
    held = [connected(port) for _ in range(2 * CHILDREN)]
    first = held[0][1]  # where both have as many, the first has the next
    for connection, number in held:
        if number != first:
            connection.close()
    for _ in range(1000):  # an end is known once its process has seen it
        connection, number = connected(port)
        connection.close()
        if number != first:
            break
    assert number != first
    for connection, _ in held:
        connection.close()


def test_a_burst_of_connections_is_shared_before_any_of_them_asks(port: int) -> None:
    held = [HTTPConnection("127.0.0.1", port, timeout=30) for _ in range(10 * CHILDREN)]
    for connection in held:
        connection.connect()
    assert set(Counter(asked(connection) for connection in held).values()) == {10}
    for connection in held:
        connection.close()


@pytest.mark.parametrize("processes", [1, CHILDREN])
def test_where_none_can_be_accepted_they_are_as_soon_as_that_is_over(parent: Parent, port: int) -> None:
    assert is_answered(port)
    before = resource.prlimit(parent.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(parent.pid, resource.RLIMIT_NOFILE, (1, before[1]))
    waiting = HTTPConnection("127.0.0.1", port, timeout=30)
    waiting.connect()
    assert "Too many open files" in line_of(parent)
    resource.prlimit(parent.pid, resource.RLIMIT_NOFILE, before)
    assert asked(waiting).isdecimal()
    waiting.close()


@pytest.mark.parametrize("processes", [1, CHILDREN])
def test_the_longest_silent_make_room_where_no_more_may_be_open(port: int, processes: int) -> None:
    held = [connected(port)[0] for _ in range(MOST_OPEN * processes)]
    assert is_answered(port)
    first, *others = held
    with pytest.raises((ConnectionResetError, RemoteDisconnected, BrokenPipeError)):
        asked(first)
    assert len({asked(connection) for connection in others}) == processes
    for connection in held:
        connection.close()


@pytest.mark.parametrize("processes", [1, CHILDREN])
def test_where_nobody_is_silent_one_more_is_closed_at_once(port: int, processes: int) -> None:
    with ExitStack() as stack:
        for _ in range(MOST_OPEN * processes):
            reader = stack.enter_context(socket.create_connection(("127.0.0.1", port), 30))
            reader.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            reader.recv(1)
        assert not is_answered(port)
    eventually(lambda: is_answered(port), why="nobody was let in again")

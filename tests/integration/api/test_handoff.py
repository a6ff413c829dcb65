"""Connections that come to one listener are shared evenly by the processes that answer at it."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

CHILDREN = 2
SCRIPT = f"""
import os, socket
from starlette.responses import PlainTextResponse
from services.api.processes import run_many
from services.api.serving import serve

def answer(given):
    serve(PlainTextResponse(str(os.getpid())), given)
    return 0

with socket.create_server(("127.0.0.1", 0)) as listener:
    port = listener.getsockname()[1]
    raise SystemExit(run_many({CHILDREN}, listener, answer, started=lambda: print(port, flush=True)))
"""


@pytest.fixture
def port() -> Iterator[int]:
    """Where the processes answer with their numbers."""
    with subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        yield int(parent.stdout.readline())
        parent.terminate()
        assert parent.wait(30) == 0


def asked(connection: HTTPConnection) -> str:
    """The number of the process that answered at this connection."""
    connection.request("GET", "/")
    return connection.getresponse().read().decode()


def connected(port: int) -> tuple[HTTPConnection, str]:
    """A connection that stays open, and whose it is."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    return connection, asked(connection)


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

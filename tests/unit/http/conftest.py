"""A client that may reach loopback, and servers that answer as a test says."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from shared.clock import SystemClock
from shared.domain.addresses import EgressPolicy
from shared.http.client import GuardedClient
from shared.http.tls import made_context
from tests.fakes.hostile_server import Answer, HostileServer, hostile_server

Serve = Callable[..., HostileServer]


@pytest.fixture(scope="session")
def tls_context() -> ssl.SSLContext:
    return made_context()


@pytest.fixture
def client(tls_context: ssl.SSLContext) -> Iterator[GuardedClient]:
    with GuardedClient(EgressPolicy(allow_loopback=True), SystemClock(), tls=tls_context) as client:
        yield client


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(answer: Answer, tls: ssl.SSLContext | None = None) -> HostileServer:
            return stack.enter_context(hostile_server(answer, tls))

        yield start

"""The browser's proxy, by raw requests over a socket, in front of raw servers."""

import base64
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

import pytest
from structlog.testing import capture_logs

from services.fetcher.adapters.forward_proxy import Bounds, ForwardProxy
from shared.domain.addresses import EgressPolicy
from shared.http.resolving import Lookup

HERE = EgressPolicy(allow_loopback=True)
Talk = Callable[[socket.socket], None]


@contextmanager
def server(talk: Talk) -> Iterator[tuple[int, list[bytes]]]:
    """A server that reads a head, remembers it, and then talks; its port, and what it was asked."""
    asked: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        with closing(connection):
            try:
                asked.append(read_until(connection, b"\r\n\r\n"))
                talk(connection)
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], asked
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def answer(body: bytes, *fields: str) -> Talk:
    head = "\r\n".join(("HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *fields, "", "")).encode()
    return lambda connection: connection.sendall(head + body)


def read_until(connection: socket.socket, end: bytes) -> bytes:
    seen = b""
    while end not in seen and (chunk := connection.recv(1)):  # and nothing of what follows
        seen += chunk
    return seen


def read_all(connection: socket.socket) -> bytes:
    chunks = []
    try:
        while chunk := connection.recv(65536):
            chunks.append(chunk)
    except ConnectionResetError:
        pass  # an end too
    return b"".join(chunks)


@contextmanager
def running(
    policy: EgressPolicy = HERE, *, bounds: Bounds | None = None, lookup: Lookup | None = None
) -> Iterator[ForwardProxy]:
    proxy = ForwardProxy(policy, bounds=bounds, lookup=lookup or _nobody)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.close()


def _nobody(host: str) -> list[str]:
    raise socket.gaierror(socket.EAI_NONAME, f"no test asks for {host}")


def connected(proxy: ForwardProxy) -> AbstractContextManager[socket.socket]:
    return closing(socket.create_connection(("127.0.0.1", proxy.port), timeout=20))


def request(proxy: ForwardProxy, line: str, *fields: str, credentials: str | None = None) -> bytes:
    plain = f"{proxy.username}:{proxy.password}" if credentials is None else credentials
    known = f"Proxy-Authorization: Basic {base64.b64encode(plain.encode()).decode()}"
    return "\r\n".join((line, *fields, known, "", "")).encode()


def ask(proxy: ForwardProxy, line: str, *fields: str, body: bytes = b"", credentials: str | None = None) -> bytes:
    """All that comes back for one request."""
    with connected(proxy) as connection:
        connection.sendall(request(proxy, line, *fields, credentials=credentials) + body)
        return read_all(connection)


def status(reply: bytes) -> int:
    return int(reply.split(b" ", 2)[1])


def test_a_plain_request_goes_on_in_origin_form_without_what_is_the_proxys() -> None:
    with server(answer(b"terms", "Connection: keep-alive", "X-Kept: yes")) as (port, asked), running() as proxy:
        reply = ask(
            proxy,
            f"GET http://acme.localhost:{port}/terms?x=1 HTTP/1.1",
            "Host: elsewhere.example",
            "Connection: keep-alive, X-Hop",
            "X-Hop: 1",
            "Accept: text/html",
        )

    head, _, body = reply.partition(b"\r\n\r\n")
    assert body == b"terms"
    assert head.split(b"\r\n") == [b"HTTP/1.1 200 OK", b"Content-Length: 5", b"X-Kept: yes", b"Connection: close"]
    assert asked[0].decode().split("\r\n") == [
        "GET /terms?x=1 HTTP/1.1",
        f"Host: acme.localhost:{port}",
        "Accept: text/html",
        "Connection: close",
        "",
        "",
    ]


def test_a_body_goes_on_and_a_second_request_does_not() -> None:
    got: list[bytes] = []

    def keep_open(connection: socket.socket) -> None:
        got.append(connection.recv(5, socket.MSG_WAITALL))
        connection.settimeout(0.3)
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
        with pytest.raises(TimeoutError):
            connection.recv(1)
        got.append(b"nothing more")

    with server(keep_open) as (port, _), running() as proxy:
        smuggled = f"GET http://acme.localhost:{port}/second HTTP/1.1\r\n\r\n".encode()
        url = f"http://acme.localhost:{port}/"
        reply = ask(proxy, f"POST {url} HTTP/1.1", "Content-Length: 5", body=b"hello" + smuggled)

    assert got == [b"hello", b"nothing more"]
    assert reply == b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


def test_connect_opens_a_tunnel_both_ways() -> None:
    pong = server(lambda connection: connection.sendall(b"pong"))
    with pong as (port, asked), running() as proxy, connected(proxy) as connection:
        connection.sendall(request(proxy, f"CONNECT acme.localhost:{port} HTTP/1.1"))
        assert status(read_until(connection, b"\r\n\r\n")) == 200
        connection.sendall(b"ping\r\n\r\n")
        assert read_all(connection) == b"pong"

    assert asked == [b"ping\r\n\r\n"]


@pytest.mark.parametrize("credentials", ["", "clausewatch:", "clausewatch:wrong", "someone:else"])
def test_nobody_else_may_use_it(credentials: str) -> None:
    with server(answer(b"terms")) as (port, asked), running() as proxy:
        plain = ask(proxy, f"GET http://acme.localhost:{port}/ HTTP/1.1", credentials=credentials)
        tunnel = ask(proxy, f"CONNECT acme.localhost:{port} HTTP/1.1", credentials=credentials)

    assert (status(plain), status(tunnel)) == (407, 407)
    assert b"Proxy-Authenticate: Basic" in plain
    assert asked == []


def test_each_start_has_its_own_password() -> None:
    assert ForwardProxy(HERE).password != ForwardProxy(HERE).password


REFUSED = [
    pytest.param("10.0.0.1:80", id="private"),
    pytest.param("169.254.169.254:80", id="metadata"),
    pytest.param("[::ffff:7f00:1]:80", id="mapped"),
    pytest.param("2130706433:80", id="disguised"),
    pytest.param("127.0.0.1:9", id="loopback-port"),
    pytest.param("localhost:9", id="loopback-name"),
    pytest.param("inside.example:80", id="resolves-to-private"),
    pytest.param("mixed.example:80", id="one-of-its-addresses-is-private"),
    pytest.param("inside.example:22", id="port"),
]


@pytest.mark.parametrize("target", REFUSED)
@pytest.mark.parametrize("line", ["GET http://{}/ HTTP/1.1", "CONNECT {} HTTP/1.1"])
def test_a_forbidden_target_is_refused_with_one_line_in_the_log(line: str, target: str) -> None:
    known = {"inside.example": ["192.168.0.7"], "mixed.example": ["93.184.215.14", "10.0.0.1"]}
    policy = EgressPolicy(allow_loopback=True, loopback_ports=frozenset({8000}))

    with running(policy, lookup=known.__getitem__) as proxy, capture_logs() as logs:
        assert status(ask(proxy, line.format(target))) == 403

    assert [entry["event"] for entry in logs] == ["browser.request_refused"]


def test_a_name_that_changes_between_two_looks_is_judged_at_each_connection() -> None:
    """Rebinding: the answer that was checked is the one that is connected to, and no answer is used twice."""
    looks = iter([["127.0.0.1"], ["10.0.0.1"], ["127.0.0.1"]])
    asked_for: list[str] = []

    def rebinding(host: str) -> list[str]:
        asked_for.append(host)
        return next(looks)

    with server(answer(b"terms")) as (port, asked):
        policy = EgressPolicy(allow_loopback=True, allowed_ports=frozenset({port}))
        with running(policy, lookup=rebinding) as proxy:
            line = f"GET http://rebind.example:{port}/ HTTP/1.1"
            assert [status(ask(proxy, line)) for _ in range(3)] == [200, 403, 200]

    assert len(asked_for) == 3
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("line", "fields", "expected"),
    [
        pytest.param("GET /terms HTTP/1.1", (), 400, id="origin-form"),
        pytest.param("GET https://acme.localhost:{port}/ HTTP/1.1", (), 400, id="https-without-a-tunnel"),
        pytest.param("GET ftp://acme.localhost:{port}/ HTTP/1.1", (), 400, id="other-scheme"),
        pytest.param("GET http://user:word@acme.localhost:{port}/ HTTP/1.1", (), 403, id="credentials-in-url"),
        pytest.param("CONNECT acme.localhost HTTP/1.1", (), 400, id="no-port"),
        pytest.param("CONNECT acme.localhost:{port}/x:80 HTTP/1.1", (), 400, id="path-in-authority"),
        pytest.param("nonsense", (), 400, id="no-request"),
        pytest.param("GET http://acme.localhost:{port}/ HTTP/1.1", ("Bad Name: 1",), 400, id="bad-field"),
        pytest.param("GET http://acme.localhost:{port}/ HTTP/1.1", ("A: 1\nB: 2",), 400, id="bare-line-feed"),
        pytest.param("GET http://acme.localhost:{port}/ HTTP/1.1", ("A: " + "a" * 70_000,), 431, id="long-head"),
        pytest.param("POST http://acme.localhost:{port}/ HTTP/1.1", ("Content-Length: x",), 400, id="bad-length"),
        pytest.param(
            "POST http://acme.localhost:{port}/ HTTP/1.1", ("Content-Length: 1", "Content-Length: 2"), 400, id="lengths"
        ),
        pytest.param("POST http://acme.localhost:{port}/ HTTP/1.1", ("Transfer-Encoding: chunked",), 501, id="chunked"),
        pytest.param("GET http://nowhere.example/ HTTP/1.1", (), 502, id="no-such-name"),
    ],
)
def test_what_it_does_not_understand_goes_nowhere(line: str, fields: tuple[str, ...], expected: int) -> None:
    with server(answer(b"terms")) as (port, asked), running() as proxy:
        assert status(ask(proxy, line.format(port=port), *fields)) == expected

    assert asked == []


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno field\r\n\r\n",
    ],
)
def test_what_is_no_answer_is_a_bad_gateway(said: bytes) -> None:
    with server(lambda connection: connection.sendall(said)) as (port, _), running() as proxy:
        assert status(ask(proxy, f"GET http://acme.localhost:{port}/ HTTP/1.1")) == 502


def test_a_closed_port_is_a_bad_gateway() -> None:
    with socket.socket() as unused, running() as proxy:
        unused.bind(("127.0.0.1", 0))
        assert status(ask(proxy, f"GET http://127.0.0.1:{unused.getsockname()[1]}/ HTTP/1.1")) == 502


def _drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    ended = threading.Event()
    while not ended.wait(0.02):
        connection.sendall(b".")


def _silence(connection: socket.socket) -> None:
    connection.recv(1)  # until the other side gives up


@pytest.mark.parametrize(
    ("talk", "bounds"),
    [
        pytest.param(_drip, Bounds(total_s=0.5), id="endless-drip"),
        pytest.param(_silence, Bounds(idle_s=0.3), id="silence"),
        pytest.param(lambda connection: connection.sendall(b"x" * 5_000_000), Bounds(bytes=1_000_000), id="flood"),
    ],
)
def test_no_connection_outlasts_its_bounds(talk: Talk, bounds: Bounds) -> None:
    with server(talk) as (port, _), running(bounds=bounds) as proxy, connected(proxy) as connection:
        connection.sendall(request(proxy, f"CONNECT acme.localhost:{port} HTTP/1.1"))
        assert status(read_until(connection, b"\r\n\r\n")) == 200
        connection.sendall(b"hello\r\n\r\n")
        assert len(read_all(connection)) <= bounds.bytes


def test_a_slow_name_server_is_not_waited_for() -> None:
    never = threading.Event()

    def slow(host: str) -> list[str]:
        never.wait(30)
        return ["127.0.0.1"]

    with running(bounds=Bounds(connect_s=0.3), lookup=slow) as proxy:
        assert status(ask(proxy, "GET http://slow.example/ HTTP/1.1")) == 504
    never.set()


def test_connections_at_once_are_bounded() -> None:
    with running(bounds=Bounds(connections=1)) as proxy, connected(proxy) as first:
        first.sendall(b"GET http://acme")  # taken, and unfinished
        assert status(ask(proxy, "GET http://nowhere.example/ HTTP/1.1")) == 503
        first.shutdown(socket.SHUT_WR)
        read_all(first)
        assert status(ask(proxy, "GET http://nowhere.example/ HTTP/1.1")) == 502


def test_closing_ends_what_is_under_way() -> None:
    with server(_silence) as (port, _), running() as proxy, connected(proxy) as connection:
        connection.sendall(request(proxy, f"CONNECT acme.localhost:{port} HTTP/1.1"))
        assert status(read_until(connection, b"\r\n\r\n")) == 200
        proxy.close()
        assert read_all(connection) == b""

"""The same guard under aiohttp."""

import asyncio
import socket
import threading
from collections.abc import Sequence

import aiohttp
import pytest

from shared.domain.addresses import EgressPolicy
from shared.http.connector import guarded_connector
from shared.http.resolving import BlockedAddress, Lookup, system_lookup
from tests.unit.http.conftest import Serve

OPEN = EgressPolicy(allow_loopback=True, allowed_ports=None)
STRICT = EgressPolicy(allowed_ports=None)


def post(url: str, policy: EgressPolicy, lookup: Lookup = system_lookup, total_s: float = 10) -> tuple[int, bytes]:
    async def run() -> tuple[int, bytes]:
        connector = guarded_connector(policy, lookup=lookup)
        timeout = aiohttp.ClientTimeout(total=total_s)
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.post(url, data=b"x", allow_redirects=False) as response,
        ):
            return response.status, await response.read()

    return asyncio.run(run())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "hook.localhost", "hooks.example"])
def test_allowed_targets_are_reached(serve: Serve, host: str) -> None:
    server = serve(lambda c: c.answer(202, c.headers["host"].encode()))
    assert post(server.url(host=host), OPEN, lambda name: ["127.0.0.1"]) == (202, f"{host}:{server.port}".encode())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "hook.localhost", "hooks.example"])
def test_loopback_is_refused_where_the_policy_says_so(serve: Serve, host: str) -> None:
    server = serve(lambda c: c.answer())
    with pytest.raises(aiohttp.ClientConnectorError) as caught:
        post(server.url(host=host), STRICT, lambda name: ["127.0.0.1"])
    assert isinstance(caught.value.os_error, BlockedAddress)
    assert server.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/",
        "http://10.0.0.1/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fd00:ec2::254]/",
        "http://168.63.129.16/",
    ],
)
def test_literal_addresses_are_checked_too(url: str) -> None:
    with pytest.raises(aiohttp.ClientConnectorError) as caught:
        post(url, OPEN)
    assert isinstance(caught.value.os_error, BlockedAddress)


@pytest.mark.parametrize("url", ["http://2130706433/", "http://127.1/", "http://0x7f.0.0.1/"])
def test_disguised_addresses_are_refused(url: str) -> None:
    with pytest.raises((aiohttp.InvalidURL, aiohttp.ClientConnectorError)):
        post(url, STRICT)


@pytest.mark.parametrize("answer", [["127.0.0.1", "10.0.0.1"], ["10.0.0.1"], ["127.0.0.1", "::ffff:7f00:1"]])
def test_one_bad_answer_spoils_them_all(serve: Serve, answer: Sequence[str]) -> None:
    server = serve(lambda c: c.answer())
    with pytest.raises(aiohttp.ClientConnectorDNSError) as caught:
        post(server.url(host="hooks.example"), OPEN, lambda name: answer)
    assert isinstance(caught.value.os_error, BlockedAddress)
    assert server.connections == 0


def test_ports_are_checked(serve: Serve) -> None:
    policy = EgressPolicy()
    with pytest.raises(aiohttp.ClientConnectorError, match="8\\.8\\.8\\.8"):
        post("http://8.8.8.8:25/", policy)


def test_a_name_without_address_is_told_apart() -> None:
    def unknown(host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(aiohttp.ClientConnectorDNSError) as caught:
        post("http://hooks.example/", OPEN, unknown)
    assert isinstance(caught.value.os_error, socket.gaierror)


def test_a_slow_name_server_holds_up_neither_the_deadline_nor_other_targets(serve: Serve) -> None:
    server = serve(lambda c: c.answer(200, b"quick"))
    over = threading.Event()

    def lookup(host: str) -> list[str]:
        if host == "slow.example":
            over.wait(10)
        return ["127.0.0.1"]

    async def run() -> tuple[BaseException | int, BaseException | int]:
        async with aiohttp.ClientSession(connector=guarded_connector(OPEN, lookup=lookup)) as session:

            async def status(host: str, total_s: float) -> int:
                timeout = aiohttp.ClientTimeout(total=total_s)
                async with session.get(server.url(host=host), timeout=timeout) as response:
                    return response.status

            slow, quick = await asyncio.gather(
                status("slow.example", 0.3), status("quick.example", 5), return_exceptions=True
            )
            return slow, quick

    slow, quick = asyncio.run(run())
    over.set()
    assert isinstance(slow, TimeoutError)
    assert quick == 200

"""Server-side request forgery: no target that is not of the public internet is ever connected to.

Every target goes through both real clients, the fetcher's and the notifier's, as production sets them up. Targets that
are written as numbers are refused before a name server is asked; names are refused by what they resolve to.
"""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from services.notifier.adapters.webhook import WebhookSender
from services.notifier.core.messages import Message, SendFailed, SendFailureKind
from shared.clock import SystemClock
from shared.domain.addresses import EgressPolicy
from shared.domain.captures import FailureKind, FetchFailed
from shared.http.client import GuardedClient
from shared.http.connector import guarded_connector
from shared.http.resolving import Lookup
from tests.fakes.hostile_server import Conversation
from tests.unit.http.conftest import Serve

Ask = Callable[[str, EgressPolicy, Lookup], str]
"""Asks for a URL, and says how it was refused: the kind of failure and its detail."""

ANY_PORT = EgressPolicy(allowed_ports=None)
HTTPS_ONLY = EgressPolicy(allow_http=False, allowed_ports=None)
LOOPBACK_ALLOWED = EgressPolicy(allow_loopback=True, allowed_ports=None)
PUBLIC = "93.184.215.14"


def fetch(url: str, policy: EgressPolicy, lookup: Lookup) -> str:
    with GuardedClient(policy, SystemClock(), lookup=lookup) as client, pytest.raises(FetchFailed) as caught:
        client.get(url, deadline_s=5)
    assert caught.value.kind is FailureKind.BLOCKED_ADDRESS
    return caught.value.detail


def deliver(url: str, policy: EgressPolicy, lookup: Lookup) -> str:
    async def send() -> None:
        connector = guarded_connector(policy, lookup=lookup)
        sender = WebhookSender(connector, policy, now=SystemClock().now, deadline_s=5)
        try:
            await sender.send(Message("dlv_1", url, b"{}"))
        finally:
            await sender.close()

    with pytest.raises(SendFailed) as caught:
        asyncio.run(send())
    assert caught.value.kind in {SendFailureKind.BLOCKED_ADDRESS, SendFailureKind.INVALID_ADDRESS}
    assert caught.value.permanent
    return caught.value.detail


@pytest.fixture(params=[fetch, deliver], ids=["fetcher", "notifier"])
def ask(request: pytest.FixtureRequest) -> Ask:
    chosen: Ask = request.param
    return chosen


def nobody_asks(host: str) -> Sequence[str]:
    raise AssertionError(f"a name server was asked for {host}")


LITERALS = {
    "loopback": "http://127.0.0.1/",
    "loopback, another": "http://127.8.9.10/",
    "loopback, last": "http://127.255.255.254/",
    "loopback, with a port": "http://127.0.0.1:6379/",
    "decimal": "http://2130706433/",
    "decimal, of metadata": "http://2852039166/",
    "hexadecimal": "http://0x7f000001/",
    "hexadecimal, dotted": "http://0x7f.0x0.0x0.0x1/",
    "hexadecimal, capitals": "http://0X7F.1/",
    "octal": "http://0177.0.0.1/",
    "octal, one number": "http://017700000001/",
    "octal, with more zeros": "http://0000177.0.0.1/",
    "mixed bases": "http://0x7f.0.0.01/",
    "short, two parts": "http://127.1/",
    "short, three parts": "http://127.0.1/",
    "short, of a private network": "http://10.1/",
    "short, nothing": "http://0/",
    "trailing dot": "http://127.0.0.1./",
    "wide digits": "http://１２７.０.０.１/",
    "circled digits": "http://①②⑦.⓪.⓪.①/",
    "ideographic stop": "http://127。0。0。1/",
    "this network": "http://0.0.0.0/",
    "private, 10": "http://10.0.0.1/",
    "private, 172": "http://172.16.0.1/",
    "private, 172, last": "http://172.31.255.255/",
    "private, 192": "http://192.168.1.1/",
    "carrier-grade NAT": "http://100.64.0.1/",
    "link-local": "http://169.254.1.1/",
    "metadata": "http://169.254.169.254/latest/meta-data/",
    "metadata of containers": "http://169.254.170.2/v2/credentials",
    "metadata, Azure": "http://168.63.129.16/",
    "metadata, Alibaba": "http://100.100.100.200/",
    "metadata, Oracle": "http://192.0.0.192/",
    "protocol assignments": "http://192.0.0.8/",
    "documentation": "http://192.0.2.1/",
    "6to4 relay": "http://192.88.99.1/",
    "benchmarking": "http://198.18.0.1/",
    "multicast": "http://224.0.0.1/",
    "reserved": "http://240.0.0.1/",
    "broadcast": "http://255.255.255.255/",
    "IPv6 loopback": "http://[::1]/",
    "IPv6 loopback, in full": "http://[0:0:0:0:0:0:0:1]/",
    "IPv6 unspecified": "http://[::]/",
    "mapped loopback": "http://[::ffff:127.0.0.1]/",
    "mapped loopback, hexadecimal": "http://[::ffff:7f00:1]/",
    "mapped metadata": "http://[::ffff:a9fe:a9fe]/",
    "mapped, even of a public address": f"http://[::ffff:{PUBLIC}]/",
    "translated": "http://[::ffff:0:127.0.0.1]/",
    "compatible": "http://[::127.0.0.1]/",
    "NAT64": "http://[64:ff9b::7f00:1]/",
    "NAT64, local": "http://[64:ff9b:1::a00:1]/",
    "6to4": "http://[2002:7f00:1::1]/",
    "6to4 of metadata": "http://[2002:a9fe:a9fe::]/",
    "Teredo": "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
    "ISATAP": "http://[2a00:1450::5efe:7f00:1]/",
    "IPv6 link-local": "http://[fe80::1]/",
    "IPv6 link-local with a zone": "http://[fe80::1%25lo]/",
    "IPv6 loopback with a zone": "http://[::1%25lo]/",
    "IPv6 site-local": "http://[fec0::1]/",
    "IPv6 unique local": "http://[fd12:3456:789a::1]/",
    "IPv6 metadata, Amazon": "http://[fd00:ec2::254]/",
    "IPv6 metadata, Google": "http://[fd20:ce::254]/",
    "IPv6 multicast": "http://[ff02::1]/",
    "IPv6 documentation": "http://[2001:db8::1]/",
    "IPv6 documentation, newer": "http://[3fff::1]/",
    "IPv6 segment routing": "http://[5f00::1]/",
    "IPv6 discard": "http://[100::1]/",
    "localhost": "http://localhost/",
    "localhost, capitals and a dot": "http://LocalHost./",
    "below localhost": "http://anything.localhost/",
    "credentials": "http://user:word@acme.example/",
    "credentials that look like a host": "http://acme.example@127.0.0.1/",
    "credentials, empty": "http://@acme.example/",
    "backslash": "http://acme.example\\@127.0.0.1/",
    "white space": "http://127.0.0.1 .acme.example/",
    "line break": "http://acme.example/\r\nHost: 127.0.0.1",
    "no host": "http:///latest/",
    "port 0": "http://acme.example:0/",
    "another scheme": "gopher://127.0.0.1:6379/_FLUSHALL",
    "a file": "file:///etc/hostname",
    "a socket": "unix:///var/run/docker.sock",
}

RESOLVED = {
    "metadata.google.internal": ["169.254.169.254"],
    "metadata": ["169.254.169.254"],
    "instance-data.ec2.internal": ["169.254.169.254"],
    "kubernetes.default.svc": ["10.96.0.1"],
    "intranet.acme.example": ["192.168.0.10"],
    "127.0.0.1.wildcard.example": ["127.0.0.1"],
    "loopback6.example": ["::1"],
    "mapped.example": ["::ffff:10.0.0.1"],
    "nat64.example": ["64:ff9b::a00:1"],
    "6to4.example": ["2002:c0a8:1::"],
    "teredo.example": ["2001:0:4136:e378:8000:63bf:80ff:fffe"],
    "zone.example": ["fe80::1%lo"],
    "first-of-many.example": ["10.0.0.1", *(f"93.184.215.{n}" for n in range(1, 40))],
    "last-of-many.example": [*(f"93.184.215.{n}" for n in range(1, 40)), "10.0.0.1"],
    "one-family-each.example": [PUBLIC, "fd00::1"],
    "xn--mnchen-3ya.example": ["172.20.0.1"],
}


def test_there_are_at_least_sixty_targets() -> None:
    assert len(set(LITERALS.values())) + len(RESOLVED) >= 60


@pytest.mark.parametrize("url", LITERALS.values(), ids=LITERALS)
def test_a_target_in_numbers_or_in_disguise_is_refused_unasked(ask: Ask, url: str) -> None:
    assert ask(url, ANY_PORT, nobody_asks)


@pytest.mark.parametrize(("host", "addresses"), RESOLVED.items(), ids=RESOLVED)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_is_refused_by_what_it_resolves_to(ask: Ask, scheme: str, host: str, addresses: list[str]) -> None:
    asked: list[str] = []

    def lookup(name: str) -> Sequence[str]:
        asked.append(name)
        return addresses

    assert ask(f"{scheme}://{host}/", ANY_PORT, lookup)
    assert asked == [host]


@pytest.mark.parametrize("host", [PUBLIC, "acme.example"])
def test_plain_http_is_refused_where_https_is_needed(ask: Ask, host: str) -> None:
    assert "https" in ask(f"http://{host}/", HTTPS_ONLY, nobody_asks)


class Rebinding:
    """A name server whose first answer is public, and every later one is this machine."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, host: str) -> Sequence[str]:
        self.asked += 1
        return [PUBLIC] if self.asked == 1 else ["127.0.0.1"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the test's own refusal leaves a socket
def test_a_name_that_rebinds_is_connected_to_where_it_was_checked_and_refused_the_next_time(
    ask: Ask, serve: Serve
) -> None:
    sink = serve(lambda c: c.answer())
    names, url = Rebinding(), sink.url(host="rebinds.example")
    # tests may not leave this machine, so the attempt itself shows the address: the one that was checked
    with pytest.raises(AssertionError, match=f"tried to connect to .*{PUBLIC}"):
        ask(url, ANY_PORT, names)
    assert names.asked == 1
    assert "loopback" in ask(url, ANY_PORT, names)
    assert (names.asked, sink.connections) == (2, 0)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target", ["http://10.0.0.1/", "http://[::ffff:169.254.169.254]/", "http://2130706433/", "file:///etc/hostname"]
)
def test_the_fetcher_judges_every_hop_of_a_redirect(serve: Serve, status: int, target: str) -> None:
    server = serve(lambda c: c.answer(status, headers=[("Location", target)]))
    assert fetch(server.url(), LOOPBACK_ALLOWED, nobody_asks)
    assert server.connections == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_notifier_follows_no_redirect_not_even_to_where_it_may_go(serve: Serve, status: int) -> None:
    sink = serve(lambda c: c.answer())

    def answer(conversation: Conversation) -> None:
        conversation.answer(status, headers=[("Location", sink.url("/elsewhere"))])

    async def send(url: str) -> None:
        connector = guarded_connector(LOOPBACK_ALLOWED)
        sender = WebhookSender(connector, LOOPBACK_ALLOWED, now=SystemClock().now, deadline_s=5)
        try:
            await sender.send(Message("dlv_1", url, b"{}"))
        finally:
            await sender.close()

    with pytest.raises(SendFailed) as caught:
        asyncio.run(send(serve(answer).url()))
    assert caught.value.kind is SendFailureKind.REDIRECT
    assert sink.connections == 0

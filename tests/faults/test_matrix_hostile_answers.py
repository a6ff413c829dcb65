"""Rows 14 to 18 and 22 of the fault matrix, and what else an endpoint may do: all of them at once, at one notifier.

Every endpoint is told of two changes and fails in its own way. Then all receivers are mended, and when the time of the
schedule has come, what was not delivered before is delivered, with the same id and bytes.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from services.notifier.core.messages import ANSWER_LIMIT
from shared.db.tables import AttemptRow, DeliveryRow
from shared.domain.deliveries import EndpointState
from tests.faults.hostile_bench import DEADLINE_S, Bench
from tests.faults.hostile_receivers import (
    CHUNK,
    Behaviour,
    bomb,
    endless,
    fine,
    packed,
    redirecting,
    reset,
    saying,
    silent,
    status,
)
from tests.faults.hostile_rows import Hook, Row, change_in

CHANGES = 2
NEIGHBOURS = 10
_HEAD = b"HTTP/1.1 200 OK\r\n"
_LONG = _HEAD + b"Content-Length: 1000000000\r\n\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@dataclass(frozen=True)
class Fault:
    """How an endpoint misbehaves, and the outcome that its owner then reads in the attempt log."""

    behaviour: Behaviour = fine
    outcome: str = "protocol"
    port: Callable[[Bench], int] | None = None
    """Where it is not at the receivers' port."""


ROW_14 = {
    "500": Fault(status(500), "status"),
    "404": Fault(status(404), "status"),
    "reset": Fault(reset),
    "refused": Fault(outcome="connect", port=lambda bench: bench.refused_port),
}
ROW_15 = {
    "connect": Fault(outcome="timeout", port=lambda bench: bench.unanswered_port),
    "silence": Fault(silent(), "timeout"),
    "half-a-header": Fault(silent(b"HTTP/1.1 200 OK\r\nX-Wait"), "timeout"),
    "slow-header": Fault(endless(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"y", 0.05), "timeout"),
    "continue-for-ever": Fault(endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01), "timeout"),
}
ROW_16 = {
    "slow-body": Fault(endless(_HEAD + b"Content-Length: 1000\r\n\r\n", b"y", 0.05), "timeout"),
    "slow-chunks": Fault(endless(_CHUNKED, b"1\r\ny\r\n", 0.05), "timeout"),
    "slow-body-of-a-failure": Fault(endless(b"HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\n", b"n", 1), "timeout"),
}
ROW_17 = {
    "gigabyte": Fault(endless(_LONG, CHUNK), "delivered"),
    "gigabyte-of-a-failure": Fault(endless(_LONG.replace(b"200 OK", b"500 No"), CHUNK), "status"),
    "endless-chunks": Fault(endless(_CHUNKED, b"10000\r\n" + CHUNK + b"\r\n"), "delivered"),
    "bomb": Fault(bomb(200), "delivered"),
    "bomb-of-a-failure": Fault(bomb(500), "status"),
}
ROW_18 = {
    "loop": Fault(redirecting("loop"), "redirect"),
    "elsewhere": Fault(redirecting("/answers/followed", 302), "redirect"),
    "nowhere": Fault(redirecting("http://[", 301), "redirect"),
    "to-a-secret": Fault(redirecting("http://169.254.169.254/latest/meta-data/", 308), "redirect"),
}
BAD_INPUT = {
    "http-0.9": Fault(saying(b"thanks\n")),
    "hang-up": Fault(saying(b"")),
    "half-a-head": Fault(saying(b"HTTP/1.1 200 OK\r\nContent-Le")),
    "half-a-body": Fault(saying(_HEAD + b"Content-Length: 100\r\n\r\nhalf")),
    "half-a-chunk": Fault(saying(_CHUNKED + b"ffff\r\nhalf")),
    "headers-without-end": Fault(endless(_HEAD + b"X-Huge: ", CHUNK)),
    "another-protocol": Fault(saying(b"220 mail.example ESMTP\r\n")),
    "two-lengths": Fault(saying(_HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!")),
    "switches-protocols": Fault(saying(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"), "status"),
}
FAULTS = ROW_14 | ROW_15 | ROW_16 | ROW_17 | ROW_18 | BAD_INPUT


@dataclass
class Struck:
    """What was seen of all these endpoints."""

    row: Row
    quick: list[float]
    """Seconds until each healthy endpoint had heard, without the others."""
    beside: list[float] = field(default_factory=list)
    """The same beside them."""
    grown: int = 0
    """By how many bytes the notifier's peak grew while it took the first answers."""
    first: Mapping[str, list[DeliveryRow]] = field(default_factory=dict)
    """How each delivery stood after its first attempt."""
    written: Mapping[str, int] = field(default_factory=dict)
    """Bytes that the kernel had taken of the answers by then."""


@pytest.fixture(scope="module")
def struck(bench: Bench) -> Iterator[Struck]:
    packed()
    row = Row(bench, "answers")
    for number in range(NEIGHBOURS):
        row.hook(f"healthy-{number}")
    healthy = list(row.hooks.values())
    heard_within(row, healthy)  # the notifier has started then
    seen = Struck(row, quick=heard_within(row, healthy))
    for name, fault in FAULTS.items():
        path = f"/answers/{name}"
        bench.receivers.behave(path, fault.behaviour)
        row.hook(name, f"http://127.0.0.1:{fault.port(bench)}{path}" if fault.port else None)
    before = bench.peak_memory(anew=True)
    seen.beside = heard_within(row, healthy)
    endpoints = [row.hooks[name] for name in FAULTS]
    row.until_attempted(1, *endpoints)
    seen.grown = bench.peak_memory() - before
    seen.first = {name: row.deliveries(row.hooks[name]) for name in FAULTS}
    seen.written = dict(bench.receivers.written)
    for name in FAULTS:
        bench.receivers.behave(f"/answers/{name}", fine)
    bench.move(timedelta(seconds=10))
    row.until_attempted(2, *endpoints)
    yield seen
    row.end()


def heard_within(row: Row, hooks: Sequence[Hook]) -> list[float]:
    """Tell of two changes; the seconds until each of these endpoints had heard of both."""
    begun, receivers = time.monotonic(), row.bench.receivers
    changes = set(row.tell(CHANGES))

    def heard(hook: Hook) -> list[float]:
        return [one.at - begun for one in receivers.at(hook.path) if change_in(one) in changes]

    row.bench.until(lambda: all(len(heard(hook)) == CHANGES for hook in hooks), "the healthy were not told")
    return [max(heard(hook)) for hook in hooks]


def first_attempts(struck: Struck, name: str) -> list[AttemptRow]:
    attempts = struck.row.attempts(struck.row.hooks[name])
    return [attempt for attempt in attempts if attempt.n == 1]


def is_retried_and_delivered_in_the_end(struck: Struck, name: str) -> None:
    """Five seconds later (±20 %), with the same id and bytes (see `Row.end`)."""
    row, hook = struck.row, struck.row.hooks[name]
    for delivery in struck.first[name]:
        assert (delivery.state, delivery.attempts) == ("failed", 1)
        [first, *_] = row.bench.store.attempts(delivery.id)
        ended = first.at + timedelta(milliseconds=first.duration_ms)
        assert 3.9 <= (delivery.due_at - ended).total_seconds() <= 7.0
        assert first.error
    if FAULTS[name].port is None:
        assert row.states(hook) == [("delivered", None)] * CHANGES
        assert Counter(map(change_in, row.bench.receivers.at(hook.path))) == dict.fromkeys(row.told[-CHANGES:], 2)
    else:
        assert {state for state, _ in row.states(hook)} == {"failed"}


@pytest.mark.parametrize("name", ROW_14)
def test_row_14_a_failure_is_classified_and_retried_by_the_schedule(struck: Struck, name: str) -> None:
    assert {attempt.outcome for attempt in first_attempts(struck, name)} == {FAULTS[name].outcome}
    is_retried_and_delivered_in_the_end(struck, name)


@pytest.mark.parametrize("name", [*ROW_15, *ROW_16])
def test_rows_15_and_16_one_deadline_covers_connecting_headers_and_body(struck: Struck, name: str) -> None:
    for attempt in first_attempts(struck, name):
        assert attempt.outcome == FAULTS[name].outcome
        assert DEADLINE_S * 1000 - 50 <= attempt.duration_ms <= DEADLINE_S * 1000 + 1_500
    is_retried_and_delivered_in_the_end(struck, name)


def test_row_15_the_others_are_told_as_quickly_as_without_them(
    struck: Struck, record_testsuite_property: Callable[[str, object], None]
) -> None:
    record_testsuite_property("slowest of the healthy, alone (s)", max(struck.quick))
    record_testsuite_property("slowest of the healthy, beside the others (s)", max(struck.beside))
    assert max(struck.beside) < DEADLINE_S, "nobody waited for an endpoint that hangs"


@pytest.mark.parametrize("name", ROW_17)
def test_row_17_little_is_read_of_an_answer_without_end(struck: Struck, name: str) -> None:
    attempts = first_attempts(struck, name)
    assert {attempt.outcome for attempt in attempts} == {FAULTS[name].outcome}
    assert {attempt.duration_ms < DEADLINE_S * 1000 for attempt in attempts} == {True}
    assert struck.written[f"/answers/{name}"] <= CHANGES * 4_000_000, "the connection was cut"
    assert all(len((attempt.answer or "").encode()) <= 3 * ANSWER_LIMIT for attempt in attempts)
    if FAULTS[name].outcome == "delivered":
        assert [(one.state, one.attempts) for one in struck.first[name]] == [("delivered", 1)] * CHANGES
    else:
        is_retried_and_delivered_in_the_end(struck, name)


def test_row_17_memory_stays_flat(struck: Struck, record_testsuite_property: Callable[[str, object], None]) -> None:
    record_testsuite_property("growth of the notifier's peak (bytes)", struck.grown)
    assert struck.grown < 30_000_000


@pytest.mark.parametrize("name", ROW_18)
def test_row_18_a_redirect_fails_and_is_never_followed(struck: Struck, name: str) -> None:
    assert {attempt.outcome for attempt in first_attempts(struck, name)} == {"redirect"}
    assert struck.row.bench.receivers.at("/answers/followed") == []
    is_retried_and_delivered_in_the_end(struck, name)


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_what_is_no_answer_is_a_failure_with_words(struck: Struck, name: str) -> None:
    assert {attempt.outcome for attempt in first_attempts(struck, name)} == {FAULTS[name].outcome}
    is_retried_and_delivered_in_the_end(struck, name)


def test_row_22_gone_disables_at_once_and_is_told_once(bench: Bench) -> None:
    row = Row(bench, "gone")
    hook = row.hook("hook")
    bench.receivers.behave(hook.path, status(410))
    row.tell()
    row.until_attempted(1, hook)
    row.tell(3)
    row.until_idle()
    assert row.states(hook) == [("dead", "endpoint-gone"), *[("held", "endpoint-disabled")] * 3]
    assert (row.endpoint(hook).state, row.endpoint(hook).reason) == ("disabled", "endpoint-gone")
    assert len(bench.receivers.at(hook.path)) == 1
    bench.until(lambda: len(row.mails()) == 1, "the owner was not told")
    bench.move(timedelta(days=1))
    row.until_idle()
    assert [subject.partition("]")[0] for subject in row.mails()] == ["[DISABLED"]

    bench.receivers.behave(hook.path, fine)
    bench.store.set_endpoint_state(hook.id, EndpointState.ACTIVE, bench.now())
    [dead] = [one for one in row.deliveries(hook) if one.state == "dead"]
    bench.store.replay(dead.id, bench.now())
    row.until_idle()
    assert row.states(hook) == [("delivered", None)] * 4
    row.end()

"""Rows 19 to 21 of the fault matrix, and addresses that must not be reached: names and certificates that lie."""

from datetime import timedelta

from tests.faults.hostile_bench import CERTIFIED, DEADLINE_S, Bench
from tests.faults.hostile_receivers import untouched_listener, was_touched
from tests.faults.hostile_rows import Hook, Row

THIS_HOST = "0.0.0.0"
"""An address that the guard refuses and that Linux would connect to this very machine (ip(7), INADDR_ANY)."""
LOOPBACK = "127.0.0.1"
_ONE_ANSWER = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"


def named(row: Row, name: str, *, port: int | None = None) -> Hook:
    """An endpoint by the name `{name}.{row}.example`."""
    host, path = f"{name}.{row.name}.example", f"/{row.name}/{name}"
    return row.hook(name, f"http://{host}:{port or row.bench.receivers.port}{path}")


def host(row: Row, name: str) -> str:
    return f"{name}.{row.name}.example"


def outcomes(row: Row, hook: Hook) -> set[str]:
    return {attempt.outcome for attempt in row.attempts(hook)}


def test_row_19_names_that_do_not_exist_or_are_not_answered_are_classified_and_bounded(bench: Bench) -> None:
    row = Row(bench, "row19")
    unknown, slow = named(row, "unknown"), named(row, "slow")
    bench.names.never_answer(host(row, "slow"))
    row.tell(2)
    row.until_attempted(1, unknown, slow)

    assert (outcomes(row, unknown), outcomes(row, slow)) == ({"dns"}, {"timeout"})
    assert all(DEADLINE_S * 1000 - 50 <= one.duration_ms <= DEADLINE_S * 1000 + 1_500 for one in row.attempts(slow))
    heard = [one.at for one in bench.receivers.at(row.neighbour.path)]
    assert len(heard) == 2, "the neighbour was told while the name server kept the others waiting"

    for name in ("unknown", "slow"):
        bench.names.answer(host(row, name), [LOOPBACK])
    bench.names.answer_all()
    bench.move(timedelta(seconds=10))
    row.until_attempted(2, unknown, slow)
    assert row.states(unknown) == row.states(slow) == [("delivered", None)] * 2
    row.end()


def test_row_20_an_address_is_looked_up_once_and_what_was_judged_is_connected_to(bench: Bench) -> None:
    """A name server that changes its mind between the look and the connection."""
    row = Row(bench, "row20")
    hook = named(row, "rebinds")
    bench.names.answer(host(row, "rebinds"), [LOOPBACK], [THIS_HOST])
    row.tell()
    row.until_attempted(1, hook)
    assert row.states(hook) == [("delivered", None)]
    assert bench.names.asked.count(host(row, "rebinds")) == 1
    row.end()


def test_row_20_no_connection_is_begun_to_what_is_private(bench: Bench) -> None:
    row = Row(bench, "private")
    with untouched_listener() as sink:
        port = int(sink.getsockname()[1])
        bench.names.answer(host(row, "at-a-closed-port"), [LOOPBACK])
        bench.names.answer(host(row, "one-among-many"), [LOOPBACK, "10.0.0.1"])
        bench.names.answer(host(row, "mapped"), ["::ffff:127.0.0.1"])
        bench.names.answer(host(row, "this-host"), [THIS_HOST])
        bench.names.answer(host(row, "metadata"), ["169.254.169.254"])
        closed = named(row, "at-a-closed-port", port=port)
        mixed = [named(row, name) for name in ("one-among-many", "mapped", "this-host", "metadata")]
        row.tell()
        row.until_attempted(1, closed, *mixed)
        assert not was_touched(sink)
    for hook in (closed, *mixed):
        assert (row.states(hook), outcomes(row, hook)) == ([("dead", "refused")], {"blocked-address"})
        assert bench.receivers.at(hook.path) == []
        assert all(attempt.error for attempt in row.attempts(hook))
    row.end()


REFUSED = {
    "http://10.0.0.1/hook": "private",
    "http://[::ffff:7f00:1]/hook": "IPv4-mapped",
    "http://2130706433/hook": "an IPv4 address in an unusual form",
    "http://user:word@hooks.example/hook": "credentials",
    "ftp://hooks.example/hook": "scheme 'ftp'",
    "hooks.example/hook": "scheme ''",
    "http://hooks.example/\r\nHost: other": "control character",
    "http://hooks.example:99999/hook": "not a URL",
    "http://[hooks.example/hook": "not a URL",
    "": "scheme ''",
}


def test_bad_input_an_address_that_came_into_the_database_unchecked_is_refused(bench: Bench) -> None:
    """Nobody can enter such an address (`tests/unit/notifier/test_addresses.py`); the sender looks all the same."""
    row = Row(bench, "unchecked")
    hooks = {url: row.hook(f"number-{number}") for number, url in enumerate(REFUSED)}
    for url, hook in hooks.items():
        row.set_address(hook, url)
    row.tell()
    row.until_attempted(1, *hooks.values())
    for url, hook in hooks.items():
        assert (row.states(hook), outcomes(row, hook)) == ([("dead", "refused")], {"invalid-address"})
        assert REFUSED[url] in (row.attempts(hook)[0].error or "")
        assert bench.receivers.at(hook.path) == []
    row.end()


def test_row_21_a_certificate_counts_for_its_own_name_alone(bench: Bench) -> None:
    """Three names at one address: no body goes over a connection that was verified for another name."""
    row = Row(bench, "tls")
    wrong_name, expired_name = "wrong.example", "expired.example"
    for name in (CERTIFIED, wrong_name, expired_name):
        bench.names.answer(name, [LOOPBACK])
    right = row.hook("right", bench.certified.url("/tls/right", CERTIFIED))
    wrong = row.hook("wrong", bench.certified.url("/tls/wrong", wrong_name))
    expired = row.hook("expired", bench.expired.url("/tls/expired", expired_name))
    for number in (1, 2):
        row.tell()
        row.until_attempted(1, right, wrong, expired)
        assert row.states(right) == [("delivered", None)] * number

    assert {one.connection for one in bench.certified.at(right.path)} == {bench.certified.at(right.path)[0].connection}
    for hook, why in ((wrong, "ostname mismatch"), (expired, "expired")):
        assert outcomes(row, hook) == {"tls"}
        assert all(why in (attempt.error or "") for attempt in row.attempts(hook))
        assert {state for state, _ in row.states(hook)} == {"failed"}
    assert {one.path for one in bench.certified.log} == {right.path}
    assert bench.expired.log == []
    row.end()

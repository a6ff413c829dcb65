"""Rows 23 to 25 and 29 of the fault matrix: receivers that ask for time, are dead for days, and come back all at once.

The notifier's clock is moved; see `tests.faults.hostile_notifier`.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime

from sqlmodel import col, select

from shared.db.tables import EventFailureRow
from shared.domain.deliveries import Channel, EndpointState
from shared.domain.subscriptions import Subscription
from tests.factories.reports import report
from tests.faults.hostile_bench import PER_SECOND, Bench
from tests.faults.hostile_receivers import Behaviour, fine, saying, status
from tests.faults.hostile_rows import Row, change_in

DAY = timedelta(days=1)
BY_SCHEDULE = (3.9, 6.5)
"""Seconds until the second attempt: 5 s ± 20 %, and what an attempt takes."""


def asking(bench: Bench, code: int, retry_after: Callable[[datetime], str]) -> Behaviour:
    return status(code, lambda: f"Retry-After: {retry_after(bench.now())}\r\n")


def http_date(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


WAITS: dict[str, tuple[int, Callable[[datetime], str], tuple[float, float]]] = {
    "429-seconds": (429, lambda _: "90", (89.9, 93)),
    "503-seconds": (503, lambda _: "90", (89.9, 93)),
    "429-date": (429, lambda now: http_date(now + timedelta(minutes=2)), (117, 122)),
    "503-date": (503, lambda now: http_date(now + timedelta(minutes=2)), (117, 122)),
    "less-than-the-schedule": (429, lambda _: "1", BY_SCHEDULE),
    "nothing": (429, lambda _: "", BY_SCHEDULE),
    "zero": (503, lambda _: "0", BY_SCHEDULE),
    "negative": (503, lambda _: "-90", BY_SCHEDULE),
    "a-fraction": (429, lambda _: "90.5", BY_SCHEDULE),
    "junk": (429, lambda _: "when we are ready", BY_SCHEDULE),
    "a-date-that-is-none": (503, lambda _: "Fri, 99 Foo 2026 99:99:99 GMT", BY_SCHEDULE),
    "the-past": (503, lambda now: http_date(now - DAY), BY_SCHEDULE),
    "huge": (429, lambda _: "9" * 30, (86_399.9, 86_403)),
    "a-hundred-years": (503, lambda now: http_date(now + 36_500 * DAY), (86_397, 86_403)),
    "of-a-plain-failure": (500, lambda _: "90", BY_SCHEDULE),
}


def first_attempt_of(row: Row) -> datetime:
    return min(attempt.at for hook in row.hooks.values() for attempt in row.attempts(hook))


def test_row_23_retry_after_is_honoured_and_capped(bench: Bench) -> None:
    row = Row(bench, "patience")
    for name, (code, retry_after, _) in WAITS.items():
        hook = row.hook(name)
        bench.receivers.behave(hook.path, asking(bench, code, retry_after))
    hooks = [row.hooks[name] for name in WAITS]
    row.tell()
    row.until_attempted(1, *hooks)
    waits = {}
    for name in WAITS:
        [delivery], [attempt] = row.deliveries(row.hooks[name]), row.attempts(row.hooks[name])
        ended = attempt.at + timedelta(milliseconds=attempt.duration_ms)
        waits[name] = (delivery.due_at - ended).total_seconds()
    outside = {name: wait for name, wait in waits.items() if not WAITS[name][2][0] <= wait <= WAITS[name][2][1]}
    assert outside == {}

    for hook in hooks:
        bench.receivers.behave(hook.path, fine)
    for moved_to, expected in ((80, 6.5), (130, 122), (86_300, 122), (86_500, 86_403)):
        bench.move(first_attempt_of(row) + timedelta(seconds=moved_to) - bench.now())
        row.until_idle()
        came = {name for name in WAITS if len(bench.receivers.at(row.hooks[name].path)) == 2}
        assert came == {name for name, (*_, (_, latest)) in WAITS.items() if latest <= expected}
    row.end()


def test_row_24_dead_for_days_is_told_as_failing_disabled_and_recovered_once_each(bench: Bench) -> None:
    row = Row(bench, "dead")
    hook = row.hook("hook")
    bench.receivers.behave(hook.path, saying(b""))
    disabled_after = 0
    for day in range(9):
        row.tell()
        row.until_idle()
        if row.endpoint(hook).state == "disabled" and not disabled_after:
            disabled_after = day
        bench.move(DAY)
    row.until_idle()
    assert disabled_after in {5, 6}
    assert row.endpoint(hook).reason == "endpoint-disabled"
    asked = len(bench.receivers.at(hook.path))
    assert {state for state, _ in row.states(hook)} == {"held"}
    assert phases(row) == ["[DISABLED", "[FAILING"]

    bench.receivers.behave(hook.path, fine)
    bench.store.set_endpoint_state(hook.id, EndpointState.ACTIVE, bench.now())
    row.until_idle()
    assert row.states(hook) == [("delivered", None)] * len(row.told)
    recovered = bench.receivers.at(hook.path)[asked:]
    assert sorted(change_in(one) for one in recovered) == sorted(row.told), "each once, and nothing lost"
    bench.until(lambda: len(row.mails()) >= 3, "the owner was not told")
    row.until_idle()
    assert phases(row) == ["[DISABLED", "[FAILING", "[RECOVERED"]
    row.end()


def phases(row: Row) -> list[str]:
    return [subject.partition("]")[0] for subject in row.mails()]


def test_row_25_one_that_recovers_is_not_run_over(bench: Bench) -> None:
    """Three seconds' worth of deliveries are due when it comes back: a third goes at once, the rest at its rate."""
    row = Row(bench, "thunder")
    hook = row.hook("hook")
    bench.receivers.behave(hook.path, status(503))
    count = 3 * PER_SECOND
    row.tell(count)
    row.until_attempted(1, hook)
    failed = len(bench.receivers.at(hook.path))
    bench.receivers.behave(hook.path, fine)
    bench.move(timedelta(minutes=10))
    begun = bench.receivers.at(hook.path)[-1].at
    bench.until(lambda: row.states(hook) == [("delivered", None)] * count, "not all were delivered")
    arrived = [one.at for one in bench.receivers.at(hook.path)[failed:]]
    assert len(arrived) == count
    for number, at in enumerate(arrived):
        least = (number + 1 - PER_SECOND) / PER_SECOND
        assert at - begun >= least - 0.01, f"{number + 1} in {at - begun:.2f} s"
    assert bench.receivers.most_at_once[hook.path] <= 8
    row.end()


POISON = {
    "out-of-time": {"dates": {**report()["dates"], "first_seen_new": "9999-12-31T23:59:59-23:59"}},
    "without-a-headline": {"headline": 5},
    "of-another-shape": {"provisions": 5},
}
"""What a report may hold that no mail can be made of; as a webhook it goes out as it stands."""


def test_row_29_words_that_cannot_be_written_are_one_dead_mail_each_and_the_others_flow(bench: Bench) -> None:
    row = Row(bench, "poison")
    hook = row.hook("hook")
    [box] = [one for one in bench.store.endpoints(row.account) if one.kind == Channel.EMAIL]
    bench.owner.subscribe(row.account, Subscription(platforms=frozenset({"poison"})), [box.id])
    bench.store.set_endpoint_state(box.id, EndpointState.PAUSED, bench.now())
    row.tell()
    poisoned = [row.tell(**changed)[0] for changed in POISON.values()]
    row.tell(2)
    row.until_idle()
    bench.store.set_endpoint_state(box.id, EndpointState.ACTIVE, bench.now())  # now all mails are due in one claim
    row.until_idle()

    mails = [one for one in bench.store.deliveries(row.account) if one.channel == Channel.EMAIL]
    states = {one.subject.removeprefix("change:"): (one.state, one.reason) for one in mails}
    assert {change for change, state in states.items() if state == ("dead", "not-composable")} == set(poisoned)
    assert len(row.mails()) == list(states.values()).count(("delivered", None)) == 3
    for one in mails:
        [attempt] = bench.store.attempts(one.id)
        assert (attempt.outcome, bool(attempt.error)) in {("not-composable", True), ("delivered", False)}
    assert row.states(hook) == [("delivered", None)] * len(row.told)
    row.end()


def test_row_29_a_payload_that_is_no_event_is_a_dead_letter_and_those_behind_it_flow(bench: Bench) -> None:
    row = Row(bench, "letters")
    poison = [bench.publish({"change_id": 5}), bench.publish({})]
    row.tell()
    bench.until(lambda: bench.receivers.at(row.neighbour.path), "what came behind was held up")

    def dead_letters() -> list[EventFailureRow]:
        statement = select(EventFailureRow).where(col(EventFailureRow.event_id).in_(poison))
        with bench.database.reading() as session:
            return list(session.exec(statement))

    bench.until(lambda: len(dead_letters()) == len(poison), "what was poison is nowhere to be seen")
    assert all(one.dead_at is not None and "not a change.detected" in one.last_error for one in dead_letters())
    row.end()

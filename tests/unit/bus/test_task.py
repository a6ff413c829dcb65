"""The task base class: what is counted, and when an event is given up."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.bus.app import PerProcess, make_app
from shared.bus.task import Context, register_event
from shared.clock import ManualClock
from shared.events import SnapshotCaptured

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVENT = {"document_id": "doc_1", "snapshot_id": "snp_1"}


@dataclass
class CountingInbox:
    """An inbox in memory."""

    consumer: str = "differ"
    attempts: int = 0
    errors: list[str] = field(default_factory=list)
    dead_after: int = 3

    def is_settled(self, _event_id: str) -> bool:
        return self.attempts >= self.dead_after

    def failures(self, _event_id: str) -> int:
        return self.attempts

    def failed(self, _event_id: str, error: str, _now: datetime, *, poison: bool = False) -> bool:
        self.attempts = self.dead_after if poison else self.attempts + 1
        self.errors.append(error)
        return self.attempts >= self.dead_after


@dataclass
class Resources:
    inbox: CountingInbox = field(default_factory=CountingInbox)
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))
    handled: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    breaks: bool = False


def handle(resources: Resources, event: SnapshotCaptured, _context: Context) -> None:
    if resources.breaks:
        raise RuntimeError("broken")
    resources.handled.append(event.snapshot_id)


def give_up(resources: Resources, event: SnapshotCaptured, why: str) -> None:
    resources.given_up.append(why)


@pytest.fixture
def resources() -> Resources:
    return Resources()


def deliver(resources: Resources, *, publication: int = 1, payload: dict[str, Any] = EVENT) -> None:
    app = make_app("test", "memory://")
    register_event(app, SnapshotCaptured, handle, PerProcess(lambda: resources), give_up=give_up)
    envelope = {"event_id": "evt_1", "correlation_id": "cor_1", "payload": payload, "publication": publication}
    app.tasks[SnapshotCaptured.name](envelope)


def test_an_event_is_handled(resources: Resources) -> None:
    deliver(resources)
    assert (resources.handled, resources.inbox.attempts) == (["snp_1"], 0)


def test_what_fails_is_counted_and_given_up_in_the_end(resources: Resources) -> None:
    resources.breaks = True
    for publication in (1, 2, 3, 4):
        deliver(resources, publication=publication)
    assert resources.inbox.errors == ["RuntimeError: broken"] * 3
    assert resources.given_up == ["RuntimeError: broken"]


def test_an_attempt_that_ended_without_a_word_is_counted_when_it_is_published_again(resources: Resources) -> None:
    deliver(resources, publication=2)
    assert resources.inbox.errors == ["an earlier attempt ended without a word"]
    assert resources.handled == ["snp_1"]


def test_attempts_that_keep_ending_without_a_word_are_given_up(resources: Resources) -> None:
    resources.inbox.attempts = 2
    deliver(resources, publication=9)
    assert resources.handled == []
    assert resources.given_up == ["an earlier attempt ended without a word"]


def test_a_payload_that_is_no_event_is_given_up_at_once(resources: Resources) -> None:
    deliver(resources, payload={"document_id": 7})
    assert resources.inbox.is_settled("evt_1")
    assert (resources.handled, resources.given_up) == ([], [])

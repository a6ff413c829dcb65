"""The order of events that a newcomer sees: revisions, an error page, a flap."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from services.cli.sample.platform import DOCUMENTS, SamplePlatform


@dataclass(frozen=True, slots=True)
class Step:
    """What happens `at_s` seconds after the start. `action` is publish, break, mend or flap."""

    at_s: float
    action: str
    slug: str
    revision: int = 0


_LOOKS_BEFORE = 2

SHOW: Sequence[Step] = (
    Step(4, "flap", "privacy"),
    Step(7, "publish", "terms", 2),
    Step(10, "publish", "acceptable-use", 2),
    Step(12, "break", "privacy"),
    Step(16, "publish", "api-terms", 2),
    Step(19, "mend", "privacy"),
    Step(20, "publish", "privacy", 2),
    Step(26, "publish", "terms", 3),
    Step(30, "publish", "privacy", 3),
    Step(34, "publish", "acceptable-use", 3),
    Step(38, "publish", "api-terms", 3),
)


def perform(platform: SamplePlatform, step: Step) -> None:
    """Do one step of the show."""
    if step.action == "publish":
        platform.publish(step.slug, step.revision)
    elif step.action == "flap":
        platform.flap_once(step.slug)
    else:
        platform.show_error(step.slug, step.action == "break")


def run_show(platform: SamplePlatform, stop: threading.Event, show: Sequence[Step] = SHOW) -> None:
    """Play the show in real time once every document was looked at twice, until its end or until told to stop."""
    while any(platform.requests(document.path) < _LOOKS_BEFORE for document in DOCUMENTS):
        if stop.wait(0.1):
            return
    elapsed = 0.0
    for step in show:
        if stop.wait(step.at_s - elapsed):
            return
        elapsed = step.at_s
        perform(platform, step)

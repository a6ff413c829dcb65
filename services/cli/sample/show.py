"""The order of events that a newcomer sees: revisions, an error page, a flap."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from services.cli.sample.platform import SamplePlatform


@dataclass(frozen=True, slots=True)
class Step:
    """What happens `at_s` seconds after the start. `action` is publish, break, mend or flap."""

    at_s: float
    action: str
    slug: str
    revision: int = 0


SHOW: Sequence[Step] = (
    Step(9, "flap", "privacy"),
    Step(12, "publish", "terms", 2),
    Step(15, "publish", "acceptable-use", 2),
    Step(17, "break", "privacy"),
    Step(21, "publish", "api-terms", 2),
    Step(24, "mend", "privacy"),
    Step(25, "publish", "privacy", 2),
    Step(31, "publish", "terms", 3),
    Step(35, "publish", "privacy", 3),
    Step(39, "publish", "acceptable-use", 3),
    Step(43, "publish", "api-terms", 3),
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
    """Play the show in real time, until its end or until told to stop."""
    elapsed = 0.0
    for step in show:
        if stop.wait(step.at_s - elapsed):
            return
        elapsed = step.at_s
        perform(platform, step)

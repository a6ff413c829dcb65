"""An endpoint's incident in words, the same by mail and on Slack."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.notifier.core.compose import wording

_DISABLED = {
    "endpoint-gone": "An endpoint said that it is gone, and is disabled.",
    "mail-bounced": "A mailbox takes no mail any more, and is disabled.",
    "mail-complained": "The reader of a mailbox reported our mail as spam, and it is disabled.",
    "mail-unsubscribed": "The reader of a mailbox unsubscribed, and it is disabled.",
}
_SENTENCES = {
    "failing": "An endpoint cannot be reached.",
    "disabled": "An endpoint has been failing for five days, and is disabled.",
    "recovered": "An endpoint is reached again.",
}
_CLOSINGS = {
    "failing": "We keep trying, and disable it once nothing has reached it for five days. Nothing is lost: what could "
    "not be delivered is kept and can be sent again.",
    "disabled": "Nothing is lost: what could not be delivered is kept and can be sent again once the endpoint is "
    "enabled.",
    "recovered": "What waited for it is on its way. What was given up meanwhile is kept and can be sent again.",
}


@dataclass(frozen=True, slots=True)
class Incident:
    """What of an incident a reader is told; `detail` is the endpoint's last answer, empty where there was none."""

    tag: str
    sentence: str
    kind: str
    address: str
    since: str
    recovered: bool
    detail: str
    closing: str
    commands: tuple[str, ...]


def incident(data: Mapping[str, Any]) -> Incident:
    """The incident that a notice carries; KeyError or ValueError where its data lacks something."""
    endpoint, phase = data["endpoint"], data.get("phase", "disabled")  # before phases there was no other
    since = wording.moment(data["since"])
    if since is None:
        raise ValueError("an incident has a beginning")
    retry = f"clausewatch deliveries retry --endpoint {endpoint['id']} --failed"
    commands = {"failing": (f"clausewatch endpoints test {endpoint['id']}",), "recovered": (retry,)}
    return Incident(
        tag=phase.upper(),
        sentence=_DISABLED.get(data["reason"], _SENTENCES[phase]) if phase == "disabled" else _SENTENCES[phase],
        kind=endpoint["kind"].capitalize(),
        address=wording.one_line(endpoint["address"], 2000),
        since=since,
        recovered=phase == "recovered",
        detail=wording.visible(data["detail"]),
        closing=_CLOSINGS[phase],
        commands=commands.get(phase, (f"clausewatch endpoints enable {endpoint['id']}", retry)),
    )

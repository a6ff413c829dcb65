"""Slack's incoming webhooks: sent as webhooks are, answers read as Slack means them.

Errors after docs.slack.dev, "Sending messages using incoming webhooks". The URL is a secret: nothing that is said of a
failure repeats it.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp

from services.notifier.adapters.webhook import DEADLINE_S, WebhookSender
from services.notifier.core.messages import Accepted, Message, SendFailed, SendFailureKind
from shared.domain.addresses import SLACK_HOSTS, EgressPolicy
from shared.domain.endpoint_addresses import slack_host
from shared.logging import get_logger

log = get_logger()

_CONNECT_SHARE = 2 / 3
"""Of the deadline: a connection that is not made by then was certainly not used."""
_ANSWER_KEPT = 200

_ENDED = {403, 404, 410}
_ENDED_WORDS = (
    "no_service",
    "no_active_hooks",
    "no_team",
    "team_disabled",
    "invalid_token",
    "channel_not_found",
    "channel_is_archived",
    "action_prohibited",
    "posting_to_general_channel_denied",
)
"""Answers after which nothing will ever be taken at this URL."""
_OUR_FAULT = {400, 413, 415, 422}


class SlackSender:
    """Posts messages to incoming webhooks at `hosts`. Make it inside the running loop; `close()` it there.

    Slack knows no repeat for one, so a silence after the request may have been sent is ambiguous.
    """

    def __init__(
        self,
        connector: aiohttp.BaseConnector,
        policy: EgressPolicy,
        *,
        now: Callable[[], datetime],
        hosts: Collection[str] = SLACK_HOSTS,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._hosts = hosts
        self._web = WebhookSender(
            connector, policy, now=now, deadline_s=deadline_s, connect_s=deadline_s * _CONNECT_SHARE
        )

    async def close(self) -> None:
        """End every connection."""
        await self._web.close()

    async def send(self, message: Message) -> Accepted:
        """Post the message; SendFailed for anything but 200 and `ok`."""
        if not slack_host(message.address, self._hosts):
            raise SendFailed(SendFailureKind.INVALID_ADDRESS, "not at a host of Slack's", permanent=True)
        try:
            # on a connection of its own, so that one which the other side was closing cannot make it ambiguous
            accepted = await self._web.send(replace(message, headers=(("Connection", "close"),)))
        except SendFailed as failed:
            raise _meant(failed, message) from None
        answer = _without_secret(accepted.answer, message.address)
        if accepted.status != 200 or answer.strip() != "ok":
            raise SendFailed(
                SendFailureKind.PROTOCOL,
                f"HTTP {accepted.status} without Slack's ok",
                status=accepted.status,
                answer=answer,
            )
        return Accepted(accepted.status, answer)


def _meant(failed: SendFailed, message: Message) -> SendFailed:
    """The failure in Slack's terms."""
    status = failed.status
    if status is None:
        return _unanswered(failed)
    answer = _without_secret(failed.answer, message.address)
    said = answer.strip().splitlines()[0][:80] if answer.strip() else "nothing"
    detail = f"Slack answered HTTP {status}: {said}"
    if failed.kind is SendFailureKind.REDIRECT:
        return SendFailed(failed.kind, "redirects are not followed", status=status, answer=answer)
    if status in _ENDED or (400 <= status < 500 and status != 429 and any(word in answer for word in _ENDED_WORDS)):
        return SendFailed(SendFailureKind.GONE, detail, status=status, answer=answer)
    if status in _OUR_FAULT:
        # no repeat helps, and it is not the endpoint's fault: whoever runs this installation must hear of it
        log.error("slack.message_refused", delivery_id=message.delivery_id, status=status, answer=said)
        return SendFailed(SendFailureKind.REJECTED, detail, permanent=True, status=status, answer=answer)
    return SendFailed(failed.kind, detail, retry_after=failed.retry_after, status=status, answer=answer)


def _unanswered(failed: SendFailed) -> SendFailed:
    if failed.kind is SendFailureKind.TIMEOUT:
        return SendFailed(failed.kind, failed.detail, ambiguous=True)
    if failed.kind is SendFailureKind.PROTOCOL:
        # what the library says of a broken answer may name the URL
        return SendFailed(failed.kind, f"no usable answer ({type(failed.__cause__).__name__})", ambiguous=True)
    return failed


def _without_secret(answer: str, url: str) -> str:
    """The beginning of an answer; some error pages repeat what was asked for."""
    path = urlsplit(url).path
    for part in (path, path.rpartition("/")[2]):
        if len(part) > 1:
            answer = answer.replace(part, "…")
    return answer[:_ANSWER_KEPT]

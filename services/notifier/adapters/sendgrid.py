"""Email through SendGrid's v3 API, with its own library."""

import asyncio
import http.client
from collections.abc import Callable
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from typing import Any
from urllib.error import URLError

from python_http_client.exceptions import HTTPError  # type: ignore[import-untyped]
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import (
    ClickTracking,
    CustomArg,
    Email,
    Header,
    Mail,
    MailSettings,
    OpenTracking,
    SandBoxMode,
    TrackingSettings,
)

from services.notifier.core.messages import Accepted, Message, SendFailed, SendFailureKind, excerpt
from shared.domain.retry_after import parse_retry_after

DEADLINE_S = 15.0
_WRONG_FOREVER = {400, 413}
_PASSED_ON = (
    "Message-ID",
    "In-Reply-To",
    "References",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
)


class SendGridSender:
    """Hands messages to SendGrid. 202 means accepted, not delivered; the delivery's id comes back in its events.

    SendGrid knows no idempotency key, so a silence after the request is ambiguous.
    """

    def __init__(
        self,
        api_key: str,
        *,
        now: Callable[[], datetime],
        host: str = "https://api.sendgrid.com",
        sandbox: bool = False,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._api = SendGridAPIClient(api_key, host=host)
        self._api.client.timeout = deadline_s
        self._deadline_s = deadline_s
        self._sandbox = sandbox
        self._now = now

    async def close(self) -> None:
        """Nothing is kept open."""

    async def send(self, message: Message) -> Accepted:
        """Hand in the message; SendFailed otherwise."""
        try:
            async with asyncio.timeout(self._deadline_s):
                response = await asyncio.to_thread(self._api.send, _request(message, self._sandbox))
        except HTTPError as error:
            raise self._refused(error) from error
        except URLError as error:
            raise SendFailed(SendFailureKind.CONNECT, str(error.reason)) from error
        except TimeoutError as error:
            raise SendFailed(SendFailureKind.TIMEOUT, "no answer before the deadline", ambiguous=True) from error
        except (http.client.HTTPException, OSError) as error:
            detail = f"{type(error).__name__}: {error}"
            raise SendFailed(SendFailureKind.PROTOCOL, detail, ambiguous=True) from error
        return Accepted(response.status_code, excerpt(response.body))

    def _refused(self, error: HTTPError) -> SendFailed:
        now = self._now()
        wait = parse_retry_after(error.headers.get("Retry-After"), now)
        reset = error.headers.get("X-RateLimit-Reset", "")
        if wait is None and error.status_code == 429 and reset.isdigit():
            wait = max(0.0, int(reset) - now.timestamp())
        return SendFailed(
            SendFailureKind.STATUS,
            f"SendGrid answered HTTP {error.status_code}",
            permanent=error.status_code in _WRONG_FOREVER,
            retry_after=wait,
            status=error.status_code,
            answer=excerpt(error.body),
        )


def _request(message: Message, sandbox: bool) -> dict[str, Any]:
    """The request body: the same words and headers as the message that SMTP would have carried."""
    parsed = message_from_bytes(message.body, policy=default)
    if not isinstance(parsed, EmailMessage):
        raise TypeError("the message was not parsed by the modern policy")
    name, address = parseaddr(str(parsed["From"]))
    mail = Mail(
        from_email=Email(address, name),
        to_emails=message.address,
        subject=str(parsed["Subject"]),
        plain_text_content=_part(parsed, "plain"),
        html_content=_part(parsed, "html"),
    )
    for header in _PASSED_ON:
        if parsed[header]:
            mail.add_header(Header(header, str(parsed[header])))
    mail.add_custom_arg(CustomArg("delivery_id", message.delivery_id))
    tracking = TrackingSettings()
    tracking.click_tracking, tracking.open_tracking = ClickTracking(False, False), OpenTracking(False)
    mail.tracking_settings = tracking
    if sandbox:
        mail.mail_settings = MailSettings(sandbox_mode=SandBoxMode(True))
    body: dict[str, Any] = mail.get()
    return body


def _part(parsed: EmailMessage, subtype: str) -> str:
    part = parsed.get_body((subtype,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""

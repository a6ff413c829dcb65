"""Email through a mail server, one connection a message."""

import asyncio
import re
import ssl
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from services.notifier.core.messages import Accepted, Message, SendFailed, SendFailureKind, excerpt

DEADLINE_S = 15.0
_NO_MAILBOX = re.compile(r"5\.(1\.(1|2|3|6|10)|2\.1)\b")
"""Bad mailbox, domain or syntax, moved, no mail wanted, disabled (RFC 3463, RFC 7505)."""
Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed in."""

    host: str
    port: int
    security: Security
    username: str | None = None
    password: str | None = None

    @classmethod
    def from_url(cls, url: str) -> "SmtpServer":
        """`smtps://user:password@host` (TLS from the start, port 465) or `smtp://…` (STARTTLS, port 587).

        `smtp://host?security=none` sends in the clear, for a relay on the same machine. ValueError for anything else.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("a mail server is named by smtp://host or smtps://host")
        security: Security = "tls" if parts.scheme == "smtps" else "starttls"
        match parse_qs(parts.query).get("security"):
            case None:
                pass
            case ["none"]:
                security = "none"
            case ["starttls"]:
                security = "starttls"
            case other:
                raise ValueError(f"security is none or starttls, not {other}")
        return cls(
            parts.hostname,
            parts.port or (465 if security == "tls" else 587),
            security,
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
        )


class SmtpSender:
    """Hands whole messages to one server. `sender` is the address of the From header; bounces go there."""

    def __init__(
        self, server: SmtpServer, sender: str, *, tls: ssl.SSLContext | None = None, deadline_s: float = DEADLINE_S
    ) -> None:
        self._server = server
        self._sender = parseaddr(sender)[1]
        self._tls = tls
        self._deadline_s = deadline_s

    async def close(self) -> None:
        """Nothing is kept open."""

    async def send(self, message: Message) -> Accepted:
        """Hand in the message; SendFailed otherwise, ambiguous where the server fell silent after it had the text."""
        client = aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            username=self._server.username,
            password=self._server.password,
            use_tls=self._server.security == "tls",
            start_tls=self._server.security == "starttls",
            tls_context=self._tls,
            timeout=self._deadline_s,
        )
        text_sent = False
        try:
            async with asyncio.timeout(self._deadline_s):
                await client.connect()
                await client.mail(self._sender)
                await client.rcpt(message.address)
                text_sent = True
                response = await client.data(message.body)
        except aiosmtplib.SMTPResponseException as error:
            raise _refused(error) from error
        except ssl.SSLError as error:
            raise SendFailed(SendFailureKind.TLS, str(error)) from error
        except TimeoutError as error:
            raise SendFailed(SendFailureKind.TIMEOUT, "no answer before the deadline", ambiguous=text_sent) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            kind = SendFailureKind.PROTOCOL if text_sent else SendFailureKind.CONNECT
            raise SendFailed(kind, f"{type(error).__name__}: {error}", ambiguous=text_sent) from error
        finally:
            client.close()
        return Accepted(response.code, excerpt(response.message.encode()))


def _refused(error: aiosmtplib.SMTPResponseException) -> SendFailed:
    """5xx will not change by asking again (RFC 5321, 4.2.1), save where it is our own login that was refused.

    That the mailbox itself is at fault is believed only of an enhanced status code that says so: a bare 550 is what
    servers also answer to a sender whom they do not like.
    """
    ours = isinstance(error, aiosmtplib.SMTPAuthenticationError | aiosmtplib.SMTPHeloError)
    no_mailbox = error.code >= 500 and _NO_MAILBOX.match(error.message)
    return SendFailed(
        SendFailureKind.RECIPIENT if no_mailbox else SendFailureKind.REJECTED,
        f"SMTP {error.code}",
        permanent=error.code >= 500 and not ours,
        status=error.code,
        answer=excerpt(error.message.encode()),
    )

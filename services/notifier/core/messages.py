"""What goes out, what comes back, and how a send fails: the words that senders and handlers share."""

from dataclasses import dataclass
from enum import StrEnum

ANSWER_LIMIT = 2048
"""Bytes of an endpoint's answer that are kept in the attempt log."""

_DETAIL_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery, ready to send; the same delivery is the same message at every try, but for signature and time.

    For a webhook, `body` is the JSON that was signed and `headers` are those of the request. For email, `body` is the
    whole RFC 5322 message and `headers` are empty. `address` is the URL or the mailbox. `personal` are the values in an
    email's text and HTML that are this recipient's alone, each under its name: all else is the same for every recipient
    of the notice, so a provider that takes many recipients in one request can be given it once.
    """

    delivery_id: str
    address: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    personal: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """The endpoint took the message. `answer` is the beginning of what it said."""

    status: int | None = None
    answer: str = ""


class SendFailureKind(StrEnum):
    """Why a message did not go out."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"
    STATUS = "status"
    REDIRECT = "redirect"
    GONE = "gone"
    BLOCKED_ADDRESS = "blocked-address"
    INVALID_ADDRESS = "invalid-address"
    REJECTED = "rejected"
    RECIPIENT = "recipient-refused"
    """There is no such mailbox, or it takes nothing any more; it would be so for every other message."""
    LOCAL = "local"


class SendFailed(Exception):
    """A send that failed.

    `permanent`: no repeat will help. `retry_after`: seconds the receiver asked for. `ambiguous`: the message may have
    been accepted, and a repeat would arrive as a second message; a webhook is never ambiguous, since its receiver knows
    a repeat by its id. `status` and `answer` are what the receiver said, `answer` cut to `ANSWER_LIMIT` bytes.
    """

    def __init__(
        self,
        kind: SendFailureKind,
        detail: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        ambiguous: bool = False,
        status: int | None = None,
        answer: str = "",
    ) -> None:
        self.kind = kind
        self.detail = _storable(detail)[:_DETAIL_LIMIT]
        super().__init__(f"{kind}: {self.detail}")
        self.permanent = permanent
        self.retry_after = retry_after
        self.ambiguous = ambiguous
        self.status = status
        self.answer = answer


def excerpt(answer: bytes) -> str:
    """The beginning of an answer as text that any database takes: at most `ANSWER_LIMIT` bytes, no NUL."""
    return _storable(answer[:ANSWER_LIMIT].decode("utf-8", "replace"))


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")

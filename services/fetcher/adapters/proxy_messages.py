"""HTTP/1.1 messages as a forward proxy reads and writes them (RFC 9112)."""

import asyncio
import re
from dataclasses import dataclass

Headers = list[tuple[str, str]]

_MOST_INTERIM_ANSWERS = 5
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*)")
_NOT_FORWARDED = frozenset(
    {
        "connection",
        "expect",
        "host",  # written anew from the target (RFC 9112, 3.2.2)
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "upgrade",
    }
)


class Refused(Exception):
    """A request that is answered here: the status line's end, and further header fields."""

    def __init__(self, status: str, *fields: str) -> None:
        super().__init__(status)
        self.status = status
        self.fields = fields


@dataclass(frozen=True, slots=True)
class ProxyRequest:
    """A request's head; the target as it stands in the request line."""

    method: str
    target: str
    headers: Headers

    def values(self, name: str) -> list[str]:
        """All values of a header field, named in lower case."""
        return [value for key, value in self.headers if key.lower() == name]


def as_head(*lines: str) -> bytes:
    """A message's head, from its lines."""
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("latin-1")


def forwarded(headers: Headers) -> list[str]:
    """The header fields that go on, as lines, and the one that makes this exchange the connection's last."""
    named = {
        word.strip().lower() for name, value in headers if name.lower() == "connection" for word in value.split(",")
    }
    dropped = _NOT_FORWARDED | (named - {"content-length", "transfer-encoding"})
    return [*(f"{name}: {value}" for name, value in headers if name.lower() not in dropped), "Connection: close"]


async def head_lines(reader: asyncio.StreamReader) -> list[str]:
    """The lines of a message's head; Refused where it is too long."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise Refused("431 Request Header Fields Too Large") from None
    return head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")


def fields_of(lines: list[str], otherwise: str) -> Headers:
    """The header fields in these lines; Refused with the status `otherwise` where one is none."""
    matches = [_FIELD.fullmatch(line) for line in lines]
    if None in matches:
        raise Refused(otherwise)
    return [(match[1], match[2]) for match in matches if match]


def body_length(request: ProxyRequest) -> int:
    """Bytes that follow the head; Refused where that is not said, or said in two ways."""
    if request.values("transfer-encoding"):
        raise Refused("501 Not Implemented")
    lengths = request.values("content-length") or ["0"]
    if len(lengths) > 1 or not re.fullmatch(r"[0-9]{1,12}", lengths[0]):
        raise Refused("400 Bad Request")
    return int(lengths[0])


async def answer_head(remote: asyncio.StreamReader) -> bytes:
    """The head of the final answer, without what concerns one connection only."""
    for _ in range(_MOST_INTERIM_ANSWERS):
        try:
            status, *fields = await head_lines(remote)
        except (Refused, asyncio.IncompleteReadError):
            break
        if not re.match(r"HTTP/1\.[01] [1-5][0-9]{2}\b", status) or status[9:12] == "101":
            break
        if status[9] != "1":
            return as_head(status, *forwarded(fields_of(fields, "502 Bad Gateway")))
    raise Refused("502 Bad Gateway")

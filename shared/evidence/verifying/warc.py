"""Reads the captures of a bundle (WARC 1.1, ISO 28500:2017), strictly, and with a bound on what they unpack to.

It shares nothing with what writes them, so that one's mistake is not the other's.
"""

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from shared.evidence.ledger import sha256_hex

MOST_BYTES = 512_000_000
_END = b"\r\n\r\n"


class BadWarc(ValueError):
    """Not captures as bundles hold them; the message says why."""


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. `sha256` is of its body as it stands in the record."""

    snapshot_id: str
    part: int
    url: str
    status: int | None
    headers: tuple[tuple[str, str], ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for that answer; `line` is its first line."""

    snapshot_id: str
    part: int
    url: str
    line: str
    headers: tuple[tuple[str, str], ...]


def records(packed: bytes) -> Iterator[Response | Request]:
    """The answers and requests, in order; BadWarc at what is no WARC, or holds anything else."""
    for place, (fields, block) in enumerate(_blocks(_unpacked(packed))):
        kind = fields.get("warc-type")
        if kind == "response":
            yield _response(fields, block)
        elif kind == "request":
            yield _request(fields, block)
        elif kind != "warcinfo" or place > 0:
            raise BadWarc("it holds a record that is neither an answer nor what was asked for")


def _blocks(data: bytes) -> Iterator[tuple[dict[str, str], bytes]]:
    """The named fields of each record, and what it holds."""
    at = 0
    while at < len(data):
        end = data.find(_END, at)
        if end < 0 or not data.startswith((b"WARC/1.1\r\n", b"WARC/1.0\r\n"), at):
            raise BadWarc("it is no WARC file")
        fields = dict(_fields(data[at:end]))
        length = fields.get("content-length", "")
        begin = end + len(_END)
        if not (length.isascii() and length.isdigit() and len(length) < 12):
            raise BadWarc("a record does not say how long it is")
        at = begin + int(length)
        if data[at : at + len(_END)] != _END:
            raise BadWarc("a record is not as long as it says")
        yield fields, data[begin:at]
        at += len(_END)


def _response(fields: dict[str, str], block: bytes) -> Response:
    head, separator, body = block.partition(_END)
    if not separator:
        raise BadWarc("an answer has no end of its headers")
    words = head.split(b"\r\n", 1)[0].split(b" ", 2)
    is_status = len(words) > 1 and words[1].isdigit() and len(words[1]) < 10
    return Response(
        snapshot_id=_snapshot(fields),
        part=_part(fields),
        url=fields.get("warc-target-uri", ""),
        status=int(words[1]) if is_status else None,
        headers=tuple(_fields(head, keep_case=True)),
        sha256=sha256_hex(body),
    )


def _request(fields: dict[str, str], block: bytes) -> Request:
    head, _, rest = block.partition(_END)
    if rest:
        raise BadWarc("a request holds more than its headers")
    return Request(
        snapshot_id=_snapshot(fields),
        part=_part(fields),
        url=fields.get("warc-target-uri", ""),
        line=head.split(b"\r\n", 1)[0].decode("utf-8", "replace"),
        headers=tuple(_fields(head, keep_case=True)),
    )


def _snapshot(fields: dict[str, str]) -> str:
    try:
        return fields["clausewatch-snapshot"]
    except KeyError:
        raise BadWarc("a record does not say which capture it belongs to") from None


def _part(fields: dict[str, str]) -> int:
    number = fields.get("clausewatch-part", "")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise BadWarc("a record does not say which part of its capture it is")
    return int(number)


def _fields(head: bytes, *, keep_case: bool = False) -> Iterator[tuple[str, str]]:
    """The named fields after the first line."""
    for line in head.decode("utf-8", "replace").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        yield (name if keep_case else name.lower()), value.strip()


def _unpacked(packed: bytes) -> bytes:
    """The members of a gzip file, one after the other."""
    try:
        data = gzip.GzipFile(fileobj=io.BytesIO(packed)).read(MOST_BYTES + 1)
    except EOFError:
        raise BadWarc("it ends in the middle") from None
    except (OSError, zlib.error):
        raise BadWarc("it is not packed with gzip") from None
    if len(data) > MOST_BYTES:
        raise BadWarc(f"it unpacks to more than {MOST_BYTES} bytes")
    return data

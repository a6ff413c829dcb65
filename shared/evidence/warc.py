"""Writes captures as a WARC file (WARC 1.1, ISO 28500:2017), the same bytes for the same captures.

What may be in a record and what not stands in docs/evidence.md; `verifying/warc.py` reads it with other code.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import NAMESPACE_URL, uuid5

from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

_INFO = (
    b"software: Clausewatch\r\nformat: WARC File Format 1.1\r\n"
    b"conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
)
_NOT_OF_THE_BODY = frozenset({"content-encoding", "transfer-encoding", "content-length"})
"""They speak of the bytes on the wire; what is kept is the body with its encoding undone."""
_LINE_ENDS = str.maketrans({"\r": " ", "\n": " ", "\0": " "})


@dataclass(frozen=True, slots=True)
class Captured:
    """A snapshot: its parts as `ledger.part_facts` gives them, and the body of each."""

    snapshot_id: str
    parts: Sequence[Mapping[str, Any]]
    bodies: Sequence[bytes]


def to_warc(captures: Iterable[Captured]) -> bytes:
    """What the file is, then a response record for each part and its request's, where the request was recorded.

    Each record is gzipped by itself (the usual `.warc.gz`).
    """
    packed = io.BytesIO()
    writer = WARCWriter(packed, gzip=True, warc_version="WARC/1.1")
    for place, captured in enumerate(captures):
        if place == 0 and captured.parts:
            writer.write_record(_info(writer, captured))
        for number, (part, body) in enumerate(zip(captured.parts, captured.bodies, strict=True)):
            of = _Of(captured.snapshot_id, number, part)
            writer.write_record(_response(writer, of, body))
            if part["request_headers"]:
                writer.write_record(_request(writer, of))
    return packed.getvalue()


@dataclass(frozen=True, slots=True)
class _Of:
    """A part of a snapshot, by its place."""

    snapshot_id: str
    number: int
    part: Mapping[str, Any]

    def id(self, kind: str = "") -> str:
        """Of its record, the same each time."""
        return _id(":".join(filter(None, (self.snapshot_id, str(self.number), kind))))

    def fields(self, kind: str, at: str) -> dict[str, str]:
        return {
            "WARC-Record-ID": self.id(kind),
            "WARC-Date": at,
            "Clausewatch-Snapshot": self.snapshot_id,
            "Clausewatch-Part": str(self.number),
        }


def _info(writer: WARCWriter, first: Captured) -> Any:
    named = {
        "WARC-Record-ID": _id(f"{first.snapshot_id}:warcinfo"),
        "WARC-Date": first.parts[0]["finished_at"],
        "Content-Type": "application/warc-fields",
    }
    return writer.create_warc_record(
        None, "warcinfo", payload=io.BytesIO(_INFO), length=len(_INFO), warc_headers_dict=named
    )


def _response(writer: WARCWriter, of: _Of, body: bytes) -> Any:
    headers = [*_headers(of.part["headers"]), ("Content-Length", str(len(body)))]
    return writer.create_warc_record(
        of.part["final_url"],
        "response",
        payload=io.BytesIO(body),
        length=len(body),
        http_headers=StatusAndHeaders(_status(of.part["status"]), headers, "HTTP/1.1"),
        warc_headers_dict=of.fields("", of.part["finished_at"]),
    )


def _request(writer: WARCWriter, of: _Of) -> Any:
    """The last request of the part: of those that were redirected, the addresses alone are known."""
    parts = urlsplit(of.part["final_url"])
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    return writer.create_warc_record(
        of.part["final_url"],
        "request",
        http_headers=StatusAndHeaders(
            f"GET {target} HTTP/1.1", _headers(of.part["request_headers"]), is_http_request=True
        ),
        warc_headers_dict={**of.fields("request", of.part["started_at"]), "WARC-Concurrent-To": of.id()},
    )


def _id(name: str) -> str:
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, f'clausewatch:{name}')}>"


def _headers(recorded: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    return [(name, value.translate(_LINE_ENDS)) for name, value in recorded if name.lower() not in _NOT_OF_THE_BODY]


def _status(code: int) -> str:
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return f"{code} -"

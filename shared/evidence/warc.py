"""Writes captures as a WARC file (WARC 1.1, ISO 28500:2017), the same bytes for the same captures.

What may be in a record and what not stands in docs/evidence.md; `verifying/warc.py` reads it with other code.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

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
    """A response record for each part, gzipped one by one (the usual `.warc.gz`)."""
    packed = io.BytesIO()
    writer = WARCWriter(packed, gzip=True, warc_version="WARC/1.1")
    for captured in captures:
        for number, (part, body) in enumerate(zip(captured.parts, captured.bodies, strict=True)):
            writer.write_record(_record(writer, captured.snapshot_id, number, part, body))
    return packed.getvalue()


def _record(writer: WARCWriter, snapshot_id: str, number: int, part: Mapping[str, Any], body: bytes) -> Any:
    answer = StatusAndHeaders(
        _status(part["status"]), [*_headers(part), ("Content-Length", str(len(body)))], "HTTP/1.1"
    )
    named = {
        "WARC-Record-ID": f"<urn:uuid:{uuid5(NAMESPACE_URL, f'clausewatch:{snapshot_id}:{number}')}>",
        "WARC-Date": part["finished_at"],
        "Clausewatch-Snapshot": snapshot_id,
        "Clausewatch-Part": str(number),
    }
    return writer.create_warc_record(
        part["final_url"],
        "response",
        payload=io.BytesIO(body),
        length=len(body),
        http_headers=answer,
        warc_headers_dict=named,
    )


def _headers(part: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, value.translate(_LINE_ENDS)) for name, value in part["headers"] if name.lower() not in _NOT_OF_THE_BODY
    ]


def _status(code: int) -> str:
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return f"{code} -"

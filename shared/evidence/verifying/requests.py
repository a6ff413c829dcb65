"""The requests in a bundle's captures against `headers.json`, which the ledger covers.

A bundle need not hold them: what was asked for stands in `headers.json` too. What it holds must be that.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from shared.evidence.verifying.faults import Fault
from shared.evidence.verifying.warc import Request


def request_faults(where: str, requests: Sequence[Request], parts: Sequence[Any] | None) -> Iterator[Fault]:
    """Of one snapshot's, whose parts are those of `headers.json`."""
    numbers = [one.part for one in requests]
    if numbers != sorted(set(numbers)):
        yield Fault(where, "its requests are not in order, each once")
    for one in requests:
        part = parts[one.part] if parts is not None and one.part < len(parts) else None
        if not isinstance(part, dict) or one.url != part.get("final_url"):
            yield Fault(f"{where}, part {one.part}", "a request is to another address than that of headers.json")
        elif one.line != _line(one.url) or not _are_those(one, part.get("request_headers", ())):
            yield Fault(f"{where}, part {one.part}", "the request is not that of headers.json")


def _line(url: str) -> str:
    parts = urlsplit(url)
    return f"GET {parts.path or '/'}{'?' if parts.query else ''}{parts.query} HTTP/1.1"


def _are_those(request: Request, recorded: Sequence[Any]) -> bool:
    """Each with its value, in order; what is not ASCII has no one form in a header."""
    if [name for name, _ in request.headers] != [pair[0] for pair in recorded]:
        return False
    pairs = zip(request.headers, recorded, strict=True)
    return all(found == said.strip() or not said.isascii() for (_, found), (_, said) in pairs)

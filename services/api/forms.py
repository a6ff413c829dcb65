"""Forms as browsers send them by default (application/x-www-form-urlencoded, WHATWG URL)."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

_MOST_FIELDS = 20


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields of a form, the last of each name; control characters but line ends are dropped. 400 for too many."""
    body = (await request.body()).decode("utf-8", "replace")
    try:
        fields = parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise HTTPException(400) from None
    return {name: _plain(value) for name, value in fields}


def _plain(value: str) -> str:
    return "".join(sign for sign in value if sign.isprintable() or sign == "\n").strip()

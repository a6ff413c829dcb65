"""Forms as browsers send them by default (application/x-www-form-urlencoded, WHATWG URL)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

_MOST_FIELDS = 400
"""A subscription names many documents; `guard.MOST_BYTES` bounds them too."""


@dataclass(frozen=True, slots=True)
class Form:
    """What was filled in, in order: names and values, a name as often as a browser sent it."""

    fields: Sequence[tuple[str, str]]

    def one(self, name: str, default: str = "") -> str:
        """The last value of that name."""
        return dict(self.fields).get(name, default)

    def all(self, name: str) -> list[str]:
        """Each value of that name that is not empty, once."""
        return list(dict.fromkeys(value for given, value in self.fields if given == name and value))

    def lines(self, name: str) -> list[str]:
        """The lines of a field that are not empty."""
        return [line.strip() for line in self.one(name).splitlines() if line.strip()]


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields of a form, the last of each name; control characters but line ends are dropped. 400 for too many."""
    return dict((await whole_form(request)).fields)


async def whole_form(request: Request) -> Form:
    """The same with every value of each name."""
    body = (await request.body()).decode("utf-8", "replace")
    try:
        return plain_form(parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise HTTPException(400) from None


def plain_form(fields: Iterable[tuple[str, str]]) -> Form:
    """A form of these fields, without their control characters but line ends."""
    return Form([(name, _plain(value)) for name, value in fields])


def _plain(value: str) -> str:
    return "".join(sign for sign in value if sign.isprintable() or sign == "\n").strip()

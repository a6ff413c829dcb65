"""The starter catalogue: well-known platforms and their documents, none watched until somebody asks for it."""

import difflib
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.domain.documents import Declaration, Part

_SUGGESTIONS = 3
_CLOSE = 0.6


class BadCatalogue(Exception):
    """A line of a catalogue that cannot be used."""


class UnknownPlatform(Exception):
    """A name that no platform of the catalogue has; `suggestions` are the names nearest to it."""

    def __init__(self, wanted: str, suggestions: Sequence[str]) -> None:
        hint = f"did you mean {' or '.join(suggestions)}?" if suggestions else "see `clausewatch catalogue list`"
        super().__init__(f"the catalogue has no platform {wanted!r}; {hint}")
        self.suggestions = tuple(suggestions)


class CatalogueEntry(BaseModel):
    """One document: a line of services/fetcher/data/catalogue.jsonl.

    `language` is an ISO 639-1 code, None where it is not known. `source` says where the facts come from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str = Field(pattern=r"^[^\W_]+(-[^\W_]+)*$")
    platform: str = Field(min_length=1)
    type: str = Field(min_length=1)
    language: str | None = Field(default=None, pattern=r"^[a-z]{2}$")
    parts: tuple[Part, ...] = Field(min_length=1)
    source: str | None = None

    @property
    def declaration(self) -> Declaration:
        """Where the document is read from, as a watched document keeps it."""
        return Declaration(parts=self.parts)


@cache
def load_catalogue() -> tuple[CatalogueEntry, ...]:
    """Every entry of the catalogue that comes with Clausewatch, by platform and type."""
    return parse_catalogue(resources.files("services.fetcher.data").joinpath("catalogue.jsonl").read_text("utf-8"))


def parse_catalogue(text: str) -> tuple[CatalogueEntry, ...]:
    """The entries of JSON lines, in their order; BadCatalogue names the first line that is wrong."""
    entries: list[CatalogueEntry] = []
    lines_of: dict[tuple[str, str], int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            entry = CatalogueEntry.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "the line"
            raise BadCatalogue(f"catalogue, line {number}: {place}: {first['msg']}") from None
        earlier = lines_of.setdefault((entry.slug, entry.type), number)
        if earlier != number:
            raise BadCatalogue(
                f"catalogue, line {number}: {entry.platform} / {entry.type} stands in line {earlier} too"
            )
        entries.append(entry)
    return tuple(entries)


def documents_of(platform: str, entries: Sequence[CatalogueEntry]) -> tuple[CatalogueEntry, ...]:
    """The documents of a platform named by slug or name, however it is spaced or capitalised.

    Raises UnknownPlatform, with the nearest names, where there is none.
    """
    wanted = _plain(platform)
    found = tuple(entry for entry in entries if wanted and wanted in (_plain(entry.slug), _plain(entry.platform)))
    if found:
        return found
    names = {_plain(entry.platform): entry.platform for entry in entries}
    near = difflib.get_close_matches(wanted, list(names), n=_SUGGESTIONS, cutoff=_CLOSE)
    raise UnknownPlatform(platform, [names[key] for key in near])


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name).casefold())

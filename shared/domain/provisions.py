"""The addressable units of a version."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

Span = tuple[int, int]
"""Half-open, 0-based, in Unicode code points."""


class ProvisionKind(StrEnum):
    """What a reader would call it: a heading, a clause of prose, a list kept whole, one long list item, a table row."""

    HEADING = "heading"
    CLAUSE = "clause"
    LIST = "list"
    ITEM = "item"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class ProvisionLink:
    """A link inside a provision: the span of its words in `text`, and its canonical target (host and path)."""

    span: Span
    target: str


@dataclass(frozen=True, slots=True)
class Provision:
    """A clause under its heading path; it keeps `id` from version to version.

    `path` runs from the outermost heading to the provision's own heading or number ("5. Termination", "5.2").
    `text` is reading text, a line for each list item, without the provision's own number; `canonical` is what
    equality is judged on. `blocks` is the half-open range of the extraction's blocks that it was made of.
    """

    id: str
    ordinal: int
    kind: ProvisionKind
    path: tuple[str, ...]
    heading: str | None
    number: str | None
    text: str
    canonical: str
    blocks: Span
    links: tuple[ProvisionLink, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The provision as JSON values."""
        return asdict(self) | {"kind": str(self.kind)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """A stored provision; KeyError or TypeError where it is not one."""
        links = tuple(ProvisionLink((link["span"][0], link["span"][1]), link["target"]) for link in value["links"])
        return cls(
            **{
                **value,
                "kind": ProvisionKind(value["kind"]),
                "path": tuple(value["path"]),
                "blocks": (value["blocks"][0], value["blocks"][1]),
                "links": links,
            }
        )

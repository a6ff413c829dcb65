"""The change report: the one object that `compare --json`, REST and webhooks carry.

Its JSON form is described by docs/schemas/change.schema.json. Every key is always present; what is not known or does
not apply is null. Spans are half-open, 0-based, in Unicode code points of that side's `text`.
"""

from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.provisions import Span

SCHEMA: Literal["clausewatch.change/1"] = "clausewatch.change/1"
DISCLAIMER: Literal["Describes what the document states. Not legal advice."] = (
    "Describes what the document states. Not legal advice."
)

Outcome = Literal["unchanged", "editorial", "changed", "reverted", "unusable"]
Status = Literal["confirmed", "corrected", "retracted"]
Severity = Literal["high", "medium", "low", "editorial"]
Direction = Literal["worse", "better", "neutral", "mixed"]
ProvisionDirection = Literal["worse", "better", "neutral"]
ReportedOp = Literal["added", "removed", "modified", "moved", "renumbered", "split", "merged"]
Side = Literal["before", "after"]
Mark = Literal["=", "-", "+"]
FactKind = Literal[
    "modality",
    "negation",
    "quantity",
    "date",
    "choice",
    "party",
    "enumeration",
    "scope",
    "reference",
    "definition",
]
UnusableReason = Literal[
    "error-page",
    "bot-check",
    "consent-wall",
    "blank",
    "truncated",
    "language",
    "redirect-notice",
    "other-document",
    "no-text",
    "unreadable",
    "too-large",
]

SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low", "editorial")
"""Most severe first."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class PlatformRef(_Value):
    slug: str
    name: str


class DocumentRef(_Value):
    id: str
    type: str
    url: str
    language: str | None


class Stated(_Value):
    """A date the document states about itself, with the words that state it."""

    value: date
    quote: str


class Dates(_Value):
    """When the old text was last seen and the new one first, and what the new document says about itself."""

    last_seen_old: datetime | None
    first_seen_new: datetime | None
    stated_updated: Stated | None
    effective: Stated | None
    objection: Stated | None


class Proof(_Value):
    """A span of one side of a provision change."""

    side: Side
    span: Span


class HeadlineProof(Proof):
    provision: str


class Sentence(_Value):
    """A statement and the spans that hold its numbers and quoted words."""

    text: str
    proof: tuple[Proof, ...] = Field(min_length=1)


class Headline(_Value):
    text: str
    proof: tuple[HeadlineProof, ...] = Field(min_length=1)


class Counts(_Value):
    """Provision changes by operation."""

    added: int = 0
    removed: int = 0
    modified: int = 0
    moved: int = 0
    renumbered: int = 0
    split: int = 0
    merged: int = 0


class Regulation(_Value):
    """A rule of law that speaks about this kind of provision."""

    id: str
    ref: str
    why: str


class Fact(_Value):
    """One meaning-bearing edit. A side on which nothing stands has null text, value and span."""

    kind: FactKind
    unit: str | None
    before: str | None
    after: str | None
    before_value: int | float | str | None
    after_value: int | float | str | None
    before_span: Span | None
    after_span: Span | None


class TextPart(_Value):
    """One provision of a split or merged side, and where it stands in the joined text."""

    id: str
    path: tuple[str, ...]
    span: Span


class SideText(_Value):
    """One side of a provision change; `parts` where several provisions are joined by a blank line."""

    text: str
    path: tuple[str, ...]
    parts: tuple[TextPart, ...] | None


class ProvisionChange(_Value):
    """What happened to one provision. `=` and `-` of `redline` joined give the old text, `=` and `+` the new one."""

    id: str
    op: ReportedOp
    path: tuple[str, ...]
    heading: str | None
    category: str | None
    categories: tuple[str, ...]
    regulations: tuple[Regulation, ...]
    severity: Severity
    direction: ProvisionDirection
    confidence: float = Field(ge=0, le=1)
    reasons: tuple[str, ...]
    before: SideText | None
    after: SideText | None
    redline: tuple[tuple[Mark, str], ...]
    facts: tuple[Fact, ...]
    sentence: Sentence | None

    def side(self, side: Side) -> SideText | None:
        """The text of that side, or None where the provision was added or removed."""
        return self.before if side == "before" else self.after


class Omitted(_Value):
    provisions: int = 0


class Ignored(_Value):
    """How often a rule left something out of the comparison."""

    rule: str
    count: int


class Unusable(_Value):
    """Which side could not be compared, and why."""

    side: Literal["old", "new"]
    reason: UnusableReason
    why: str


class EvidenceSide(_Value):
    version: str | None = None
    snapshot_sha256: str | None = None
    text_sha256: str | None = None


class Evidence(_Value):
    old: EvidenceSide = EvidenceSide()
    new: EvidenceSide = EvidenceSide()


class Links(_Value):
    record: str
    redline: str
    evidence: str


class Report(_Value):
    """What differs between two versions of a document, and what proves it."""

    schema_: Literal["clausewatch.change/1"] = Field(default=SCHEMA, alias="schema")
    pair: str | int | float | bool | None
    outcome: Outcome
    alert: bool
    id: str | None
    status: Status | None
    sequence: int | None
    platform: PlatformRef | None
    document: DocumentRef | None
    dates: Dates
    announced: bool | None
    seen_before: str | None
    severity: Severity | None
    direction: Direction | None
    confidence: float | None = Field(ge=0, le=1)
    reasons: tuple[str, ...]
    headline: Headline | None
    affected: tuple[str, ...]
    notes: tuple[str, ...]
    counts: Counts
    provisions: tuple[ProvisionChange, ...]
    omitted: Omitted
    ignored: tuple[Ignored, ...]
    limits: tuple[str, ...]
    unusable: Unusable | None
    evidence: Evidence
    links: Links | None
    disclaimer: Literal["Describes what the document states. Not legal advice."] = DISCLAIMER

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values, keys in the order of the schema."""
        return self.model_dump(mode="json", by_alias=True)

    @classmethod
    def from_json(cls, value: object) -> Self:
        """A stored report; pydantic.ValidationError where it is not one."""
        return cls.model_validate(value)

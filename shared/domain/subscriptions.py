"""What an account wants to hear of, and whether a change is that."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

SEVERITIES = ("editorial", "low", "medium", "high")
"""From the least to the gravest, as in the change report."""

DIRECTIONS = ("worse", "better", "neutral", "mixed")
"""Of a change, for the person bound; as in the change report."""


class Cadence(StrEnum):
    """How soon a subscriber is told."""

    IMMEDIATE = "immediate"
    SAME_DAY = "same-day"
    DAILY = "daily"
    WEEKLY = "weekly"

    @property
    def is_digest(self) -> bool:
        """Whether the change waits to be told together with others."""
        return self in {Cadence.DAILY, Cadence.WEEKLY}


CADENCES = tuple(Cadence)
"""Soonest first."""


class TermKind(StrEnum):
    """What a subscription can name. A kind that is not named at all means: all of that kind."""

    PLATFORM = "platform"
    DOCUMENT = "document"
    TYPE = "type"
    CATEGORY = "category"
    PROVISION = "provision"
    DIRECTION = "direction"


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """What of a change decides who hears of it. `platform` is the slug."""

    platform: str
    document_id: str
    document_type: str
    severity: str
    direction: str
    categories: frozenset[str] = frozenset()
    provision_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Subscription:
    """What is wanted; an empty set means all of that kind."""

    platforms: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()
    document_types: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    provisions: frozenset[str] = frozenset()
    directions: frozenset[str] = frozenset()
    minimum_severity: str = "low"
    cadence: Cadence = Cadence.IMMEDIATE

    def __post_init__(self) -> None:
        if self.minimum_severity not in SEVERITIES:
            raise ValueError(f"severity {self.minimum_severity!r} is not one of {', '.join(SEVERITIES)}")

    @property
    def by_provision(self) -> bool:
        """Whether it looks inside documents, which only some plans include."""
        return bool(self.categories or self.provisions)

    def terms(self) -> list[tuple[TermKind, str]]:
        """Everything it names, as it is stored, in a stable order."""
        named: tuple[tuple[TermKind, frozenset[str]], ...] = (
            (TermKind.PLATFORM, self.platforms),
            (TermKind.DOCUMENT, self.documents),
            (TermKind.TYPE, self.document_types),
            (TermKind.CATEGORY, self.categories),
            (TermKind.PROVISION, self.provisions),
            (TermKind.DIRECTION, self.directions),
        )
        return [(kind, value) for kind, values in named for value in sorted(values)]


def severities_at_or_above(minimum: str) -> tuple[str, ...]:
    """The severities that reach a minimum; ValueError for an unknown one."""
    return SEVERITIES[SEVERITIES.index(minimum) :]


def severities_at_or_below(severity: str) -> tuple[str, ...]:
    """The minimums that a severity reaches; ValueError for an unknown one."""
    return SEVERITIES[: SEVERITIES.index(severity) + 1]


def values_of(facts: ChangeFacts) -> dict[TermKind, frozenset[str]]:
    """For each kind of term, the values that this change satisfies."""
    return {
        TermKind.PLATFORM: frozenset({facts.platform}),
        TermKind.DOCUMENT: frozenset({facts.document_id}),
        TermKind.TYPE: frozenset({facts.document_type}),
        TermKind.CATEGORY: facts.categories,
        TermKind.PROVISION: facts.provision_ids,
        TermKind.DIRECTION: frozenset({facts.direction}),
    }


def matches(subscription: Subscription, facts: ChangeFacts) -> bool:
    """Whether the change is grave enough and, for every kind of term that is named, one named value applies."""
    if facts.severity not in severities_at_or_above(subscription.minimum_severity):
        return False
    satisfied = values_of(facts)
    named: dict[TermKind, bool] = {}
    for kind, value in subscription.terms():
        named[kind] = named.get(kind, False) or value in satisfied[kind]
    return all(named.values())


def soonest(cadences: Iterable[Cadence]) -> Cadence:
    """The cadence that wins where several subscriptions meet on one endpoint; ValueError for none."""
    return min(cadences, key=CADENCES.index)

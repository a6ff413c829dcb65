"""What the registry says of a provision as it stands: its categories, how much it weighs, and what it is like."""

from dataclasses import dataclass

from services.differ.core.classify import classify
from services.differ.core.gifts import gift_of, is_one_sentence
from services.differ.core.gravity import steps, weights
from services.differ.core.judge import LOWER, RAISE
from services.differ.core.likeness import likeness_vector
from services.differ.core.taxonomy import taxonomy
from shared.domain.provisions import Provision, ProvisionKind
from shared.domain.report import Severity

RULES = "4"
"""Raised with every change of what is said of a provision, so that all of them are described anew."""

_UNCLASSIFIED: Severity = "low"


@dataclass(frozen=True, slots=True)
class Description:
    """`category` is the first of `categories`; `reasons` name the rules behind category and severity."""

    category: str | None
    categories: tuple[str, ...]
    severity: Severity
    confidence: float | None
    reasons: tuple[str, ...]
    vector: bytes


def describe(provision: Provision) -> Description:
    """A provision by its own words and the headings above it. A heading alone states nothing: it has no category."""
    found = () if provision.kind is ProvisionKind.HEADING else classify(provision.text, provision.path)
    if not found:
        return Description(None, (), _UNCLASSIFIED, None, (), likeness_vector(provision.text))
    first = taxonomy()[found[0].id]
    weighing, gift = weights(provision.text), _gift(provision.text)
    moved = {1: RAISE, -1: LOWER}.get(steps(weighing), {})
    default = _of_a_gift(first.default_severity, provision.text) if gift else first.default_severity
    severity = moved.get(default, default)
    return Description(
        category=first.id,
        categories=tuple(match.id for match in found),
        severity=severity,
        confidence=found[0].confidence,
        reasons=(f"{first.id}: {found[0].why}", *gift, *(f"weight.{one.name}" for one in weighing)),
        vector=likeness_vector(provision.text),
    )


def _gift(text: str) -> tuple[str, ...]:
    """The reason that a clause gives the person bound something, if it does."""
    gift = gift_of(text)
    return (f"gift.{gift}",) if gift and gift != "contact" else ()


def _of_a_gift(default: Severity, text: str) -> Severity:
    """A clause that gives something weighs less than others of its category, and little where it says nothing else."""
    return "low" if is_one_sentence(text) else LOWER[default]

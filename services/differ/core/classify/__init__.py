"""What a provision is about: categories of the taxonomy by its phrases and by a small fitted model. English only."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.differ.core.classify.features import sentences
from services.differ.core.classify.model import unfair_terms
from services.differ.core.classify.periods import keeps_for
from services.differ.core.classify.phrases import STRONG, WEAK, Found, phrases_in, stems_of
from services.differ.core.taxonomy import taxonomy

NEEDED = 3
"""Points below which a category is not named."""

MOST = 3
"""Categories named at most."""

MODEL_POINTS = 3
"""What the model's full certainty adds: as much as one strong phrase."""

MOST_CERTAIN = 0.95
"""No category is surer than this."""

MODEL_NEEDED = 0.5
"""A probability below this is no evidence."""

MOST_SENTENCES = 100
"""Sentences of one provision that the model reads."""

RETENTION = "privacy.retention"
"""The category of what keeps data for a number of days, months or years."""

KEPT_FOR = STRONG + 2 * WEAK
"""Points of a number of days, months or years for which data is kept: a phrase, its verb and its unit."""

CATEGORY_OF = {
    "Limitation of liability": "liability.limitation",
    "Unilateral termination": "contract.termination",
    "Unilateral change": "contract.unilateral_change",
    "Content removal": "content.moderation",
    "Contract by using": "contract.consent_by_use",
    "Choice of law": "dispute.choice_of_law",
    "Jurisdiction": "dispute.jurisdiction",
    "Arbitration": "dispute.arbitration",
}
"""The category that each label of the model speaks of."""

_WHOLE_DOCUMENT = re.compile(
    r"\b(?:terms|polic(?:y|ies)|agreements?|guidelines?|notices?|statement|addendum|conditions|rules)\b",
    re.IGNORECASE,
)
"""Titles of whole documents, which do not say what each of their provisions is about."""


@dataclass(frozen=True, slots=True)
class CategoryMatch:
    """A category of a provision. `why` names the phrase found, the headings, or the model's label."""

    id: str
    confidence: float
    why: str


def classify(text: str, path: Sequence[str]) -> tuple[CategoryMatch, ...]:
    """The categories of a provision under the headings of `path`, best first; empty where none fits.

    The title of a document, first in the path, only adds to what the text or a nearer heading speaks of: a date that
    stands in "Developer Terms" is no duty of developers.
    """
    own, above = phrases_in(stems_of(text)), _in_headings(path)
    if path and _WHOLE_DOCUMENT.search(path[0]):
        spoken = own.keys() | _in_headings(path[1:]).keys()
        above = {category: found for category, found in above.items() if category in spoken}
    if words := keeps_for(text):
        own.setdefault(RETENTION, Found()).add(KEPT_FOR, words)
    told = _model_says(text)
    scores = {
        category: _points(own.get(category)) + _points(above.get(category)) + MODEL_POINTS * told.get(category, 0.0)
        for category in taxonomy()
    }
    fitting = sorted(
        (category for category in scores if scores[category] >= NEEDED or category in told),
        key=lambda category: (-scores[category], -_points(own.get(category))),
    )
    return tuple(
        CategoryMatch(
            category,
            _confidence(_points(own.get(category)), _points(above.get(category)), told.get(category, 0.0)),
            _why(own.get(category), above.get(category)),
        )
        for category in fitting[:MOST]
        if scores[category] * 2 >= scores[fitting[0]]
    )


def _in_headings(path: Sequence[str]) -> dict[str, Found]:
    return phrases_in(stems_of(" ".join(path)))


def _model_says(text: str) -> dict[str, float]:
    """The probability of each category that some sentence of the text fits."""
    model = unfair_terms()
    best = dict.fromkeys(model.labels, float("-inf"))
    for sentence in sentences(text)[:MOST_SENTENCES]:
        for label, margin in zip(model.labels, model.margins(sentence), strict=True):
            best[label] = max(best[label], margin)
    chances = {CATEGORY_OF[label]: model.probability(margin) for label, margin in best.items()}
    return {category: chance for category, chance in chances.items() if chance >= MODEL_NEEDED}


def _points(found: Found | None) -> int:
    return found.points if found else 0


def _confidence(own: int, above: int, chance: float) -> float:
    """1 less the doubts that are left; a heading convinces less than the words themselves."""
    doubt = 0.72**own * 0.82**above * (1.0 - 0.9 * chance)
    return round(min(MOST_CERTAIN, 1.0 - doubt), 2)


def _why(own: Found | None, above: Found | None) -> str:
    if own and (own.points >= NEEDED or not above):
        return f"phrase: {own.phrase}"
    return f"heading: {above.phrase}" if above else "model"

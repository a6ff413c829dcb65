"""How much a provision change matters: editorial or a severity, a direction, a confidence, and the rules that fired."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.differ.core.align import Op
from services.differ.core.compare.editorial import is_date_line, is_same_label, same_meaning
from services.differ.core.compare.facts.modality import SENTENCE_WORDS
from services.differ.core.compare.facts.quantity import nearly_equal
from services.differ.core.compare.redline import TextPair
from services.differ.core.directions import Leaning, Scene, leaning, whole_leaning
from services.differ.core.gravity import steps, weights
from services.differ.core.taxonomy import Category
from shared.domain.report import Fact, ProvisionDirection, Severity

STRENGTH: dict[str, str] = {
    "modality": "strong",
    "negation": "strong",
    "quantity": "strong",
    "choice": "strong",
    "party": "moderate",
    "scope": "moderate",
    "enumeration": "moderate",
    "definition": "moderate",
    "date": "moderate",
    "reference": "weak",
}
SEVERITY: dict[tuple[str, Severity | None], Severity] = {
    ("strong", "high"): "high",
    ("strong", "medium"): "medium",
    ("strong", "low"): "medium",
    ("strong", None): "medium",
    ("moderate", "high"): "medium",
    ("moderate", "medium"): "medium",
    ("moderate", "low"): "low",
    ("moderate", None): "low",
}
"""By the strength of a fact and the default severity of its category; anything else is low."""

LOWER: dict[Severity, Severity] = {"high": "medium", "medium": "low", "low": "low", "editorial": "editorial"}
RAISE: dict[Severity, Severity] = {"high": "high", "medium": "high", "low": "medium", "editorial": "low"}
_RANK: dict[Severity, int] = {"high": 3, "medium": 2, "low": 1, "editorial": 0}

CONFIDENCE = {
    "editorial": 0.95,
    "guessed-editorial": 0.75,
    "strong": 0.9,
    "moderate": 0.8,
    "weak": 0.75,
    "wording": 0.6,
}
UNSURE = 0.1
"""Taken off where no category fits, facts disagree, or the language is not one that is read for facts."""

FRAGMENT_WORDS = 4
"""Fewer words on their own state nothing that could be weighed."""

FEW_WORDS = 12
"""Reworded clauses below this many changed words are minor unless a fact says otherwise."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A provision change, ready to be judged. Empty text is the side that does not exist."""

    op: Op
    pair: TextPair
    facts: tuple[Fact, ...]
    category: Category | None
    is_heading: bool = False
    is_title: bool = False
    repeats: bool = False
    path: tuple[str, ...] = ()
    is_entry: bool = False
    """A list item or a table row."""
    english: bool = True

    @property
    def retargets_link(self) -> bool:
        return any(fact.kind == "reference" and fact.unit == "link" for fact in self.facts)


@dataclass(frozen=True, slots=True)
class Judgement:
    severity: Severity
    direction: ProvisionDirection
    confidence: float
    reasons: tuple[str, ...]


def judge(subject: Subject, renumbered: Mapping[str, str]) -> Judgement:
    """Judge one provision change. `renumbered` maps old clause numbers to new ones."""
    editorial = _editorial(subject, renumbered)
    if editorial:
        guessed = "editorial.typing" in editorial
        return Judgement("editorial", "neutral", CONFIDENCE["guessed-editorial" if guessed else "editorial"], editorial)
    if not subject.pair.old or not subject.pair.new:
        return _judge_whole(subject)
    return _judge_facts(subject) if subject.facts else _judge_wording(subject)


def _editorial(subject: Subject, renumbered: Mapping[str, str]) -> tuple[str, ...] | None:
    """The rules by which the change leaves the meaning as it was, or None."""
    pair = subject.pair
    if subject.op in (Op.MOVED, Op.RENUMBERED):
        return (f"editorial.{subject.op}",)
    one_sided = not pair.old or not pair.new
    if one_sided:
        rules = (
            ("editorial.stated-date", is_date_line(pair.old or pair.new)),
            ("editorial.title", subject.is_title),
            ("editorial.repeated", subject.repeats),
            ("editorial.heading", subject.is_heading),
            ("editorial.label", _is_lone_label(subject)),
        )
        return next(((name,) for name, holds in rules if holds), None)
    if pair.old == pair.new:
        return None if subject.facts else ("editorial.link",)
    if subject.retargets_link and not (is_date_line(pair.old) and is_date_line(pair.new)):
        return None
    same = same_meaning(pair.old, pair.new, renumbered, english=subject.english)
    if same is None and subject.is_heading and all(fact.kind == "enumeration" for fact in subject.facts):
        return ("editorial.heading",)
    are_fragments = _is_fragment(pair.old) and _is_fragment(pair.new)
    if same is None and not subject.facts and are_fragments and is_same_label(pair.old, pair.new):
        return ("editorial.label",)
    return same


def _is_lone_label(subject: Subject) -> bool:
    """Before the first heading titles and labels of the page stand."""
    return not subject.path and subject.category is None and _is_fragment(subject.pair.old or subject.pair.new)


def _is_fragment(text: str) -> bool:
    return len(text.split()) < FRAGMENT_WORDS


def _judge_whole(subject: Subject) -> Judgement:
    """A provision that came or went as a whole: by what its kind means for the person bound."""
    came = "removed" if not subject.pair.new else "added"
    if _is_fragment(subject.pair.new or subject.pair.old) and not subject.facts:
        confidence = _confidence("wording", subject, agreed=True)
        return Judgement("low", "neutral", confidence, (f"fragment.{came}", *_category_reason(subject.category)))
    list_heading = subject.path[-1] if subject.is_entry and subject.path else ""
    text = subject.pair.old or subject.pair.new
    direction = whole_leaning(came, subject.category, text, entry_of=list_heading)
    weighing = weights(text) if subject.english and direction != "better" else ()
    return Judgement(
        _moved(_whole_severity(direction, subject.category), steps(weighing)),
        direction,
        _confidence("moderate", subject, agreed=True),
        (f"provision.{came}", *_category_reason(subject.category), *(f"weight.{one.name}" for one in weighing)),
    )


def _moved(severity: Severity, by: int) -> Severity:
    """A severity some levels higher or lower, never down to editorial."""
    levels: tuple[Severity, ...] = ("low", "medium", "high")
    return levels[max(0, min(2, levels.index(severity) + by))]


def _whole_severity(direction: ProvisionDirection, category: Category | None) -> Severity:
    if category is None:
        return "low"
    if direction == "worse":
        return RAISE[category.default_severity] if category.polarity == "protection" else category.default_severity
    return (
        LOWER[category.default_severity] if direction == "better" else min_severity(category.default_severity, "medium")
    )


def min_severity(one: Severity, other: Severity) -> Severity:
    """The milder of two."""
    return one if _RANK[one] <= _RANK[other] else other


def strength_of(fact: Fact) -> str:
    """ "strong", "moderate" or "weak"; a modal verb that only came or went says less than one that was exchanged,
    and a period that is only counted otherwise (30 days, one month) says little.
    """
    if nearly_equal(fact):
        return "weak"
    came_or_went = fact.before is None or fact.after is None
    return "moderate" if fact.kind == "modality" and came_or_went else STRENGTH[fact.kind]


def _judge_facts(subject: Subject) -> Judgement:
    heading = subject.path[-1] if subject.path else ""
    scene = Scene(subject.pair.old, subject.pair.new, subject.category, heading)
    leanings = [leaning(fact, scene) for fact in subject.facts]
    directions = {one.direction for one in leanings} - {"neutral"}
    default = subject.category.default_severity if subject.category else None
    severities = [_fact_severity(fact, one, default) for fact, one in zip(subject.facts, leanings, strict=True)]
    severity = max(severities, key=lambda one: _RANK[one])
    strengths = {strength_of(fact) for fact in subject.facts}
    strength = next(name for name in ("strong", "moderate", "weak") if name in strengths)
    direction: ProvisionDirection = "worse" if "worse" in directions else "better" if directions else "neutral"
    reasons = tuple(dict.fromkeys(one.rule for one in leanings))
    return Judgement(
        severity,
        direction,
        _confidence(strength, subject, agreed=len(directions) < 2),
        (*reasons, *_category_reason(subject.category)),
    )


def _fact_severity(fact: Fact, one: Leaning, default: Severity | None) -> Severity:
    severity = SEVERITY.get((strength_of(fact), default), "low")
    return LOWER[severity] if one.direction == "better" else severity


def _judge_wording(subject: Subject) -> Judgement:
    """Words changed and no rule knows what they mean: by how much changed, and whether whole sentences came or went."""
    out = sum(len(subject.pair.old[slice(*hunk.old)].split()) for hunk in subject.pair.hunks)
    put = sum(len(subject.pair.new[slice(*hunk.new)].split()) for hunk in subject.pair.hunks)
    confidence = _confidence("wording", subject, agreed=True)
    category = subject.category
    if max(out, put) >= SENTENCE_WORDS and min(out, put) * 4 <= max(out, put):
        came = "added" if put > out else "removed"
        edited = [
            subject.pair.new[slice(*h.new)] if put > out else subject.pair.old[slice(*h.old)]
            for h in subject.pair.hunks
        ]
        direction = whole_leaning(came, category, " ".join(edited))
        severity = min_severity(_whole_severity(direction, category), "medium")
        return Judgement(severity, direction, confidence, (f"sentence.{came}", *_category_reason(category)))
    much = out + put >= FEW_WORDS
    severity = LOWER[category.default_severity] if category and much else "low"
    rule = "wording.rewritten" if much else "wording.changed"
    return Judgement(severity, "neutral", confidence, (rule, *_category_reason(category)))


def _confidence(strength: str, subject: Subject, *, agreed: bool) -> float:
    doubts = (subject.category is None) + (not agreed) + (not subject.english)
    return round(CONFIDENCE[strength] - UNSURE * doubts, 2)


def _category_reason(category: Category | None) -> tuple[str, ...]:
    return (f"category.{category.id}:{category.default_severity}",) if category else ("category.none",)

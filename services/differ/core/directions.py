"""Whether a fact is worse or better for the person bound, by the rule whose name is given as reason."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from services.differ.core.compare.facts.amounts import amount_change
from services.differ.core.compare.facts.phrases import choice_rank
from services.differ.core.compare.facts.quantity import nearly_equal
from services.differ.core.gifts import gift_of
from services.differ.core.subjects import measure_of, subject_of
from services.differ.core.taxonomy import Category, Polarity
from shared.domain.provisions import Span
from shared.domain.report import Fact, ProvisionDirection

_USER = re.compile(
    r"\b(?:you|users?|customers?|developers?|subscribers?|members?|visitors?|consumers?)\b(?!r)", re.IGNORECASE
)
_PROVIDER = re.compile(r"\b(?:we|us|the\s+company|the\s+provider|the\s+platform|processor|licensor)\b", re.IGNORECASE)
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][a-z]*[A-Z]?\w+\b|^[A-Z][a-z]*[A-Z]\w+\b")
_HARMS = re.compile(
    r"\b(?:shar\w+|sell\w*|sold|disclos\w+|terminat\w+|suspend\w*|remov\w+|disabl\w+|restrict\w*|limit\w*|refus\w+|charg\w+|"
    r"collect\w*|us(?:e|es|ed|ing)|monitor\w*|track\w*|transfer\w*|chang\w+|modif\w+|amend\w*|retain\w*|train\w*|increas\w+|"
    r"record\w*|access\w*|rent\w*|review\w*|discontinu\w+|block\w*|scan\w*|combin\w+|process\w*)\b",
    re.IGNORECASE,
)
_HELPS = re.compile(
    r"\b(?:notif\w+|inform\w*|refund\w*|protect\w*|respond\w*|delet\w+|eras\w+|anonymi[sz]\w+|encrypt\w*|ask\w*|obtain\w*|"
    r"honou?r\w*|reimburs\w+|compensat\w+|indemnif\w+|assist\w*|support\w*|provid\w+|return\w*)\b",
    re.IGNORECASE,
)
_RECIPIENTS = re.compile(
    r"\b(?:sub-?processors?|recipients|vendors|service\s+providers|(?:third|other)\s+parties|partners|affiliates)\b",
    re.IGNORECASE,
)
_FREEDOM = {"permission": 3, "obligation, denied": 3, "advice": 2, "": 2, "commitment": 1, "obligation": 1}
_FREEDOM |= {"permission, denied": 0, "denied": 0, "commitment, denied": 0, "advice, denied": 1}
_DOING = {"": 3, "obligation": 3, "commitment": 3, "permission": 2, "advice": 2}
AHEAD = 60
"""Characters after a modal verb in which its action is looked for."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """A direction and the rule that gave it."""

    direction: ProvisionDirection
    rule: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a fact stands: both texts of its provision, the provision's category, and the heading above it."""

    before: str
    after: str
    category: Category | None
    heading: str = ""


def leaning(fact: Fact, scene: Scene) -> Leaning:
    """What a fact means for the person bound."""
    return _RULES[fact.kind](fact, scene)


def _modality(fact: Fact, scene: Scene) -> Leaning:
    name = f"{fact.kind}.{_came_or_went(fact)}"
    text, span = (scene.after, fact.after_span) if fact.after_span else (scene.before, fact.before_span)
    if span is None or (fact.kind == "modality" and (fact.before is None or fact.after is None)):
        return Leaning("neutral", name)
    old, new = str(fact.before_value or ""), str(fact.after_value or "")
    who = _who(text, span)
    if who == "user":
        return Leaning(_by(_FREEDOM.get(new, 2) - _FREEDOM.get(old, 2)), f"{name}:user")
    action = text[span[1] : span[1] + AHEAD].split(". ")[0]
    help_at, harm_at = _HELPS.search(action), _HARMS.search(action)
    if who == "provider" and (help_at or harm_at):
        helps = bool(help_at and (not harm_at or help_at.start() < harm_at.start()))
        more = _DOING.get(new, 0) - _DOING.get(old, 0)
        return Leaning(_by(more if helps else -more), f"{name}:{'duty' if helps else 'power'}")
    return Leaning("neutral", name)


def _who(text: str, span: Span) -> str | None:
    """Who acts at a verb: the last person named before it in its sentence."""
    start = max(text.rfind(mark, 0, span[0]) for mark in (". ", "\n", "; ")) + 1
    sentence = text[start : span[0]]
    found = [(found.start(), "user") for found in _USER.finditer(sentence)]
    found += [(found.start(), "provider") for found in _PROVIDER.finditer(sentence)]
    if not found and _NAME.search(sentence.strip()):
        return "provider"
    return max(found)[1] if found else None


def _quantity(fact: Fact, scene: Scene) -> Leaning:
    span, text = (fact.after_span, scene.after) if fact.after_span else (fact.before_span, scene.before)
    subject = subject_of(text, span, fact.unit) if span else None
    suffix = f":{subject.name}" if subject else ""
    if nearly_equal(fact):
        return Leaning("neutral", f"quantity.nearly-equal{suffix}")
    more = amount_change(fact)
    if not more:
        return Leaning("neutral", f"quantity.{_came_or_went(fact)}{suffix}")
    is_a_length = measure_of(fact.unit) == "time" and not (subject and subject.name == "age")
    verb = ("lengthened" if more > 0 else "shortened") if is_a_length else ("raised" if more > 0 else "lowered")
    return Leaning(_by(more * subject.more) if subject else "neutral", f"quantity.{verb}{suffix}")


def _choice(fact: Fact, scene: Scene) -> Leaning:
    old, new = choice_rank(fact.before_value), choice_rank(fact.after_value)
    if fact.before is None and new == 1:
        return Leaning("worse" if fact.after_value == "default" else "neutral", f"choice.added:{fact.after_value}")
    if fact.after is None and old == 1:
        return Leaning("better" if fact.before_value == "default" else "neutral", f"choice.removed:{fact.before_value}")
    return Leaning(_by(new - old), f"choice.{'weakened' if new < old else 'strengthened' if new > old else 'changed'}")


def _scope(fact: Fact, scene: Scene) -> Leaning:
    kind = str(fact.after_value or fact.before_value)
    sign = {"added": -1, "removed": 1}.get(_came_or_went(fact), 0)
    if kind == "narrower":
        sign = -sign if scene.category and scene.category.polarity == "burden" else 0
    if _is_in_a_right(fact, scene):
        sign = {"added": 1, "removed": -1}.get(_came_or_went(fact), 0) * (-1 if kind == "narrower" else 1)
    return Leaning(_by(sign), f"scope.{kind}-{_came_or_went(fact)}")


def _party(fact: Fact, scene: Scene) -> Leaning:
    sign = {"added": -1, "removed": 1}.get(_came_or_went(fact), 0)
    burden = bool(scene.category and scene.category.polarity == "burden") and not _is_in_a_right(fact, scene)
    return Leaning(_by(sign) if burden else "neutral", f"party.{_came_or_went(fact)}")


def _is_in_a_right(fact: Fact, scene: Scene) -> bool:
    """Whether the sentence of a fact gives the person bound a right: at any time, by a form that a vendor takes."""
    span, text = (fact.after_span, scene.after) if fact.after_span else (fact.before_span, scene.before)
    if span is None:
        return False
    start = max(text.rfind(". ", 0, span[0]) + 2 if ". " in text[: span[0]] else 0, text.rfind("\n", 0, span[0]) + 1)
    return gift_of(text[start:].split(". ")[0].split("\n")[0]) == "right"


def _enumeration(fact: Fact, scene: Scene) -> Leaning:
    text, span = (scene.after, fact.after_span) if fact.after_span else (scene.before, fact.before_span)
    lead, _, entries = text.partition("\n")
    # One way more to use what a list's first line gives ("You may opt out by:") is more of it.
    stands_below = bool(entries) and span is not None and span[0] > len(lead)
    gives = lead.rpartition(". ")[2] if stands_below else ""
    direction = whole_leaning(_came_or_went(fact), scene.category, gives, entry_of=scene.heading)
    return Leaning(direction, f"enumeration.{_came_or_went(fact)}")


def _plain(fact: Fact, scene: Scene) -> Leaning:
    return Leaning("neutral", f"{fact.kind}.{_came_or_went(fact)}")


def whole_leaning(
    came_or_went: str, category: Category | None, text: str = "", *, entry_of: str = ""
) -> ProvisionDirection:
    """What it means that a whole provision, sentence or entry of a category was "added" or "removed".

    What the first sentence gives the person bound protects, whatever the category does: that something will not be
    done ("We do not sell …"), a duty ("We will tell you …"), a right ("You may cancel …"). Whom to write to ("You can
    report …") burdens nobody. `entry_of` is the heading of
    a list; an entry more in one of recipients is a burden.
    """
    sign = {"added": -1, "removed": 1}.get(came_or_went, 0)
    if category is None:
        return "neutral"
    gift = gift_of(text)
    if _RECIPIENTS.search(entry_of):
        polarity: Polarity = "burden"
    elif gift and gift != "contact":
        polarity = "protection"
    else:
        polarity = "neutral" if gift and category.polarity == "burden" else category.polarity
    return _by({"burden": sign, "protection": -sign, "neutral": 0}[polarity])


def _came_or_went(fact: Fact) -> str:
    return "added" if fact.before is None else "removed" if fact.after is None else "changed"


def _by(sign: float) -> ProvisionDirection:
    return "better" if sign > 0 else "worse" if sign < 0 else "neutral"


_RULES: dict[str, Callable[[Fact, Scene], Leaning]] = {
    "modality": _modality,
    "negation": _modality,
    "quantity": _quantity,
    "choice": _choice,
    "scope": _scope,
    "party": _party,
    "enumeration": _enumeration,
    "date": _plain,
    "reference": _plain,
    "definition": _plain,
}

"""The rules by which a change was judged, in words: reports name them by codes (`quantity.shortened:notice`)."""

from collections.abc import Mapping
from types import MappingProxyType

_AMOUNTS = {
    "lengthened": "became longer",
    "shortened": "became shorter",
    "raised": "rose",
    "lowered": "fell",
    "nearly-equal": "is counted otherwise and about the same",
    "added": "is stated now",
    "removed": "is no longer stated",
    "changed": "is stated otherwise",
}

_CAME_OR_WENT = {"added": "came in", "removed": "is gone", "changed": "changed"}

_FACTS = {
    "modality": "may, must or will",
    "negation": "a denial",
    "date": "a date",
    "party": "a party",
    "enumeration": "an entry of a list",
    "reference": "a reference",
    "definition": "a definition",
}

_ACTORS = {
    "user": "what the person bound may or must do",
    "duty": "what the provider owes",
    "power": "what the provider may do",
}

_CHOICES = {
    "weakened": "less is left to the person's choice",
    "strengthened": "more is left to the person's choice",
    "changed": "the choice left to the person changed",
    "added": "a choice came in",
    "removed": "a choice is gone",
}

_SCOPES = {"broader": "words that widen the clause", "narrower": "words that narrow the clause"}

_WHOLES = {"provision": "the whole provision", "sentence": "whole sentences", "fragment": "a few words"}

_WORDING = {
    "wording.rewritten": "much was worded anew, and no rule knows what it means",
    "wording.changed": "a few words changed, and no rule knows what they mean",
    "category.none": "it fits no category",
}

_WEIGHTS = {
    "discretion": "at the provider's own discretion",
    "without-notice": "without notice",
    "for-ever": "for ever",
    "anyone": "for anyone or any purpose",
    "waiver": "a right is given up",
    "deal": "in a merger, sale or bankruptcy",
    "breach": "for those who break the rules",
    "told-before": "told before",
    "conduct": "what the person bound agrees to do or not to do",
}

_GIFTS = {
    "right": "gives a right or a choice",
    "service": "promises something to be done",
    "forbearance": "promises that something will not be done",
}

_EDITORIAL = {
    "moved": "only moved",
    "renumbered": "only its number changed",
    "stated-date": "only a date that the text states of itself",
    "stated-version": "only a version that the text states of itself",
    "title": "only the document's title",
    "repeated": "the same stands elsewhere",
    "heading": "only a heading",
    "label": "only a label of the page",
    "link": "only where a link leads",
    "layout": "only layout",
    "typing": "only typing mistakes, as far as can be told",
    "address-form": "only how an address is written",
    "numbering": "only numbering",
    "list-joint": "only how a list is joined",
    "contraction": "only contractions",
    "number-given-twice": "only a number given in words and figures",
    "punctuation": "only punctuation",
    "capitals": "only capitals",
    "spelling": "only spelling",
    "number-format": "only how a number is written",
    "synonym": "only a word for another of the same meaning",
    "agreement": "only grammar",
    "slight-words": "only slight words",
}


_NONE: Mapping[str, str] = MappingProxyType({})


def in_words(reason: str, topics: Mapping[str, str] = _NONE, labels: Mapping[str, str] = _NONE) -> str:
    """What the rule of that code found; the code itself where it is of no rule that there is now.

    `topics` are the names of what amounts measure, `labels` those of categories, each by its code; without them
    the words of the codes themselves are used.
    """
    rule, _, detail = reason.partition(":")
    kind, _, what = rule.partition(".")
    if rule in labels:
        return _sorted_by(detail.strip()) or reason
    return _WORDING.get(reason) or _found(kind, what, detail, topics, labels) or reason


def _sorted_by(why: str) -> str | None:
    """By what a provision was taken to be of its category."""
    how, _, phrase = why.partition(": ")
    if how == "model":
        return "sorted by a model trained on clauses that people had labelled"
    return {"phrase": f"it says “{phrase}”", "heading": f"its heading says “{phrase}”"}.get(how)


def _found(kind: str, what: str, detail: str, topics: Mapping[str, str], labels: Mapping[str, str]) -> str | None:
    match kind:
        case "category":
            label = labels.get(what) if labels else _plain(what.rpartition(".")[2])
            return f"its category, {label}, weighs {detail} by itself" if label and detail else None
        case "quantity":
            return _said(topics.get(detail) or _plain(detail) or "an amount", _AMOUNTS.get(what))
        case "choice":
            return _CHOICES.get(what)
        case "scope":
            which, _, how = what.partition("-")
            return _said(_SCOPES.get(which), _CAME_OR_WENT.get(how))
        case "editorial":
            return _EDITORIAL.get(what)
        case "weight":
            return _WEIGHTS.get(what)
        case "gift":
            return _GIFTS.get(what)
        case _:
            subject = _ACTORS.get(detail) or _WHOLES.get(kind) or _FACTS.get(kind)
            return _said(subject, _CAME_OR_WENT.get(what))


def _plain(code: str) -> str:
    return code.replace("-", " ").replace("_", " ")


def _said(subject: str | None, came_or_went: str | None) -> str | None:
    return f"{subject[:1].lower()}{subject[1:]} {came_or_went}" if subject and came_or_went else None

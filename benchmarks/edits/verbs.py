"""Edits of what one may, must or will do, and of denial."""

import re
from collections.abc import Iterator
from random import Random

from benchmarks.edits.case import TextEdit, Told

_CLASS = {
    "may": "permission",
    "can": "permission",
    "must": "obligation",
    "shall": "obligation",
    "are required to": "obligation",
    "will": "commitment",
    "should": "advice",
}
_SWAPS = {
    "may": ("must", "will", "shall", "should", "are required to"),
    "can": ("must", "should"),
    "must": ("may", "should", "can"),
    "shall": ("may", "should"),
    "will": ("may", "should", "must"),
    "should": ("must", "shall", "may"),
}
_VERB_AHEAD = r"(?=\s+(?!not\b|never\b|no\b|have\b|only\b|apply\b)[a-z]{2,}\b)"
_MODAL = re.compile(rf"(?<=[a-z,)] )(?P<modal>may|can|must|shall|will|should)\b{_VERB_AHEAD}")
_NO_SUBJECT = re.compile(r"\b(?:at|the|a|of|good|own|free|their|your|case)\s$")

_MODAL_NOT = re.compile(r"\b(?P<modal>may|can|must|shall|will|should|would|could) (?P<not>not|never)(?= [a-z]{2,})")
_DO_NOT = re.compile(r"(?<=[a-z] )(?P<not>do not|don't) (?=[a-z]{2,})")
_IS_NOT = re.compile(r"\b(?P<be>is|are|was|were) (?P<not>not|no longer|never) (?=[a-z]{3,})")
_CANNOT = re.compile(r"\b(?P<not>cannot|can't|won't)(?= [a-z]{2,})")
_WE_DO = re.compile(
    r"\b(?:We|we|You|you) (?=(?:collect|share|use|sell|disclose|store|need|own|agree|provide|process)\b)"
)
_BE = re.compile(r"(?<=[a-z] )(?P<be>is|are) (?=[a-z]{4,}(?:ed|ible|able)\b)")
_POSITIVE = {"cannot": "can", "can't": "can", "won't": "will"}


def modality(text: str, rng: Random) -> Iterator[TextEdit]:
    """may → must, will → may, should → shall and the like, before a verb."""
    for found in _MODAL.finditer(text):
        if _NO_SUBJECT.search(text[: found.start()]):
            continue
        old = found.group("modal")
        new = rng.choice(_SWAPS[old])
        told = Told("modality", old, new, _CLASS[old], _CLASS[new])
        yield TextEdit(f"{old} → {new}", found.span(), new, told)


def negation(text: str, rng: Random) -> Iterator[TextEdit]:
    """A denial taken out or put in, at every kind of verb."""
    yield from _taken_out(text)
    yield from _put_in(text, rng)


def _taken_out(text: str) -> Iterator[TextEdit]:
    for found in _MODAL_NOT.finditer(text):
        modal, denial = found.group("modal"), found.group("not")
        told = Told("negation", f"{modal} {denial}", modal)
        yield TextEdit(f"{modal} {denial} → {modal}", found.span(), modal, told)
    for found in _DO_NOT.finditer(text):
        told = Told("negation", found.group("not"), "", "denied")
        yield TextEdit(f"{found.group('not')} → -", found.span(), "", told)
    for found in _IS_NOT.finditer(text):
        be, denial = found.group("be"), found.group("not")
        yield TextEdit(f"is {denial} → is", found.span(), f"{be} ", Told("negation", denial, ""))
    for found in _CANNOT.finditer(text):
        new = _POSITIVE[found.group("not")]
        told = Told("negation", found.group("not"), new)
        yield TextEdit(f"{found.group('not')} → {new}", found.span(), new, told)


def _put_in(text: str, rng: Random) -> Iterator[TextEdit]:
    for found in _MODAL.finditer(text):
        if _NO_SUBJECT.search(text[: found.start()]) or found.group("modal") == "can":
            continue
        modal = found.group("modal")
        denial = rng.choice(["not", "not", "never", "no longer"])
        told = Told("negation", modal, f"{modal} {denial}", _CLASS[modal], f"{_CLASS[modal]}, denied")
        yield TextEdit(f"{modal} → {modal} {denial}", found.span(), f"{modal} {denial}", told)
    for found in _WE_DO.finditer(text):
        denial = rng.choice(["do not", "no longer", "never", "don't"])
        told = Told("negation", "", denial, None, "denied")
        yield TextEdit(f"- → {denial}", (found.end(), found.end()), f"{denial} ", told)
    for found in _BE.finditer(text):
        denial = rng.choice(["not", "no longer", "never"])
        put = f"{found.group('be')} {denial} "
        yield TextEdit(f"is → is {denial}", found.span(), put, Told("negation", "", denial))

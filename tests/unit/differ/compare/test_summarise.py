"""Sentences say what the spans prove, and are refused where they do not."""

import pytest

from services.differ.core.summarise import is_proven
from shared.domain.report import Proof
from tests.factories.differ import compared

BEFORE, AFTER = "We give thirty days of notice.", "We give 14 days of notice."
OLD = Proof(side="before", span=(8, 19))
NEW = Proof(side="after", span=(8, 15))


@pytest.mark.parametrize(
    ("text", "proof", "expected"),
    [
        ("Notice fell from thirty days to 14 days.", (OLD, NEW), True),
        ("Notice fell from 30 days to 14 days.", (OLD, NEW), True),
        ("Notice fell to 15 days.", (OLD, NEW), False),
        ("Notice fell to 14 days.", (OLD,), False),
        ("“14 days” is new.", (NEW,), True),
        ("“14 weeks” is new.", (NEW,), False),
        ("Something changed.", (), False),
        ("Something changed.", (Proof(side="after", span=(3, 3)),), False),
        ("Something changed.", (Proof(side="after", span=(0, 999)),), False),
    ],
)
def test_a_sentence_needs_its_numbers_and_quotations_in_its_spans(
    text: str, proof: tuple[Proof, ...], expected: bool
) -> None:
    assert is_proven(text, proof, BEFORE, AFTER) is expected


def test_a_side_that_does_not_exist_proves_nothing() -> None:
    assert not is_proven("It changed.", (OLD,), None, AFTER)


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("We end it with 30 days' notice.", "We end it with 14 days' notice.", "Notice fell from 30 days to 14 days."),
        ("You may leave it now.", "You must leave it now.", "“You may leave it now” became “You must leave it now”."),
        ("We keep name and age.", "We keep name, place and age.", "Added to the list: “place”."),
        ("We use it worldwide here.", "We use it here.", "Removed: “worldwide”."),
        ("See [it](a.test/x) now.", "See [it](a.test/y) now.", "The link “it” leads to another page than before."),
        ('"Data" means facts.', '"Data" means all facts.', "The definition of “Data” changed."),
        ("The sky is very blue.", "The sky is very grey.", "“blue” became “grey”."),
        ("", "A new sky.", "New: “A new sky.”"),
        ("An old sky.", "", "Removed: “An old sky.”"),
    ],
)  # fmt: skip
def test_sentences(old: str, new: str, text: str) -> None:
    rest = "\nAnother clause that stays as it is."
    [change] = compared(old + rest, new + rest).changes
    assert change.sentence is not None
    assert change.sentence.text == text
    before = change.before.text if change.before else None
    after = change.after.text if change.after else None
    assert is_proven(change.sentence.text, change.sentence.proof, before, after)

"""What a whole clause weighs by its own words."""

import pytest

from services.differ.core.gravity import WEIGHTS, steps, weights
from tests.factories.differ import compared

CASES = {
    "discretion": "We may close it in our sole discretion.",
    "without-notice": "We may remove it without any prior notice.",
    "for-ever": "You grant us a perpetual licence.",
    "anyone": "You grant us a sublicensable licence.",
    "waiver": "You waive your moral rights.",
    "deal": "It may pass on in a merger with another firm.",
    "breach": "We may remove what violates the rules.",
    "told-before": "We give 30 days' notice of that.",
    "conduct": "You may not lend it to others.",
}


@pytest.mark.parametrize(("name", "text"), CASES.items())
def test_phrases(name: str, text: str) -> None:
    assert [one.name for one in weights(text)] == [name]


def test_every_weight_has_a_case() -> None:
    assert [one.name for one in WEIGHTS] == list(CASES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We read it.", 0),
        ("We may close it in our sole discretion, without notice.", 1),
        ("We may remove what is unlawful after reasonable notice.", -1),
        ("We may, in our sole discretion, remove what is unlawful.", 0),
    ],
)
def test_many_phrases_are_one_step(text: str, expected: int) -> None:
    assert steps(weights(text)) == expected


FILLER = "The forest is green and wide today."


@pytest.mark.parametrize(
    ("clause", "severity"),
    [
        ("We may terminate your account at any time.", "high"),
        ("We may terminate your account after 30 days' notice.", "medium"),
        ("Squirrels may be counted.", "low"),
        ("Squirrels may be counted in our sole discretion.", "medium"),
        ("You may not count the squirrels.", "low"),
    ],
)
def test_an_added_clause_is_as_severe_as_its_words(clause: str, severity: str) -> None:
    [found] = compared(FILLER, f"{FILLER}\n{clause}").changes
    assert found.severity == severity

"""The likeness of provisions: close for the same matter in other words, far for another matter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.differ.core.likeness import MOST_TERMS, Likeness, likeness_vector

ARBITRATION = "Any dispute is settled by binding arbitration, and you give up the right to a trial by jury."
ALIKE = "You and the company agree to arbitrate every dispute, and waive trial before a jury or a judge."
OTHER = "We may delete photos that you uploaded when your storage plan ends."


def test_a_text_is_the_same_as_itself_and_nothing_is_like_nothing() -> None:
    assert Likeness(likeness_vector(ARBITRATION)).to(likeness_vector(ARBITRATION)) == pytest.approx(1, abs=0.01)
    assert likeness_vector("") == likeness_vector("§ 12") == b"" or Likeness(b"").to(likeness_vector(OTHER)) == 0


def test_the_same_matter_is_nearer_than_another() -> None:
    mine = Likeness(likeness_vector(ARBITRATION))
    assert mine.to(likeness_vector(ALIKE)) > 3 * mine.to(likeness_vector(OTHER))


@given(st.text(max_size=300), st.text(max_size=300))
def test_likeness_is_mutual_and_bounded(one: str, other: str) -> None:
    there, back = likeness_vector(one), likeness_vector(other)
    assert len(there) <= 4 * MOST_TERMS
    assert Likeness(there).to(back) == pytest.approx(Likeness(back).to(there), abs=1e-6)
    assert 0 <= Likeness(there).to(back) <= 1.01

"""Redlines read well and reconstruct both sides."""

import pytest

from services.differ.core.compare.redline import TextPair


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("with 30 days' notice", "with 14 days' notice", "=with |-30|+14|= days' notice"),
        ("We sell it", "We never sell it", "=We|+ never|= sell it"),
        ("We never sell it", "We sell it", "=We|- never|= sell it"),
        ("same", "same", "=same"),
        ("", "new words", "+new words"),
        ("old words", "", "-old words"),
        ("one two", "one\n\ntwo", "=one|- |+\n\n|=two"),
        ("sun and moon", "star and rain", "-sun and moon|+star and rain"),
    ],
)
def test_redlines(old: str, new: str, expected: str) -> None:
    assert "|".join(mark + text for mark, text in TextPair(old, new).redline) == expected

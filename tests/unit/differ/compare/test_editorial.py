"""Edits that leave the meaning as it was, by the rule that says so; and edits that look like them and do not."""

import pytest

from services.differ.core.compare.editorial import is_date_line, is_same_label, same_meaning

SAME = [
    ("We keep it ( safe ).", "We keep it (safe).", "editorial.layout"),
    ("We keep it safe", "We keep it safe.", "editorial.punctuation"),
    ("These terms apply.", "These Terms apply.", "editorial.capitals"),
    ("We don't sell it.", "We do not sell it.", "editorial.contraction"),
    ("our licence and colour", "our license and color", "editorial.spelling"),
    ("we organise it", "we organize it", "editorial.spelling"),
    ("thirty (30) days", "30 days", "editorial.number-given-twice"),
    ("within one two (2) years", "within two (2) years", "editorial.number-given-twice"),
    ("C.1.a.ii means the schedule", "means the schedule", "editorial.numbering"),
    ("It ends. 5.2 We keep it.", "It ends. We keep it.", "editorial.numbering"),
    ("data we use train out models", "data we use to train our models", "editorial.typing"),
    ("name;\nemail; and\nage.", "name\nemail\nage", "editorial.list-joint"),
    ("Version 3.1", "Version 3.2", "editorial.stated-version"),
    ("The data is safe with us.", "The data are safe with us.", "editorial.agreement"),
    ("We tell the user of it.", "We tell users of it.", "editorial.typing"),
    ("30 days", "thirty days", "editorial.number-format"),
    ("1,000 tokens", "1000 tokens", "editorial.number-format"),
    ("prior to use", "before use", "editorial.synonym"),
    ("in order to help", "to help", "editorial.synonym"),
    ("You agree that we act.", "You agree we act.", "editorial.slight-words"),
    ("We recieve it.", "We receive it.", "editorial.typing"),
    ("(a) name\n(b) age", "(b) name\n(c) age", "editorial.numbering"),
    ("Last updated: 1 March 2026", "Last updated: 2 April 2026", "editorial.stated-date"),
    ("Effective March 1, 2026", "Effective April 2, 2026", "editorial.stated-date"),
    ("See https://www.acorn.test/ now", "See https://acorn.test now", "editorial.address-form"),
    ("write to mailto:a@acorn.test", "write to a@acorn.test", "editorial.address-form"),
    ("one two\nthree", "one two three", "editorial.layout"),
]
DIFFERENT = [
    ("You may stay.", "You must stay."),
    ("We sell it.", "We do not sell it."),
    ("30 days", "14 days"),
    ("name and age", "name or age"),
    ("your content", "your context"),
    ("a legal act", "an illegal act"),
    ("the licensee", "the license"),
    ("our use", "any use"),
    ("It ends on 1 March 2026 for all.", "It ends on 1 May 2026 for all."),
    ("write to a@acorn.example", "write to b@acorn.example"),
    ("pay $5", "pay €5"),
    ("It costs: 5.2 euros.", "It costs: euros."),
    ("name; or\nemail", "name\nemail"),
    ("the right version 3.1 applies", "the right version 3.2 applies"),
    ("it does as we do", "it does not as we do"),
    ("one | 5 | 5", "one | 5"),
    ("thirty (14) days", "thirty (30) days"),
    ("U.S. law applies", "law applies"),
    ("you pay from now", "you pay not now"),
    ("it is sent to you", "it is sent by you"),
]


@pytest.mark.parametrize(("old", "new", "rule"), SAME)
def test_cosmetic_edits_are_named(old: str, new: str, rule: str) -> None:
    for one, other in ((old, new), (new, old)):
        found = same_meaning(one, other, {})
        assert found is not None
        assert rule in found


@pytest.mark.parametrize(("old", "new"), DIFFERENT)
def test_edits_of_meaning_are_not_washed_out(old: str, new: str) -> None:
    assert same_meaning(old, new, {}) is None
    assert same_meaning(new, old, {}) is None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Download our logos", "Download Logos", True),
        ("Your account:", "Account", True),
        ("Download logos", "Delete logos", False),
        ("Le Robot", "Vibe", False),
    ],
)
def test_labels(old: str, new: str, expected: bool) -> None:
    assert is_same_label(old, new) is is_same_label(new, old) is expected


def test_a_cross_reference_follows_its_renumbered_clause() -> None:
    assert same_meaning("See section 5.2 below.", "See section 5.3 below.", {"5.2": "5.3"}) == ("editorial.layout",)
    assert same_meaning("See section 5.2 below.", "See section 5.3 below.", {}) is None


def test_only_what_shifts_layout_is_known_of_other_languages() -> None:
    assert same_meaning("Diese bedingungen gelten", "Diese Bedingungen gelten.", {}, english=False)
    assert same_meaning("the rule", "rule", {}, english=False) is None


def test_edits_far_apart_in_a_long_text_are_all_seen() -> None:
    filler = " and so on and so forth" * 40
    assert same_meaning(f"We do n{filler} the end", f"We do N{filler} The end.", {})
    assert same_meaning(f"You may go{filler} the end", f"You must go{filler} the end.", {}) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Last updated: June 26, 2026", True),
        ("Effective date 2026-06-26", True),
        ("June 26, 2026", True),
        ("Last updated recently", False),
        ("You have until June 26, 2026 to object.", False),
    ],
)
def test_date_lines(text: str, expected: bool) -> None:
    assert is_date_line(text) is expected

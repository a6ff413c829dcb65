"""What must hold for any two texts."""

import re
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from services.differ.core.compare.redline import TextPair
from services.differ.core.pipeline import Comparison, build_report
from services.differ.core.summarise_check import is_proven
from tests.factories.differ import compared

WORDS = re.findall(
    r"\S+",
    "we may must not sell your data 30 days notice and or the partners by default opt out in delete account "
    "Section 5.2 $10 Acorn Ltd terminate only",
)
SENTENCE = st.lists(st.sampled_from(WORDS), min_size=3, max_size=18).map(lambda words: " ".join(words) + ".")
LINE = st.one_of(SENTENCE, SENTENCE.map(lambda s: f"- {s}"), st.sampled_from(["# Terms", "## Data", "We collect:"]))
DOCUMENT = st.lists(LINE, min_size=1, max_size=12).map("\n".join)
ANY_TEXT = st.text(max_size=80)
QUICK = settings(max_examples=60, deadline=None)


@QUICK
@given(DOCUMENT)
def test_a_text_against_itself_is_unchanged(text: str) -> None:
    report = build_report(compared(text, text))
    assert (report.outcome, report.alert, report.provisions) == ("unchanged", False, ())


@QUICK
@given(ANY_TEXT, ANY_TEXT)
def test_redlines_reconstruct_both_sides_of_any_text(old: str, new: str) -> None:
    redline = TextPair(old, new).redline
    assert "".join(text for mark, text in redline if mark in "=-") == old
    assert "".join(text for mark, text in redline if mark in "=+") == new
    assert all(one[0] != other[0] for one, other in pairwise(redline))


@QUICK
@given(DOCUMENT, DOCUMENT)
def test_every_change_of_any_pair_holds_its_promises(old: str, new: str) -> None:
    comparison = compared(old, new)
    assert len({provision.id for provision in comparison.provisions}) == len(comparison.provisions)
    for change in comparison.changes:
        before = change.before.text if change.before else ""
        after = change.after.text if change.after else ""
        assert "".join(text for mark, text in change.redline if mark in "=-") == before
        assert "".join(text for mark, text in change.redline if mark in "=+") == after
        for fact in change.facts:
            assert fact.before == (before[slice(*fact.before_span)] if fact.before_span else None)
            assert fact.after == (after[slice(*fact.after_span)] if fact.after_span else None)
        assert change.sentence
        assert is_proven(change.sentence.text, change.sentence.proof, before or None, after or None)


@QUICK
@given(DOCUMENT, DOCUMENT)
def test_every_provision_of_both_sides_is_accounted_for(old: str, new: str) -> None:
    comparison = compared(old, new)
    removed = sum(len(change.before.parts or (1,)) for change in comparison.changes if change.before)
    added = sum(len(change.after.parts or (1,)) for change in comparison.changes if change.after)
    assert len(comparison.old.provisions) - removed == len(comparison.new.provisions) - added


def _texts(comparison: Comparison, op: str) -> list[str]:
    sides = [change.after or change.before for change in comparison.changes if change.op == op]
    return sorted(side.text for side in sides if side)


@QUICK
@given(st.lists(SENTENCE, min_size=1, max_size=8, unique=True), st.integers(0, 7), SENTENCE)
def test_reversing_a_pair_swaps_added_and_removed(lines: list[str], place: int, more: str) -> None:
    longer = [*lines[:place], f"Zebras graze: {more}", *lines[place:]]
    there, back = compared("\n".join(lines), "\n".join(longer)), compared("\n".join(longer), "\n".join(lines))
    assert _texts(there, "added") == _texts(back, "removed")
    assert _texts(there, "removed") == _texts(back, "added")


COSMETIC = [
    lambda text: re.sub(r"\.(?=\n|$)", " .", text),
    lambda text: text.upper().replace("SECTION", "Section").replace("ACORN", "Acorn"),
    lambda text: text.replace(".\n", "\n"),
    lambda text: text.replace("# ", "### "),
    lambda text: text.replace(", ", " , "),
    lambda text: text.replace("notice", "Notice"),
]


@QUICK
@given(DOCUMENT, st.sampled_from(COSMETIC))
def test_cosmetic_edits_never_alert(text: str, edit: object) -> None:
    assert callable(edit)
    report = build_report(compared(text, edit(text)))
    assert not report.alert, [(c.reasons, c.redline) for c in report.provisions if c.severity != "editorial"]

"""Which provision became which, and whose identity carries over."""

import pytest

from services.differ.core.align import NEIGHBOURS, Alignment, align
from services.differ.core.pipeline import VersionText
from tests.factories.differ import version

ALPHA = "We may end your account with thirty days of notice to you."
BETA = "You keep all rights in the content that you upload here."
GAMMA = "Irish law governs these terms and any dispute about them."
DELTA = "The service is offered to people who live in Europe only."


def aligned(old: str, new: str) -> tuple[VersionText, Alignment]:
    before = version(old, seed="old")
    return before, align(before.provisions, version(new, seed="new").provisions)


def ops(old: str, new: str) -> list[str]:
    return [operation.op for operation in aligned(old, new)[1].operations]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([ALPHA, BETA], [ALPHA, BETA], ["unchanged", "unchanged"]),
        ([ALPHA, BETA], [ALPHA, BETA.replace("upload", "send")], ["unchanged", "modified"]),
        ([ALPHA], [ALPHA, BETA], ["unchanged", "added"]),
        ([ALPHA, BETA], [BETA], ["removed", "unchanged"]),
        ([ALPHA, BETA, GAMMA], [BETA, GAMMA, ALPHA], ["unchanged", "unchanged", "moved"]),
        ([f"5.1 {ALPHA}"], [f"5.2 {ALPHA}"], ["renumbered"]),
        ([ALPHA], [f"5.2 {ALPHA}"], ["unchanged"]),
        ([f"# Old\n{ALPHA}"], [f"### Old\n{ALPHA}"], ["unchanged", "unchanged"]),
        ([f"{ALPHA} {BETA}"], [ALPHA, BETA], ["split"]),
        ([ALPHA, BETA, GAMMA], [f"{ALPHA} {BETA} {GAMMA}"], ["merged"]),
        ([f"Endings: {ALPHA} {BETA}"], ["Endings:", f"I.2.a. {ALPHA}", f"I.2.b. {BETA}"], ["split"]),
        ([f"{ALPHA} {BETA}", DELTA], [ALPHA, BETA, DELTA], ["split", "unchanged"]),
    ],
)
def test_operations(old: list[str], new: list[str], expected: list[str]) -> None:
    assert ops("\n".join(old), "\n".join(new)) == expected


def test_identity_carries_over() -> None:
    before, alignment = aligned(f"{ALPHA}\n{BETA}\n{GAMMA}", f"{GAMMA}\n{DELTA}\n{ALPHA.replace('thirty', 'ten')}")
    ids = {p.text: p.id for p in before.provisions}
    gamma, delta, alpha = alignment.provisions
    assert (gamma.id, alpha.id) == (ids[GAMMA], ids[ALPHA])
    assert delta.id not in ids.values()


def test_the_larger_part_of_a_split_keeps_the_identity() -> None:
    before, alignment = aligned(f"{ALPHA} Short words follow here.", f"{ALPHA}\nShort words follow here.")
    assert alignment.provisions[0].id == before.provisions[0].id
    assert alignment.provisions[1].id != before.provisions[0].id


def test_no_two_provisions_share_an_id_even_with_one_seed_for_all_versions() -> None:
    first = version(f"{ALPHA}\n{BETA}", seed="document")
    changed = align(first.provisions, version(f"{ALPHA.replace('thirty', 'ten')}\n{BETA}", seed="document").provisions)
    again = align(changed.provisions, version(f"{ALPHA}\n{changed.provisions[0].text}", seed="document").provisions)
    assert len({p.id for p in again.provisions}) == 2


def test_rows_are_matched_by_their_first_cell() -> None:
    assert ops("sid | login | 3 days", "aid | login | 3 days") == ["removed", "added"]
    assert ops("sid | login | 3 days", "sid | login | 9 days") == ["modified"]


def test_a_row_that_begins_with_a_sentence_may_have_it_edited() -> None:
    old = "To keep the garden safe from the deer | name, address | two years"
    assert ops(old, old.replace("the deer", "all deer and hares")) == ["modified"]


def test_one_edited_entry_does_not_hide_that_a_list_was_split() -> None:
    entries = [f"{one}, and nothing else is meant by that here." for one in (ALPHA, BETA, GAMMA, DELTA)]
    edited = [*entries[:1], f"{GAMMA[:20]} zebras on the moon and llamas at sea.", *entries[3:]]
    whole = " ".join([entries[0], edited[1][:20], "the law of the land and the sea.", entries[3]])
    assert ops(whole, "\n".join(edited)) == ["split"]


def test_very_many_rewritten_provisions_are_compared_with_their_neighbours() -> None:
    count = 32 * NEIGHBOURS
    old = "\n".join(f"Clause about topic{n} says that person{n} may do thing{n} often." for n in range(count))
    new = old.replace(" may ", " must ")
    assert set(ops(old, new)) == {"modified"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Effective January 21, 2026", "Effective 4 May 2027"),
        ("December 19, 2024", "2025-11-24"),
        ("Written by Acorn Labs here", "Drawn up by Acorn Works"),
    ],
)
def test_one_short_line_edited_alone_in_its_place_stays_itself(old: str, new: str) -> None:
    assert ops(f"{ALPHA}\n{old}\n{BETA}", f"{ALPHA}\n{new}\n{BETA}") == ["unchanged", "modified", "unchanged"]


def test_a_long_line_that_shares_only_words_of_grammar_is_another_one() -> None:
    old = "The owner of the mill may sell the flour to the baker in the village on the day of the fair."
    new = "A guest of the inn may ask the host for the key of a room at the back until a bell is rung."
    assert ops(f"{ALPHA}\n{old}\n{BETA}", f"{ALPHA}\n{new}\n{BETA}") == ["unchanged", "removed", "added", "unchanged"]


def test_a_clause_that_moved_and_was_edited_is_modified_there() -> None:
    edited = ALPHA.replace("thirty", "forty")
    _, found = aligned(f"{ALPHA}\n{BETA}\n{GAMMA}\n{DELTA}", f"{BETA}\n{GAMMA}\n{DELTA}\n{edited}")
    assert [(one.op, one.moved) for one in found.operations if one.op != "unchanged"] == [("modified", True)]

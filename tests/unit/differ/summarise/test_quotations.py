"""Where a quotation begins and ends, and which clauses are told as one that became the other."""

import pytest

from tests.factories.differ import compared

REST = "\nAnother clause that stays as it is."

BOOKS = "The house that keeps all the books of the club for its many members is"
MUSEUM = "The museum opens at nine on each day of the year but the first."
KEEPER = "The keeper of the garden (or whoever of the guild stands in for her on that day) and the two oldest members"
LUNCH = "bring their own lunch to the long tables that stand in the old barn by the pond"


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        # both sides are quoted from one word, before they part
        (
            f"{BOOKS} Alder Ltd, 4 Low Street, Cork, T12 4.",
            f"{BOOKS} Birch Ltd, 9 High Road, Cork, T12 7.",
            "“its many members is Alder Ltd, 4 Low Street, Cork, T12 4” became “its many members is Birch Ltd, "
            "9 High Road, Cork, T12 7”.",
        ),
        # clauses that share hardly a word did not become one another
        (
            f"{MUSEUM} Visitors leave umbrellas in the hall below.",
            f"{MUSEUM} Children under six need no ticket at all.",
            "Removed “Visitors leave umbrellas in the hall below”, added “Children under six need no ticket at all”.",
        ),
        # of a few words nobody could tell
        (f"{MUSEUM} Dogs sleep outside.", f"{MUSEUM} Cats come in.", "“Dogs sleep outside” became “Cats come in”."),
        # a bracket that closes was opened in the quotation
        (
            f"{KEEPER} may open the gate at noon.",
            f"{KEEPER} must open the gate at noon.",
            "“the two oldest members may open the gate at noon” became “the two oldest members must open the gate at "
            "noon”.",
        ),
        # and one that opens is closed in it
        (
            f"Guests may {LUNCH} (the one with the roof).",
            f"Guests must {LUNCH} (the one with the roof).",
            f"“Guests may {LUNCH.removesuffix(' pond')}” … became “Guests must {LUNCH.removesuffix(' pond')}” …",
        ),
    ],
)
def test_quotations(old: str, new: str, text: str) -> None:
    [change] = compared(old + REST, new + REST).changes
    assert change.sentence is not None
    assert change.sentence.text == text

"""What is said of a change, and that it is proven."""

import pytest

from services.differ.core.compare.redline import TextPair
from services.differ.core.summarise import sentence
from services.differ.core.summarise_check import faults
from tests.factories.differ import compared

REST = "\nAnother clause that stays as it is."


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("We end it with 30 days' notice.", "We end it with 14 days' notice.",
         "Notice before termination fell from 30 days to 14 days."),
        ("We tell you 30 days in advance.", "We tell you 60 days in advance.", "Notice rose from 30 days to 60 days."),
        ("You may cancel by thirty (30) days' written notice.", "You may cancel by sixty (60) days' written notice.",
         "Notice you must give rose from 30 days to 60 days."),
        ("You may appeal within 14 days.", "You may appeal within 7 days.",
         "Time to appeal fell from 14 days to 7 days."),
        ("Appeals reach us within 1 week.", "Appeals reach us within 3 days.",
         "Time to appeal fell from 1 week to 3 days."),
        ("You may object within 4 weeks.", "You may object within 2 weeks.",
         "Time to object fell from 4 weeks to 2 weeks."),
        ("You may opt out for 30 days.", "You may opt out for 60 days.",
         "Time to opt out rose from 30 days to 60 days."),
        ("We will decide your appeal in 10 days.", "We will decide your appeal in 20 days.",
         "Response time rose from 10 days to 20 days."),
        ("We usually answer questions in 24 hours.", "We usually answer questions in 48 hours.",
         "Response time rose from 24 hours to 48 hours."),
        ("You must be at least 13 years old to join.", "You must be at least 16 years old to join.",
         "The minimum age rose from 13 to 16."),
        ("The subscription fee is $10 a month.", "The subscription fee is $12 a month.",
         "The price rose from $10 a month to $12 a month."),
        ("Logs are kept for 2 weeks.", "Logs are kept for 30 days.",
         "Retention of logs rose from 2 weeks to 30 days."),
        ("Pick 3 colours for the sign.", "Pick 5 colours for the sign.",
         "“Pick 3 colours for the sign” became “Pick 5 colours for the sign”."),
        ("You may leave it now.", "You must leave it now.", "“You may leave it now” became “You must leave it now”."),
        ("We will not sell your data.", "We will sell your data.",
         "“We will not sell your data” became “We will sell your data”."),
        ("We sell it if you opt in.", "We sell it unless you opt out.",
         "“We sell it if you opt in” became “We sell it unless you opt out”."),
        # a company's form before a new sentence ends its own
        ("This is a contract with Alder Ltd. If you do not agree, leave.",
         "This is a contract with Birch Ltd. If you do not agree, leave.",
         "“This is a contract with Alder Ltd” became “This is a contract with Birch Ltd”."),
        ("We keep name and age.", "We keep name, place and age.", "Added “place” in “We keep name, place and age”."),
        ("We use it worldwide here.", "We use it here.", "Removed “worldwide” from “We use it worldwide here”."),
        ("See [it](a.test/x) now.", "See [it](a.test/y) now.", "The link “it” leads to another page than before."),
        ('"Data" means facts.', '"Data" means facts and guesses.', "The definition of “Data” gained “and guesses”."),
        ('"Data" means hard facts.', '"Data" means facts.', "The definition of “Data” lost “hard”."),
        ("This holds from 1 March 2026 on.", "This holds from 1 July 2026 on.",
         "The date changed from 1 March 2026 to 1 July 2026: “This holds from 1 July 2026 on”."),
        ("Effective from July 10, 2025 on.", "Effective from April 4, 2026 on.",
         "The date changed from July 10, 2025 to April 4, 2026: “Effective from April 4, 2026 on”."),
        ("We share:\n- a name; and", "We share:\n- a name; and\n- an address; or",
         "Added to the list: “an address”."),
        ("The sky is very blue.", "The sky is very grey.",
         "“The sky is very blue” became “The sky is very grey”."),
        ("Use Acorn Notes daily.", "Use Birch Pages daily.", "“Acorn Notes” became “Birch Pages”."),
        ("Team plans of Acorn Pro, Acorn Team, Acorn Edu.", "Team plans of Acorn Pro, Acorn Edu.",
         "Removed “Acorn Team” from “Team plans of Acorn Pro, Acorn Team, Acorn Edu”."),
        ("", "A new sky.", "New: “A new sky.”"),
        ("An old sky.", "", "Removed: “An old sky.”"),
        ("", "A dispute is settled by binding arbitration.",
         "New clause on arbitration: “A dispute is settled by binding arbitration”."),
        ("We share with:\n- banks", "We share with:\n- banks\n- courts", "Added to the list: “courts”."),
    ],
)  # fmt: skip
def test_sentences(old: str, new: str, text: str) -> None:
    [change] = compared(old + REST, new + REST).changes
    assert change.sentence is not None
    assert change.sentence.text == text
    before = change.before.text if change.before else None
    after = change.after.text if change.after else None
    assert faults(change.sentence.text, change.sentence.proof, before, after) == ()


@pytest.mark.parametrize("heading", ["Voice", "4.2. Voice", "(b) Voice"])
def test_a_clause_that_begins_with_its_heading_is_named_by_it(heading: str) -> None:
    said = sentence("added", TextPair("", "Voice. We may speak aloud. You may listen."), (), heading=heading)
    assert said is not None
    assert said.text == "New clause “Voice”: “We may speak aloud.”"


def test_a_long_entry_of_a_list_is_a_clause() -> None:
    entry = f"We may {'very ' * 30}often speak aloud."
    changes = compared("We do:", f"We do:\n1) {entry}{REST}").changes
    said = [change.sentence.text for change in changes if change.sentence]
    assert not any("list" in text for text in said), said


def test_a_long_clause_is_cut_at_words_and_says_so() -> None:
    filler = " ".join(f"word{n}" for n in range(60))
    [change] = compared(f"You may {filler}.{REST}", f"You must {filler}.{REST}").changes
    assert change.sentence is not None
    assert change.sentence.text.startswith("“You may word0 word1 ")
    assert "” … became “You must word0 " in change.sentence.text
    assert len(change.sentence.text.split()) < 45


def test_a_new_clause_too_long_to_quote_says_so() -> None:
    [change] = compared(REST, f"A clause of {'many ' * 30}words.{REST}").changes
    assert change.sentence is not None
    assert change.sentence.text.endswith("many” …")


def test_a_quotation_never_crosses_lines() -> None:
    [change] = compared("We keep:\n- a\nrest.", "We keep:\n- a\nrest.\n- b and more of it").changes
    assert change.sentence is not None
    assert "\n" not in change.sentence.text

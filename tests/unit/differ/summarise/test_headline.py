"""The headline names the change that matters most, and what it is about."""

import pytest

from services.differ.core.pipeline import build_report
from tests.factories.differ import compared

REST = "\nAnother clause that stays as it is."


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        # a sentence that says what it is about needs no lead
        ("We may terminate with 30 days' notice.", "We may terminate with 14 days' notice.",
         "Notice before termination fell from 30 days to 14 days."),
        # the category, where the quoted words speak of it
        ("You may ask for arbitration.", "You must ask for arbitration.",
         "Arbitration: “You may ask for arbitration” became “You must ask for arbitration”."),
        # else the nearest heading, without its number
        ("# Terms\n## 3. Walks\nYou may take a dog.", "# Terms\n## 3. Walks\nYou must take a dog.",
         "Walks: “You may take a dog” became “You must take a dog”."),
        # but no heading that says nothing, and never the document's title
        ("# Terms\n## General\nYou may take a dog.", "# Terms\n## General\nYou must take a dog.",
         "“You may take a dog” became “You must take a dog”."),
        # one edit made throughout is one change
        ("Acorn is here.\nThis is Acorn's own.\nAcorn has rules.\nAsk Acorn at once.",
         "Birch is here.\nThis is Birch's own.\nBirch has rules.\nAsk Birch at once.",
         "“Acorn” became “Birch” throughout."),
        # what weighs more comes first, wherever it stands
        ("The sky is blue.\nWe will not sell your personal data.", "The sky is grey.\nWe will sell your personal data.",
         "Advertising and tracking: “We will not sell your personal data” became “We will sell your personal data”."),
        # a pointer elsewhere is no headline where another change says something
        ("Terms.", "Terms.\nWe collect information as described below.\nWe collect information on your sleep.",
         "New clause on data collection: “We collect information on your sleep”."),
        # a clause that is new outranks another's amount, where its words show what it is about
        ("You may opt out of arbitration for 30 days.",
         "You may opt out of arbitration for 9 days.\nWe may use your prompts to train our models.",
         "New clause on AI training: “We may use your prompts to train our models”."),
        ("We may terminate with 30 days' notice.",
         "We may terminate with 14 days' notice.\nA dispute is settled by binding arbitration.",
         "New clause on arbitration: “A dispute is settled by binding arbitration”."),
        # but not what somebody may do now, nor an amount of a graver clause, nor a change for the worse
        ("We will not sell your personal data.",
         "We will sell your personal data.\nWe may use your prompts to train our models.",
         "Advertising and tracking: “We will not sell your personal data” became “We will sell your personal data”."),
        ("We may terminate with 30 days' notice.",
         "We may terminate with 14 days' notice.\nWe collect information on your sleep.",
         "Notice before termination fell from 30 days to 14 days."),
        ("We may terminate with 30 days' notice.",
         "We may terminate with 14 days' notice.\nWe do not use your prompts to train our models.",
         "Notice before termination fell from 30 days to 14 days."),
        ("We utilise a dog.", "We use a dog.", "No change of meaning. “We utilise a dog” became “We use a dog”."),
    ],
)  # fmt: skip
def test_headlines(old: str, new: str, text: str) -> None:
    report = build_report(compared(old + REST, new + REST))
    assert report.headline is not None
    assert report.headline.text == text


def test_the_headline_is_proven_by_the_spans_of_its_provision() -> None:
    report = build_report(
        compared("We may terminate with 30 days' notice." + REST, "We may terminate with 14 days' notice.")
    )
    assert report.headline is not None
    texts = {change.id: change for change in report.provisions}
    words = []
    for proof in report.headline.proof:
        side = texts[proof.provision].side(proof.side)
        assert side is not None
        words.append(side.text[slice(*proof.span)])
    assert words == ["30 days", "14 days", "notice", "terminate"]

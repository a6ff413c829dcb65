"""Notes name the vague terms that a change brings in, and nothing else."""

import pytest

from services.differ.core.pipeline import build_report
from services.differ.core.summarise_notes import MOST_NOTES
from tests.factories.differ import compared

DEFINED = '\n"Business Purposes" means billing.'
REST = "\nAnother clause that stays as it is."


@pytest.mark.parametrize(
    ("old", "new", "terms"),
    [
        ("We end it with 30 days' notice.", "We end it with Reasonable Notice.", ["reasonable notice"]),
        ("We protect what we hold.", "We protect what we hold by appropriate controls.", ["appropriate controls"]),
        ("We keep it safe.", "We keep it by appropriate technical and organisational measures.",
         ["appropriate technical and organisational measures"]),
        ("We change it.", "We change it from time to time, and tell you promptly.", ["from time to time", "promptly"]),
        ("We share it.", "We share it with trusted partners for business purposes.",
         ["trusted partners", "business purposes"]),
        # it was as vague before
        ("We may act promptly.", "We must act promptly.", []),
        # the document says what it means
        (f"We act.{DEFINED}", f"We act for business purposes.{DEFINED}", []),
        # words that came back to the same meaning, and words that only left
        ("We utilise it as needed.", "We use it as needed.", []),
        ("We may end it from time to time.", "We must end it.", []),
    ],
)  # fmt: skip
def test_vague_terms_that_nobody_defines(old: str, new: str, terms: list[str]) -> None:
    report = build_report(compared(old + REST, new + REST))
    assert list(report.notes) == [f"“{term}” is not defined in the document" for term in terms]


def test_other_languages_have_no_notes() -> None:
    assert build_report(compared("Wir handeln.", "Wir handeln promptly.", language="de")).notes == ()


def test_notes_are_few() -> None:
    vague = (
        "reasonable efforts, reasonable notice, reasonable time, reasonable steps, promptly, as needed, as necessary"
    )
    assert len(build_report(compared("We act.", f"We act with {vague}.")).notes) == MOST_NOTES

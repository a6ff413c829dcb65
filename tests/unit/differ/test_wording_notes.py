"""The interpretive note of a provision."""

import pytest

from services.differ.core.render.wording import interpretive_note
from services.differ.core.taxonomy import taxonomy


@pytest.mark.parametrize(
    ("category", "severity", "said"),
    [
        (
            "dispute.arbitration",
            "high",
            "takes something from consumers. This one is high, as such provisions are by themselves.",
        ),
        ("dispute.arbitration", "low", "This one is low, where such a provision by itself is high"),
    ],
)
def test_a_note_says_whom_it_touches_and_how_much(category: str, severity: str, said: str) -> None:
    assert said in interpretive_note(taxonomy()[category], severity)


def test_every_category_has_one() -> None:
    assert all(interpretive_note(one, one.default_severity).endswith(".") for one in taxonomy().values())

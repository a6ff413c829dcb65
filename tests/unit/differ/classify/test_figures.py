"""How labels are counted: LexGLUE's F1 with the none class, on pairs whose answer is known."""

import pytest

from services.differ.training.figures import NONE, f1_by_label, with_none

PAIRS = [
    # labelled, found
    (with_none(["a"]), with_none(["a"])),
    (with_none(["a", "b"]), with_none(["a"])),
    (with_none([]), with_none(["b"])),
    (with_none([]), with_none([])),
]


@pytest.mark.parametrize(("label", "f1"), [("a", 1.0), ("b", 0.0), (NONE, 2 / 3), ("never", 0.0)])
def test_f1_of_a_label(label: str, f1: float) -> None:
    assert f1_by_label(PAIRS, [label])[label] == pytest.approx(f1)

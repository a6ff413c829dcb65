"""How well labels were found, as LexGLUE counts: a sentence without a label has the label "none"."""

from collections.abc import Iterable, Sequence

NONE = "none"

Truth = tuple[frozenset[str], frozenset[str]]
"""What is right and what was found."""


def with_none(labels: Iterable[str]) -> frozenset[str]:
    """The labels, or "none" where there is none."""
    return frozenset(labels) or frozenset([NONE])


def f1_by_label(pairs: Sequence[Truth], labels: Sequence[str]) -> dict[str, float]:
    """F1 of each label over all the pairs; 0 where a label neither stands nor was found."""
    found = {}
    for label in labels:
        both = sum(label in right and label in told for right, told in pairs)
        all_ = sum((label in right) + (label in told) for right, told in pairs)
        found[label] = 2 * both / all_ if all_ else 0.0
    return found

"""A linear support vector machine, fitted by dual coordinate descent (Hsieh et al., ICML 2008, algorithm 3)."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter, mul

SEED = 20261123


@dataclass(frozen=True, slots=True)
class Row:
    """A sparse vector of at least two places, the last of which is the bias with the value 1."""

    places: tuple[int, ...]
    values: tuple[float, ...]
    pick: "itemgetter[tuple[float, ...]]"
    square: float

    @classmethod
    def of(cls, pairs: Sequence[tuple[int, float]], bias: int) -> "Row":
        """`bias` is the place after the last feature; it stands twice, at 0 weight, in a vector without features."""
        chosen = list(pairs) or [(bias, 0.0)]
        places = (*(place for place, _ in chosen), bias)
        values = (*(value for _, value in chosen), 1.0)
        return cls(places, values, itemgetter(*places), sum(value * value for value in values))

    def dot(self, weights: list[float]) -> float:
        return math.fsum(map(mul, self.values, self.pick(weights)))


def fit(
    rows: Sequence[Row],
    targets: Sequence[bool],
    size: int,
    *,
    cost: float = 0.5,
    positive_weight: float = 5.0,
    tolerance: float = 0.1,
    most_passes: int = 100,
) -> list[float]:
    """Weights of `size` features and the bias that part the true targets from the others.

    Squared hinge loss, L2 regularised; an error on a true target costs `positive_weight` times as much.
    """
    weights = [0.0] * (size + 1)
    dual = [0.0] * len(rows)
    order, chance = list(range(len(rows))), random.Random(SEED)  # noqa: S311  the order of a fit is no secret
    active, ceiling = order, float("inf")
    for _ in range(most_passes):
        chance.shuffle(active)
        kept, low, high = _sweep(rows, targets, active, dual, weights, cost, positive_weight, ceiling)
        if high - low <= tolerance:
            if len(active) == len(rows):
                break
            active, ceiling = list(range(len(rows))), float("inf")
        else:
            active, ceiling = kept, high if high > 0 else float("inf")
    return weights


def _sweep(
    rows: Sequence[Row],
    targets: Sequence[bool],
    active: Sequence[int],
    dual: list[float],
    weights: list[float],
    cost: float,
    positive_weight: float,
    ceiling: float,
) -> tuple[list[int], float, float]:
    """One pass: the rows that may still move, and the least and largest projected gradient."""
    kept, low, high = [], 0.0, 0.0
    for at in active:
        row, sign = rows[at], 1.0 if targets[at] else -1.0
        loose = 0.5 / (cost * positive_weight if targets[at] else cost)
        gradient = sign * row.dot(weights) - 1.0 + loose * dual[at]
        if dual[at] == 0.0:
            if gradient > ceiling:
                continue
            projected = min(gradient, 0.0)
        else:
            projected = gradient
        kept.append(at)
        low, high = min(low, projected), max(high, projected)
        if projected:
            before = dual[at]
            dual[at] = max(before - gradient / (row.square + loose), 0.0)
            step = (dual[at] - before) * sign
            for place, value in zip(row.places, row.values, strict=True):
                weights[place] += step * value
    return kept, low, high

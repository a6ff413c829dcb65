"""From labelled sentences to a model file: vocabulary, weights, and thresholds by cross-validation over companies."""

import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.differ.core.classify.features import features, weighted
from services.differ.core.classify.model import coarse_idf, write_model
from services.differ.training.data import LABELS, Labelled
from services.differ.training.linear import SEED, Row, fit

FOLDS = 5
LEAST_SENTENCES = 2
"""A feature of fewer sentences is left out."""

TRUST = 0.5
"""How far a threshold moves from 0 towards the best of cross-validation: the best is partly luck."""


@dataclass(frozen=True)
class Vocabulary:
    """Features by place, and the inverse document frequency of each, as coarse as the file holds it."""

    places: Mapping[str, int]
    idf: tuple[float, ...]

    @classmethod
    def of(cls, counts: Sequence[Counter[str]]) -> "Vocabulary":
        frequency = Counter(name for one in counts for name in one)
        names = sorted(name for name, number in frequency.items() if number >= LEAST_SENTENCES)
        idf = tuple(coarse_idf(math.log((1 + len(counts)) / (1 + frequency[name])) + 1) for name in names)
        return cls({name: place for place, name in enumerate(names)}, idf)

    def row(self, counts: Counter[str]) -> Row:
        return Row.of(weighted(counts, self.places, self.idf), len(self.idf))


@dataclass(frozen=True)
class Scored:
    """Decision values of sentences that the fit had not seen, by label."""

    rows: tuple[Labelled, ...]
    values: dict[str, list[float]]


def fit_columns(rows: Sequence[Labelled]) -> tuple[Vocabulary, dict[str, list[float]]]:
    """A vocabulary and, for each label, the weights of its features and the bias."""
    counts = [features(row.text) for row in rows]
    vocabulary = Vocabulary.of(counts)
    vectors = [vocabulary.row(one) for one in counts]
    size = len(vocabulary.idf)
    return vocabulary, {label: fit(vectors, [label in row.labels for row in rows], size) for label in LABELS}


def cross_validate(rows: Sequence[Labelled], extra: Sequence[Labelled], folds: int = FOLDS) -> list[Scored]:
    """Score each fold of `rows` by a fit on the others and on `extra`; no company stands on both sides."""
    companies = sorted({row.company for row in rows})
    random.Random(SEED).shuffle(companies)  # noqa: S311  folds are no secret
    scored = []
    for fold in range(folds):
        held = set(companies[fold::folds])
        test = tuple(row for row in rows if row.company in held)
        keys = {row.key for row in test}
        train = [row for row in (*rows, *extra) if row.company not in held and row.key not in keys]
        vocabulary, columns = fit_columns(train)
        scored.append(Scored(test, score(vocabulary, columns, test)))
    return scored


def score(
    vocabulary: Vocabulary, columns: Mapping[str, list[float]], rows: Iterable[Labelled]
) -> dict[str, list[float]]:
    """Decision values of each label, in the order of the rows."""
    vectors = [vocabulary.row(features(row.text)) for row in rows]
    return {label: [vector.dot(weights) for vector in vectors] for label, weights in columns.items()}


def thresholds_of(scored: Sequence[Scored]) -> dict[str, float]:
    """Part of the way from 0 to the threshold with the best F1 of each label."""
    return {
        label: TRUST
        * _best_threshold(
            [value for one in scored for value in one.values[label]],
            [label in row.labels for one in scored for row in one.rows],
        )
        for label in LABELS
    }


def _best_threshold(values: Sequence[float], targets: Sequence[bool]) -> float:
    """Between two neighbouring values where F1 is largest; 0 where no target is true."""
    ranked = sorted(zip(values, targets, strict=True), reverse=True)
    right, best, threshold = 0, 0.0, 0.0
    for count, (value, is_true) in enumerate(ranked, 1):
        right += is_true
        f1 = 2 * right / (count + sum(targets))
        if f1 > best:
            best = f1
            threshold = (value + ranked[count][0]) / 2 if count < len(ranked) else value
    return threshold


def calibrate(scored: Sequence[Scored], thresholds: Mapping[str, float]) -> tuple[float, float]:
    """Slope and offset of the logistic curve from margin to the share of right labels (Platt 1999), by Newton."""
    points = [
        (value - thresholds[label], float(label in row.labels))
        for one in scored
        for label in LABELS
        for row, value in zip(one.rows, one.values[label], strict=True)
    ]
    slope, offset = 1.0, 0.0
    for _ in range(25):
        g0 = g1 = 0.0
        h00 = h01 = h11 = 1e-6
        for x, y in points:
            chance = 1.0 / (1.0 + math.exp(-(slope * x + offset)))
            g0, g1, spread = g0 + (y - chance) * x, g1 + (y - chance), chance * (1.0 - chance)
            h00, h01, h11 = h00 + spread * x * x, h01 + spread * x, h11 + spread
        determinant = h00 * h11 - h01 * h01
        slope += (h11 * g0 - h01 * g1) / determinant
        offset += (h00 * g1 - h01 * g0) / determinant
    return slope, offset


def fit_model(rows: Sequence[Labelled], extra: Sequence[Labelled], card: dict[str, Any]) -> bytes:
    """The model file of a fit on all of `rows` and `extra`, thresholds and calibration cross-validated over `rows`."""
    scored = cross_validate(rows, extra)
    thresholds = thresholds_of(scored)
    vocabulary, columns = fit_columns([*rows, *extra])
    return write_model(
        card,
        list(vocabulary.places),
        vocabulary.idf,
        columns,
        [thresholds[label] for label in LABELS],
        calibrate(scored, thresholds),
    )

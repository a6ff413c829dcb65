"""The fitted model of unfair terms: a linear support vector machine per label over TF-IDF, read from a data file.

The file is JSON without code: the vocabulary as text, numbers as base64 of small integers, and the SHA-256 of all of
it. `services.differ.training` writes it; docs/classifier.md is its card.
"""

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from services.differ.core.classify.features import features, weighted

FORMAT = "clausewatch.linear/1"
_IDF_STEP = 16.0
_LEVELS = 127


class BadModel(ValueError):
    """The file is not a model of this format, or was altered."""


@dataclass(frozen=True)
class LinearModel:
    """`weights[place]` holds a signed byte for each label; times `scales[label]` it is the weight."""

    labels: tuple[str, ...]
    places: dict[str, int]
    idf: tuple[float, ...]
    weights: tuple[bytes, ...]
    scales: tuple[float, ...]
    biases: tuple[float, ...]
    thresholds: tuple[float, ...]
    slope: float
    offset: float

    def margins(self, sentence: str) -> list[float]:
        """How far a sentence lies above each label's threshold; the label applies where it is over 0."""
        sums = [0.0] * len(self.labels)
        for place, value in weighted(features(sentence), self.places, self.idf):
            for label, byte in enumerate(self.weights[place]):
                if byte:
                    sums[label] += value * (byte - 256 if byte > _LEVELS else byte)
        return [
            total * scale + bias - threshold
            for total, scale, bias, threshold in zip(sums, self.scales, self.biases, self.thresholds, strict=True)
        ]

    def labels_of(self, sentence: str) -> tuple[str, ...]:
        """The labels that apply to a sentence, in the order of the model."""
        return tuple(label for label, margin in zip(self.labels, self.margins(sentence), strict=True) if margin > 0)

    def probability(self, margin: float) -> float:
        """How often a label was right at such a margin, by the cross-validation of the fit."""
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, self.slope * margin + self.offset))))


@cache
def unfair_terms() -> LinearModel:
    """The committed model, loaded at the first call."""
    return read_model(resources.files("services.differ.data").joinpath("unfair_terms.json").read_bytes())


def read_model(data: bytes) -> LinearModel:
    """Parse and check a model file.

    Raises:
        BadModel: where the format, the checksum or the lengths do not hold.
    """
    try:
        found: dict[str, Any] = json.loads(data)
        vocabulary = found["vocabulary"].split("\n")
        idf, packed = base64.b64decode(found["idf"]), base64.b64decode(found["weights"])
        labels = tuple(found["labels"])
        if found["format"] != FORMAT or found["sha256"] != _digest(found):
            raise BadModel("not a model of this format, or altered")
        if len(idf) != len(vocabulary) or len(packed) != len(vocabulary) * len(labels):
            raise BadModel("the model's parts do not fit together")
        return LinearModel(
            labels=labels,
            places={name: place for place, name in enumerate(vocabulary)},
            idf=tuple(step / _IDF_STEP for step in idf),
            weights=tuple(packed[at : at + len(labels)] for at in range(0, len(packed), len(labels))),
            scales=tuple(found["scales"]),
            biases=tuple(found["biases"]),
            thresholds=tuple(found["thresholds"]),
            slope=found["calibration"][0],
            offset=found["calibration"][1],
        )
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError, binascii.Error) as problem:
        raise BadModel("not a model file") from problem


def coarse_idf(value: float) -> float:
    """An inverse document frequency as the file can hold it."""
    return min(255, max(1, round(value * _IDF_STEP))) / _IDF_STEP


def write_model(
    card: dict[str, Any],
    vocabulary: Sequence[str],
    idf: Sequence[float],
    columns: Mapping[str, Sequence[float]],
    thresholds: Sequence[float],
    calibration: tuple[float, float],
) -> bytes:
    """The file of a fitted model; each column holds a label's weights in the order of the vocabulary, then its bias."""
    scales = [max(map(abs, weights[:-1])) / _LEVELS or 1.0 for weights in columns.values()]
    weights = bytearray()
    for place in range(len(vocabulary)):
        for column, scale in zip(columns.values(), scales, strict=True):
            weights.append(round(column[place] / scale) & 0xFF)
    found: dict[str, Any] = {
        "format": FORMAT,
        "card": card,
        "labels": list(columns),
        "scales": [round(scale, 9) for scale in scales],
        "biases": [round(column[-1], 6) for column in columns.values()],
        "thresholds": [round(threshold, 6) for threshold in thresholds],
        "calibration": [round(number, 6) for number in calibration],
        "idf": base64.b64encode(bytes(round(value * _IDF_STEP) for value in idf)).decode(),
        "weights": base64.b64encode(weights).decode(),
        "vocabulary": "\n".join(vocabulary),
    }
    found = {"sha256": _digest(found), **found}
    return (json.dumps(found, indent=0, ensure_ascii=True) + "\n").encode()


def _digest(found: dict[str, Any]) -> str:
    content = {key: value for key, value in found.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

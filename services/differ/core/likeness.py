"""How alike two provisions are: the cosine of their TF-IDF vectors, over the vocabulary of the classifier's model.

The vector of a text is made once and kept; comparing two kept ones takes microseconds (Salton & Buckley, Term-weighting
approaches in automatic text retrieval, 1988).
"""

import struct
from collections import Counter

from services.differ.core.classify.features import features, sentences, weighted
from services.differ.core.classify.model import unfair_terms

MOST_TERMS = 64
"""The heaviest terms of a text that are kept; the others say little of what it is about."""

MOST_SENTENCES = 40

_TERM = struct.Struct("<He")


def likeness_vector(text: str) -> bytes:
    """The text's vector, 4 bytes a term: place in the vocabulary, weight. Empty where it has no known term."""
    counts: Counter[str] = Counter()
    for sentence in sentences(text)[:MOST_SENTENCES]:
        counts.update(features(sentence))
    model = unfair_terms()
    known = Counter({name: count for name, count in counts.items() if name in model.places})
    if not known:
        return b""
    heaviest = sorted(weighted(known, model.places, model.idf), key=lambda term: -term[1])[:MOST_TERMS]
    length = sum(weight * weight for _, weight in heaviest) ** 0.5
    return b"".join(_TERM.pack(place, weight / length) for place, weight in sorted(heaviest))


class Likeness:
    """One text's vector, ready to be compared with many."""

    def __init__(self, vector: bytes) -> None:
        self._weights: dict[int, float] = dict(_TERM.iter_unpack(vector))

    def to(self, vector: bytes) -> float:
        """The cosine with another: 0 where they share no term, 1 where they are the same."""
        mine = self._weights
        shared = (weight * mine[place] for place, weight in _TERM.iter_unpack(vector) if place in mine)
        return float(sum(shared))

"""What a linear model sees of a sentence: its words, their stems, and pairs of neighbouring stems."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from services.differ.core.classify.stems import stem

MOST_WORDS = 400
"""Words of a sentence that are read; what is longer is a list or a fault of splitting."""

_TOKEN = re.compile(r"[a-z]+|\d+")
_NOT = re.compile(r"n\s?['’]t\b")
_BOUNDARY = re.compile(r"(?<=[.!?;])\s+(?=[\"“'(A-Z0-9])|\n+")


def sentences(text: str) -> list[str]:
    """The text cut after sentence ends, semicolons and lines; short labels stay with what follows nothing."""
    return [piece for piece in (part.strip() for part in _BOUNDARY.split(text)) if piece]


def features(sentence: str) -> Counter[str]:
    """How often each feature stands in a sentence: `word`, `~stem` and `stem stem`; every number counts as 0.

    Tokenised, lower-cased text ("do n't") and running text ("don't") give the same features.
    """
    words = ["0" if word[0].isdigit() else word for word in _words(sentence)]
    stems = [stem(word) for word in words]
    found = Counter(words)
    found.update("~" + one for one in stems)
    found.update(f"{one} {after}" for one, after in itertools.pairwise(stems))
    return found


def weighted(counts: Counter[str], places: Mapping[str, int], idf: Sequence[float]) -> list[tuple[int, float]]:
    """TF-IDF of the known features as (place, value), by place; the tf is 1 + ln n, the length of the vector is 1."""
    found = sorted(
        (places[name], (1.0 + math.log(count)) * idf[places[name]]) for name, count in counts.items() if name in places
    )
    length = math.sqrt(sum(value * value for _, value in found))
    return [(place, value / length) for place, value in found]


def _words(sentence: str) -> list[str]:
    return _TOKEN.findall(_NOT.sub(" not", sentence.lower()))[:MOST_WORDS]

"""What is known of a document before a capture: the measures of its last confirmed version."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from services.differ.core.blocks import Extraction
from services.differ.core.usable.vocabulary import POLICY_STEMS

_WORD = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]|[^\W_\u3040-\u30ff\u4e00-\u9fff]+(?:'[^\W_]+)?")
_SENTENCE_END = re.compile(r"[.;:!?。；：！？](?:\s|$)|[。；]")
_SHINGLE = 4
_OPENING_WORDS = 12
_MIN_POLICY_WORDS = 150
_MIN_POLICY_SENTENCES = 5
_MIN_POLICY_SHARE = 0.035
_MIN_FOREIGN_WORDS = 400
KNOWN_LANGUAGES = frozenset({"en", "de", "fr", "es", "it", "pt", "nl"})


@dataclass(frozen=True, slots=True)
class History:
    """A text in figures.

    `opening` is its first words, `shingles` are its runs of four words, `coherent` says that it reads like a policy.
    """

    words: int
    title: str | None
    language: str | None
    opening: str
    shingles: frozenset[str]
    coherent: bool

    @classmethod
    def of(cls, extraction: Extraction) -> "History":
        """The figures of an extraction."""
        texts = (block.text for block in extraction.blocks)
        return cls.of_texts(texts, title=extraction.title, language=extraction.language)

    @classmethod
    def of_texts(cls, texts: Iterable[str], *, title: str | None = None, language: str | None = None) -> "History":
        """The figures of a stored version, from the texts of its blocks or provisions in order."""
        text = "\n".join(texts)
        words = _WORD.findall(text.lower())
        runs = zip(*(islice(words, start, None) for start in range(_SHINGLE)), strict=False)
        shingles = frozenset(map(" ".join, runs))
        opening = " ".join(words[:_OPENING_WORDS])
        return cls(len(words), title, language, opening, shingles, _is_coherent(text, words, language))

    def overlap_of(self, other: "History") -> float:
        """The share of this text's runs that stand in the other as well, 0 to 1."""
        return len(self.shingles & other.shingles) / len(self.shingles) if self.shingles else 0.0


def _is_coherent(text: str, words: list[str], language: str | None) -> bool:
    """Sentences in number, in the vocabulary of obligations and rights; by length alone in languages not known here."""
    if len(words) < _MIN_POLICY_WORDS or len(_SENTENCE_END.findall(text)) < _MIN_POLICY_SENTENCES:
        return False
    if language is not None and language not in KNOWN_LANGUAGES:
        return len(words) >= _MIN_FOREIGN_WORDS
    return sum(1 for word in words if POLICY_STEMS.fullmatch(word)) >= _MIN_POLICY_SHARE * len(words)

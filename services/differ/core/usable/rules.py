"""The rules by which a capture is unusable, in order; the first that fires decides and says why."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from selectolax.lexbor import LexborHTMLParser

from services.differ.core.blocks import Extraction
from services.differ.core.extract.content import PartContent
from services.differ.core.usable.history import KNOWN_LANGUAGES, History
from services.differ.core.usable.vocabulary import (
    CHALLENGE_MARKUP,
    CHALLENGE_WORDS,
    CONSENT_WORDS,
    ERROR_WORDS,
    META_REFRESH,
    POLICY_STEMS,
    REDIRECT_WORDS,
    document_kind,
)
from shared.domain.report import UnusableReason

_SHORT = 120
"""Words under which a page may be a notice in the document's place; the shortest real documents seen have 125."""
_SHORT_OF_HISTORY = 0.35
_A_SENTENCE = 8
_ALMOST_NOTHING = 25
_STUB = 60
_HALF = 0.5
_MOST = 0.9
_FEW_LEGAL_WORDS = 4
_LEGAL_WORDS = 6
_DATED_OR_SIGNED = re.compile(r"\b(?:19|20)\d\d\b|@|\b(?:GmbH|Ltd|LLC|Inc|S\.?A\.?S?|B\.?V)\b")
_CONTAINED = 0.95
_FOREIGN = 0.3
_UNRELATED = 0.1
_LINK_LIST = 0.6
_LANGUAGE_WORDS = 60
_SHOWN_BLOCKS = 100
_SHOWN_CHARS = 20_000
_MARKUP_BYTES = 300_000


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a capture does not show its document; `why` begins with the rule that decided."""

    reason: UnusableReason
    why: str


@dataclass(frozen=True)
class _Seen:
    """A capture as the rules look at it."""

    extraction: Extraction
    raw: Sequence[PartContent]
    history: History | None

    @cached_property
    def figures(self) -> History:
        return History.of(self.extraction)

    @property
    def words(self) -> int:
        return self.figures.words

    @cached_property
    def overlap(self) -> float:
        """Share of the capture's runs of words that the last version holds as well; 0 without history."""
        return self.figures.overlap_of(self.history) if self.history else 0.0

    @cached_property
    def text(self) -> str:
        return "\n".join(block.text for block in self.extraction.blocks)

    @cached_property
    def legal_words(self) -> int:
        """How many different words of law and duty the document's own text holds."""
        return len(set(POLICY_STEMS.findall(self.text.lower())))

    @property
    def same_text(self) -> bool:
        return self.overlap > _HALF

    @cached_property
    def short(self) -> bool:
        """Too short for a document, or for this document, and nothing that reads like a policy."""
        if self.figures.coherent or self.same_text:
            return False
        return self.words < _SHORT or (self.history is not None and self.words < _SHORT_OF_HISTORY * self.history.words)

    @cached_property
    def shown(self) -> str:
        """All that a visitor sees, dialogs and buttons included, since what blocks a page often stands there."""
        texts = [self.extraction.title or "", *(block.text for block in self.extraction.blocks[:_SHOWN_BLOCKS])]
        for part in self.raw:
            if part.body[:1] != b"%":
                body = LexborHTMLParser(part.body[: 4 * _MARKUP_BYTES]).body
                if body is not None:
                    body.strip_tags(["script", "style", "template", "svg"])
                    texts.append(" ".join(body.text(separator=" ").split())[:_SHOWN_CHARS])
        return "\n".join(texts)

    @cached_property
    def link_share(self) -> float:
        blocks = self.extraction.blocks
        linked = sum(link.span[1] - link.span[0] for block in blocks for link in block.links)
        return linked / max(1, sum(len(block.text) for block in blocks))

    @property
    def states_new_date(self) -> bool:
        """Whether a date that the text states about itself stands in words that the last version does not hold."""
        quotes = (History.of_texts([date.quote]).shingles for date in self.extraction.dates)
        return self.history is not None and any(not runs <= self.history.shingles for runs in quotes)

    def markup(self, pattern: re.Pattern[bytes]) -> bool:
        return any(pattern.search(part.body[:_MARKUP_BYTES]) for part in self.raw)


def judge_usable(extraction: Extraction, raw: Sequence[PartContent], history: History | None) -> Unusable | None:
    """The first rule that finds the capture unusable, or None.

    `history` describes the last confirmed version; None for a first capture, which is judged by its structure. A
    coherent policy text is never refused for overlapping little with the last version.
    """
    seen = _Seen(extraction, raw, history)
    for reason, rule in _RULES:
        why = rule(seen)
        if why is not None:
            return Unusable(reason, f"{rule.__name__.strip('_').replace('_', ' ')}: {why}")
    return None


def _challenge(seen: _Seen) -> str | None:
    if not seen.short:
        return None
    words = CHALLENGE_WORDS.search(seen.shown)
    if words is not None:
        return f"{seen.words} words, among them “{words[0]}”"
    return f"{seen.words} words and a challenge in the markup" if seen.markup(CHALLENGE_MARKUP) else None


def _moved(seen: _Seen) -> str | None:
    if not seen.short:
        return None
    words = REDIRECT_WORDS.search(seen.shown)
    if words is not None:
        return f"{seen.words} words, among them “{words[0]}”"
    return f"{seen.words} words and an automatic forwarding" if seen.markup(META_REFRESH) else None


def _error(seen: _Seen) -> str | None:
    words = ERROR_WORDS.search(seen.shown) if seen.short else None
    return None if words is None else f"{seen.words} words, among them “{words[0].strip()}”"


def _consent(seen: _Seen) -> str | None:
    if not seen.short:
        return None
    found = {match.lower() for match in CONSENT_WORDS.findall(seen.shown)}
    own = {match.lower() for match in CONSENT_WORDS.findall(seen.text)}
    if len(found) < 3 or (len(own) < 2 and seen.legal_words >= _LEGAL_WORDS):
        return None  # A banner over a short document is no wall.
    return f"{seen.words} words of the document, and a question for consent ({', '.join(sorted(found)[:3])})"


def _no_text(seen: _Seen) -> str | None:
    return "no text at all" if seen.words == 0 else None


def _shell(seen: _Seen) -> str | None:
    if not seen.short or seen.words >= _STUB:
        return None
    if seen.words >= _A_SENTENCE and not any(b"<" in part.body for part in seen.raw):
        return None  # writing without markup has no shell
    scripts = sum(part.body.count(b"<script") for part in seen.raw)
    if seen.words < _ALMOST_NOTHING:
        return f"only {seen.words} words ({scripts} scripts)"
    return f"only {seen.words} words and {scripts} scripts" if scripts > 5 else None


def _other_language(seen: _Seen) -> str | None:
    before = seen.history.language if seen.history else None
    now = seen.extraction.language
    if not before or not now or before == now or seen.words < _LANGUAGE_WORDS or seen.overlap > _FOREIGN:
        return None
    return f"{now} where the last version was {before}"


def _cut_off(seen: _Seen) -> str | None:
    """The bytes of a part end before its page does, and the text with them."""
    for index, part in enumerate(seen.raw):
        last = part.body[-2000:].lower()
        if b"<html" not in part.body[:2000].lower() or b"</html" in last or b"</body" in last:
            continue
        end = next((block.text for block in reversed(seen.extraction.blocks) if block.part == index), "")
        broken_off = end[-1:].isalnum()
        if broken_off and seen.history is None:
            return "the page has no end, nor has its last sentence"
        if broken_off and _much_missing(seen, 1):
            return "the page has no end, nor has its last sentence, and the rest of the text is missing"
        if _much_missing(seen, _MOST):
            return "the page has no end, and much of the text is missing"
    return None


def _text_missing(seen: _Seen) -> str | None:
    """The last version word for word, but less than half of it, under its title or with its beginning.

    A text that states a new date was shortened by its authors.
    """
    history = seen.history
    if history is None or not _much_missing(seen, _HALF) or seen.states_new_date:
        return None
    if seen.figures.opening != history.opening and (history.title is None or seen.extraction.title != history.title):
        return None
    return f"{seen.words} of {history.words} words, nothing new among them"


def _much_missing(seen: _Seen, share: float) -> bool:
    return seen.history is not None and seen.words < share * seen.history.words and seen.overlap >= _CONTAINED


def _other_kind(seen: _Seen) -> str | None:
    before = document_kind(seen.history.title) if seen.history else None
    now = document_kind(seen.extraction.title)
    if not before or not now or before == now or seen.overlap > _UNRELATED:
        return None
    return f"the title names a document of another kind ({now}, before {before}), and the text is another"


def _no_policy(seen: _Seen) -> str | None:
    history = seen.history
    if history is None or seen.figures.coherent or seen.overlap > _UNRELATED:
        return None
    if not history.coherent and seen.words > _SHORT_OF_HISTORY * history.words:
        return None
    return f"{seen.words} words that read like no policy and share {seen.overlap:.0%} with the last version"


def _no_document(seen: _Seen) -> str | None:
    """A first capture of a few words that are no policy's, under a title that names none, with no date or address."""
    if seen.history is not None or seen.words >= _SHORT or document_kind(seen.extraction.title) is not None:
        return None
    if seen.extraction.language not in {None, *KNOWN_LANGUAGES}:
        return None
    texts = [block.text for block in seen.extraction.blocks]
    if any(document_kind(text) is not None or _DATED_OR_SIGNED.search(text) for text in texts):
        return None
    if seen.legal_words >= _FEW_LEGAL_WORDS:
        return None
    return f"{seen.words} words, which neither the title nor the words themselves show to be a policy"


def _link_list(seen: _Seen) -> str | None:
    if seen.figures.coherent or seen.link_share < _LINK_LIST or seen.overlap > _FOREIGN:
        return None
    return f"{seen.link_share:.0%} of the text is links"


_RULES: tuple[tuple[UnusableReason, Callable[[_Seen], str | None]], ...] = (
    ("bot-check", _challenge),
    ("redirect-notice", _moved),
    ("error-page", _error),
    ("consent-wall", _consent),
    ("blank", _no_text),
    ("blank", _shell),
    ("language", _other_language),
    ("truncated", _cut_off),
    ("truncated", _text_missing),
    ("other-document", _other_kind),
    ("other-document", _no_policy),
    ("other-document", _link_list),
    ("other-document", _no_document),
)

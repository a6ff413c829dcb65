"""Facts read off fixed phrases: choices offered, scope widened or narrowed."""

import re
from collections.abc import Iterator

from services.differ.core.compare.facts.mentions import Mention, fact, paired
from services.differ.core.compare.redline import TextPair
from shared.domain.provisions import Span
from shared.domain.report import Fact

CHOICES: tuple[tuple[str, int, str], ...] = (
    ("opt-in", 3, r"opt(?:s|ed|ing)?[\s-]+in\b"),
    (
        "consent",
        3,
        r"(?:with|without|obtain\w*|ask\w*\s+for|based\s+on|require\w*|give[ns]?|prior|explicit|express)\s+"
        r"(?:your\s+|the\s+)?(?:prior\s+|explicit\s+|express\s+)*(?:consent|permission|approval)",
    ),
    ("consent", 3, r"(?:if|where|when|unless)\s+you\s+(?:consent|agree|choose|allow|permit)"),
    ("opt-in", 3, r"(?:if|where|when|once)\s+you\s+(?:turn|switch)\s+\w+(?:\s+\w+)?\s+on\b"),
    ("opt-out", 2, r"opt(?:s|ed|ing)?[\s-]+out\b"),
    ("opt-out", 2, r"unless\s+you\s+(?:object|tell\s+us|disable|turn\s+\w+\s+off)"),
    ("legitimate interest", 1, r"legitimate\s+(?:business\s+)?interests?"),
    ("default", 1, r"by\s+default|automatically|deemed\s+to\s+(?:have\s+)?(?:accept|agree|consent)\w*"),
)
"""Name, how much the person decides (3 most), pattern."""

BROADER: tuple[str, ...] = (
    r"including,?\s+but\s+not\s+limited\s+to",
    r"(?:not|without\s+being)\s+limited\s+to",
    r"including,?\s+without\s+limitation,?",
    r"for\s+any\s+(?:lawful\s+)?(?:purpose|reason)s?",
    r"for\s+any\s+or\s+no\s+reason",
    r"at\s+any\s+time",
    r"worldwide",
    r"globally",
    r"(?:for|in)\s+(?:any|all)\s+(?:medi(?:a|um)|territor(?:y|ies)|jurisdictions?)",
    r"for\s+(?:other|any\s+other|all|our\s+own|commercial|business|marketing)\s+purposes?",
    r"perpetual(?:ly)?|in\s+perpetuity|indefinitely",
    r"irrevocabl[ey]",
    r"unlimited|unrestricted",
    r"(?<![\w-])(?:sub-?licen[cs]able|transferable|assignable|exclusive)",
    r"royalty-free",
    r"(?:at|in)\s+(?:our|its|their|the\s+company's)\s+(?:(?:sole|own|absolute|and|full|exclusive)\s+)*discretion",
    r"sole(?:ly)?\s+discretion",
    r"without\s+(?:any\s+|prior\s+|further\s+)*(?:notice|liability|limitation|cause|reason|explanation)",
    r"any\s+and\s+all",
    r"to\s+the\s+(?:fullest|maximum|greatest|full)\s+extent\s+(?:permitted|allowed|permissible)(?:\s+(?:by|under)\s+(?:applicable\s+)?law)?",
    r"from\s+time\s+to\s+time",
    r"as\s+(?:we|it)\s+(?:deems?|sees?)\s+(?:fit|appropriate|necessary)",
)
NARROWER: tuple[str, ...] = (
    r"except(?:ing|\s+(?:for|as|where|when))?",
    r"unless",
    r"excluding",
    r"solely",
    r"only",
    r"exclusively",
    r"limited\s+to",
    r"(?-i:limited)(?!\s+(?:to|liability|partnership|compan))",
    r"(?:where|when|as|if|unless|except\s+as)\s+(?:otherwise\s+)?required\s+by\s+(?:applicable\s+)?laws?",
    r"(?:where|as|if|when)\s+(?:permitted|allowed)\s+(?:by|under)\s+(?:applicable\s+)?laws?",
    r"to\s+the\s+extent\s+(?:permitted|allowed)(?:\s+(?:by|under)\s+(?:applicable\s+)?laws?)?",
    r"with\s+(?:(?:prior|reasonable|advance|written)\s+)*notice",
    r"(?<!\w)non-?(?:transferable|sub-?licen[cs]able|assignable)",
    r"reasonabl[ey]",
    r"materially|material(?=\s+(?:adverse\s+)?(?:change|modification|breach|update|reduction|respect|impact|way|part|effect)s?\b)",
    r"(?<!\w)revocable",
    r"(?<!\w)non-?(?:exclusive|commercial)",
    r"personal,?\s+non-?commercial",
    r"to\s+the\s+extent\s+(?:necessary|required)",
)

_CHOICE = re.compile("|".join(rf"(?P<c{n}>\b(?:{p}))" for n, (_, _, p) in enumerate(CHOICES)), re.IGNORECASE)
_SCOPE = re.compile(rf"\b(?:(?P<broader>{'|'.join(BROADER)})|(?P<narrower>{'|'.join(NARROWER)}))(?!\w)", re.IGNORECASE)


def choice_facts(pair: TextPair) -> list[Fact]:
    """Consent, opt-in, opt-out and defaults that changed; values name the choice."""
    return [fact("choice", pair, found) for found in paired(pair, _choices(pair.old), _choices(pair.new))]


def choice_rank(value: object) -> int:
    """How much a choice leaves to the person: 3 asked first, 2 may refuse, 1 not asked, 0 no choice named."""
    return next((rank for name, rank, _ in CHOICES if name == value), 0)


def scope_facts(pair: TextPair) -> list[Fact]:
    """Phrases that widen ("broader") or narrow ("narrower") what a clause reaches."""
    return [fact("scope", pair, found) for found in paired(pair, _scopes(pair.old), _scopes(pair.new))]


def fixed_phrases(text: str) -> Iterator[Span]:
    """Where a text names a choice or its scope: words inside belong to the phrase."""
    for pattern in (_CHOICE, _SCOPE):
        for found in pattern.finditer(text):
            yield found.span()


def _choices(text: str) -> Iterator[Mention]:
    for found in _CHOICE.finditer(text):
        name = CHOICES[int((found.lastgroup or "c0")[1:])][0]
        denied = found.group().lower().startswith("without")
        yield Mention(found.span(), (name, denied), "without consent" if denied else name)


def _scopes(text: str) -> Iterator[Mention]:
    for found in _SCOPE.finditer(text):
        yield Mention(found.span(), re.sub(r"[\s,]+", " ", found.group().lower()).strip(), found.lastgroup)

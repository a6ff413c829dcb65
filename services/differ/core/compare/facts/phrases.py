"""Facts read off fixed phrases: choices offered, parties named, scope widened or narrowed."""

import re
from collections.abc import Iterator

from services.differ.core.compare.facts.mentions import Mention, MentionPair, fact, paired
from services.differ.core.compare.redline import TextPair
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
    ("opt-out", 2, r"opt(?:s|ed|ing)?[\s-]+out\b"),
    ("opt-out", 2, r"unless\s+you\s+(?:object|tell\s+us|disable|turn\s+\w+\s+off)"),
    ("legitimate interest", 1, r"legitimate\s+(?:business\s+)?interests?"),
    ("default", 1, r"by\s+default|automatically|deemed\s+to\s+(?:have\s+)?(?:accept|agree|consent)\w*"),
)
"""Name, how much the person decides (3 most), pattern."""

BROADER: tuple[str, ...] = (
    r"including\s+but\s+not\s+limited\s+to",
    r"including,?\s+without\s+limitation,?",
    r"for\s+any\s+(?:lawful\s+)?(?:purpose|reason)s?",
    r"for\s+any\s+or\s+no\s+reason",
    r"at\s+any\s+time",
    r"worldwide",
    r"perpetual(?:ly)?",
    r"irrevocabl[ey]",
    r"sub-?licen[cs]able",
    r"royalty-free",
    r"(?:at|in)\s+(?:our|its)\s+(?:sole|own|absolute)(?:\s+and\s+absolute)?\s+discretion",
    r"sole(?:ly)?\s+discretion",
    r"without\s+(?:prior\s+)?(?:notice|liability|limitation|cause|reason|explanation)",
    r"any\s+and\s+all",
    r"to\s+the\s+(?:fullest|maximum)\s+extent\s+permitted(?:\s+by\s+(?:applicable\s+)?law)?",
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
    r"limited\s+to(?<!not\slimited\sto)",
    r"(?:where|when|as|if|unless)\s+required\s+by\s+(?:applicable\s+)?law",
    r"(?:where|as)\s+permitted\s+by\s+(?:applicable\s+)?law",
    r"with\s+(?:prior\s+|reasonable\s+|advance\s+)+notice",
    r"reasonabl[ey]",
    r"material(?:ly)?",
    r"revocable",
    r"non-?exclusive",
    r"to\s+the\s+extent\s+(?:necessary|required)",
)

_ENTITY = (
    r"(?:[A-Z][\w&'’.-]*(?:\s+(?:of|and|&|[A-Z(][\w&'’.)-]*)){0,5},?\s+)"
    r"(?:Inc|LLC|L\.L\.C|Ltd|Limited|GmbH|AG|B\.?V|S\.?A\.?S?|S\.?[aà]\s?r\.?l|PLC|plc|Corp|Corporation|L\.?P|LLP|PBC|Pte|OpCo|AB|Oy|KK|Co)\b\.?"
    r"(?:,?\s+(?:LLC|Ltd|Limited|Inc|KG)\b\.?)?"
)
_GROUPS: tuple[str, ...] = (
    r"affiliat(?:es?|ed\s+companies)",
    r"subsidiar(?:y|ies)",
    r"parent\s+compan(?:y|ies)",
    r"third[\s-]part(?:y|ies)(?!\s+(?:services?|content|websites?|sites?|products?|apps?|rights?|terms))",
    r"(?:business\s+|advertising\s+|marketing\s+|commercial\s+)?partners",
    r"(?:service|payment|cloud)\s+(?:providers?|processors?)",
    r"vendors?",
    r"(?:sub-?)?contractors?",
    r"sub-?processors?",
    r"advertisers?",
    r"data\s+brokers?",
    r"law\s+enforcement",
    r"government(?:al)?\s+(?:authorit(?:y|ies)|agenc(?:y|ies))",
    r"successors?",
    r"assign(?:ee)?s",
    r"licensors?",
    r"suppliers?",
    r"researchers?",
    r"resellers?",
    r"(?:authorized\s+|authorised\s+|end\s+)users?",
    r"parents?\s+or\s+(?:legal\s+)?guardians?",
)

_CHOICE = re.compile("|".join(rf"(?P<c{n}>\b(?:{p}))" for n, (_, _, p) in enumerate(CHOICES)), re.IGNORECASE)
_SCOPE = re.compile(rf"\b(?:(?P<broader>{'|'.join(BROADER)})|(?P<narrower>{'|'.join(NARROWER)}))(?!\w)", re.IGNORECASE)
_ENTITY_RE = re.compile(_ENTITY)
_GROUP = re.compile(rf"\b(?:{'|'.join(_GROUPS)})\b", re.IGNORECASE)


def choice_facts(pair: TextPair) -> list[Fact]:
    """Consent, opt-in, opt-out and defaults that changed; values name the choice."""
    return [fact("choice", pair, found) for found in paired(pair, _choices(pair.old), _choices(pair.new))]


def choice_rank(value: object) -> int:
    """How much a choice leaves to the person: 3 asked first, 2 may refuse, 1 not asked, 0 no choice named."""
    return next((rank for name, rank, _ in CHOICES if name == value), 0)


def scope_facts(pair: TextPair) -> list[Fact]:
    """Phrases that widen ("broader") or narrow ("narrower") what a clause reaches."""
    return [fact("scope", pair, found) for found in paired(pair, _scopes(pair.old), _scopes(pair.new))]


def party_facts(pair: TextPair) -> list[Fact]:
    """Companies and kinds of recipient that were exchanged, added or taken out."""
    old, new = list(_groups(pair.old)), list(_groups(pair.new))
    groups = paired(pair, old, new, may_pair=lambda old, new: False)
    companies = paired(pair, _companies(pair.old), _companies(pair.new))
    return [fact("party", pair, found) for found in [*companies, *_only_new(groups, old, new)]]


def _choices(text: str) -> Iterator[Mention]:
    for found in _CHOICE.finditer(text):
        name = CHOICES[int((found.lastgroup or "c0")[1:])][0]
        denied = found.group().lower().startswith("without")
        yield Mention(found.span(), (name, denied), "without consent" if denied else name)


def _scopes(text: str) -> Iterator[Mention]:
    for found in _SCOPE.finditer(text):
        yield Mention(found.span(), re.sub(r"[\s,]+", " ", found.group().lower()).strip(), found.lastgroup)


def _companies(text: str) -> Iterator[Mention]:
    for found in _ENTITY_RE.finditer(text):
        yield Mention(found.span(), re.sub(r"[\s,.]+", " ", found.group().lower()).strip(), found.group())


def _groups(text: str) -> Iterator[Mention]:
    for found in _GROUP.finditer(text):
        yield Mention(found.span(), _singular(found.group().lower()), _singular(found.group().lower()))


def _singular(words: str) -> str:
    words = words.replace("-", " ")
    return words.removesuffix("ies") + "y" if words.endswith("ies") else words.removesuffix("s")


def _only_new(found: list[MentionPair], old: list[Mention], new: list[Mention]) -> list[MentionPair]:
    """Leave out a kind of party that the other side names as well: it was there before, and still is."""
    named_before, named_now = {one.key for one in old}, {one.key for one in new}
    return [
        one
        for one in found
        if (one.before and one.before.key not in named_now) or (one.after and one.after.key not in named_before)
    ]

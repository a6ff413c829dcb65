"""Parties: companies, and kinds of recipient."""

import re
from collections.abc import Iterator

from services.differ.core.compare.facts.mentions import Mention, MentionPair, fact, overlaps, paired
from services.differ.core.compare.redline import TextPair
from shared.domain.report import Fact

_COMPANY = re.compile(
    r"(?:[A-Z][\w&'’.-]*(?:\s+(?:of|and|&|[A-Z(][\w&'’.)-]*)){0,5},?\s+)"
    r"(?:Inc|LLC|L\.L\.C|Ltd|Limited|GmbH|AG|B\.?V|S\.?A\.?S?|S\.?[aà]\s?r\.?l|PLC|plc|Corp|Corporation|L\.?P|LLP|PBC|Pte|"
    r"OpCo|AB|Oy|KK|Co)\b\.?(?:,?\s+(?:LLC|Ltd|Limited|Inc|KG)\b\.?)?"
)
_NAME = re.compile(r"[A-Z][\w&.-]*(?:\s+[A-Z][\w&.-]*){0,3}")

_QUALIFIER = (
    r"business|advertising|ads?|analytics|marketing|commercial|service|payment|cloud|hosting|credit|financial|fraud|identity|"
    r"insurance|data|research|technology|trusted|external|independent|professional|third[\s-]party|social\s+media|media|tax|"
    r"government(?:al)?|regulatory|supervisory|public|competent|law\s+enforcement|judicial|health|academic|legal|joint|strategic|"
    r"integration|distribution|delivery|support|security|infrastructure|information|content|affiliate[d]?|group|parent|sister"
)
_ACTORS = (
    r"affiliates|subsidiar(?:y|ies)|compan(?:y|ies)|partners|providers?|processors|vendors|(?:sub-?)?contractors|sub-?processors|"
    r"advertisers|brokers|authorit(?:y|ies)|agenc(?:y|ies)|bureaus|bodies|successors|assigns|assignees|licensors|licensees|"
    r"suppliers|researchers|resellers|insurers|auditors|advis[eo]rs|lawyers|attorneys|accountants|consultants|regulators|courts|"
    r"banks|lenders|creditors|investors|acquirers|merchants|sellers|publishers|developers|employers|distributors|sponsors|"
    r"marketers|institutions|universities|networks|carriers|agents|representatives|retailers|moderators|reviewers|contributors"
)
_ALONE = (
    r"networks|bodies|reviewers|developers|agents|representatives|publishers|courts|sellers|merchants|providers?|"
    r"compan(?:y|ies)|authorit(?:y|ies)|institutions|contributors|employers|parent|affiliate"
)
"""Actors too general, or too often the person bound, to be a kind of recipient without a word that says which."""

_GROUP = re.compile(
    rf"\b(?:third[\s-]part(?:y|ies)(?!\s+(?:services?|content|websites?|sites?|products?|apps?|rights?|terms|{_ACTORS}))"
    rf"|law\s+enforcement|affiliated\s+companies|parents?\s+or\s+(?:legal\s+)?guardians?|(?:authori[sz]ed\s+|end\s+)users?"
    rf"|(?:(?:{_QUALIFIER})\s+){{1,2}}(?:{_ACTORS})|(?!(?:{_ALONE})\b)(?:{_ACTORS}))\b",
    re.IGNORECASE,
)


def party_facts(pair: TextPair) -> list[Fact]:
    """Companies and kinds of recipient that were exchanged, added or taken out; the value is the name."""
    old, new = list(_groups(pair.old)), list(_groups(pair.new))
    groups = _news(paired(pair, old, new), old, new)
    companies = [_with_name(pair, one) for one in paired(pair, _companies(pair.old), _companies(pair.new))]
    return [fact("party", pair, found) for found in [*companies, *groups]]


def _companies(text: str) -> Iterator[Mention]:
    for found in _COMPANY.finditer(text):
        yield Mention(found.span(), re.sub(r"[\s,.]+", " ", found.group().lower()).strip(), found.group())


def _with_name(pair: TextPair, found: MentionPair) -> MentionPair:
    """Beside a company that came or went, the name without a legal form that stood in its place."""
    if found.before and found.after:
        return found
    side, text = ("new", pair.old) if found.after else ("old", pair.new)
    known = found.after or found.before
    for hunk in pair.hunks:
        here, there = (hunk.new, hunk.old) if side == "new" else (hunk.old, hunk.new)
        name = _NAME.fullmatch(text[slice(*there)].strip(" ,."))
        if known and overlaps(known.span, here) and name:
            start = text.index(name.group(), there[0])
            other = Mention((start, start + len(name.group())), None, name.group())
            return MentionPair(other, known) if side == "new" else MentionPair(known, other)
    return found


def _groups(text: str) -> Iterator[Mention]:
    for found in _GROUP.finditer(text):
        yield Mention(found.span(), _singular(found.group().lower()), _singular(found.group().lower()))


def _news(found: list[MentionPair], old: list[Mention], new: list[Mention]) -> list[MentionPair]:
    """Leave out a kind that both sides name, unless it gave place to one that only the other side names."""
    named_before, named_now = {one.key for one in old}, {one.key for one in new}
    return [
        one
        for one in found
        if (one.before and one.before.key not in named_now) or (one.after and one.after.key not in named_before)
    ]


def _singular(words: str) -> str:
    words = re.sub(r"[\s-]+", " ", words)
    return words.removesuffix("ies") + "y" if words.endswith("ies") else words.removesuffix("s")

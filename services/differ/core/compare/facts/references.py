"""Cross-references to sections, and links to other documents."""

import re
from collections.abc import Iterator, Mapping, Sequence

from services.differ.core.compare.facts.mentions import Mention, MentionPair, fact, paired
from services.differ.core.compare.redline import TextPair
from shared.domain.provisions import ProvisionLink
from shared.domain.report import Fact

_KIND = (
    r"Sections?|Clauses?|Articles?|Arts?\.|(?:Sub-?)?Paragraphs?|Annex(?:es)?|Appendix|Appendices|Exhibits?|Schedules?|Chapters?|Parts?|"
    r"Addendum"
)
_NUMBER = r"\d+[a-z]?(?:\.\d+)*(?:\([a-z0-9]{1,4}\))*"
_LETTERED = r"[A-Z](?![\w'’])(?:\.\d+)*|[IVX]+(?![\w'’])(?:\.\d+)*"
_SECTION = re.compile(
    rf"\b(?:(?i:{_KIND})\s+(?P<numbers>{_NUMBER}(?:(?:,\s+(?:and\s+|or\s+)?|\s+(?:and|or|to|through)\s+|\s?[-–]\s?){_NUMBER}(?![\w%]))*)"
    rf"|(?P<kind>{_KIND})\s+(?P<letter>{_LETTERED}))|§+\s?(?P<paragraph>\d+[a-z]?(?:\.\d+)*)"
)
_ONE_NUMBER = re.compile(_NUMBER)
_NAMING = re.compile(r"[a-z]{4,}")
_NAMING_ALL = frozenset(
    {"policy", "policies", "terms", "page", "here", "agreement", "document", "center", "centre", "legal"}
)
"""Words that stand in the address of many documents."""

_LANGUAGE = re.compile(r"/[a-z]{2}(?:[-_][a-zA-Z]{2,4})?(?=/|$)")
_ARTICLE = re.compile(r"/(\d{5,})(?:-[^/]*)?$")


def reference_facts(
    pair: TextPair,
    old_links: Sequence[ProvisionLink],
    new_links: Sequence[ProvisionLink],
    renumbered: Mapping[str, str],
) -> list[Fact]:
    """Cross-references that point elsewhere, and links that lead to another document.

    `renumbered` maps old clause numbers to new ones: a reference that followed its clause is none.
    """
    pointed = _pointed(pair, renumbered)
    return [fact("reference", pair, found) for found in [*pointed, *_retargeted(pair, old_links, new_links)]]


def same_target(old: str, new: str) -> bool:
    """Whether two targets are one page: `www.`, language, closing slash and the words of an article's slug aside."""
    return _page(old) == _page(new)


def sections(text: str) -> Iterator[Mention]:
    """Every section, clause or article that a text points to; of a series ("Sections 2 and 3") each one."""
    for found in _SECTION.finditer(text):
        if not found.group("numbers"):
            number = found.group("letter") or found.group("paragraph")
            yield Mention(found.span(), number, number)
            continue
        for place, one in enumerate(_ONE_NUMBER.finditer(text, *found.span("numbers"))):
            start = one.start() if place else found.start()
            yield Mention((start, one.end()), one.group(), one.group())


def _pointed(pair: TextPair, renumbered: Mapping[str, str]) -> list[MentionPair]:
    """References that differ by what they point to. Each is told by its own number: where one stands for a clause that
    took the number of another ("9 and 10" became "9, 10 and 11"), a reader looks for the number that came.
    """
    by_clause = paired(pair, _sections(pair.old, renumbered), _sections(pair.new, {}))
    if not by_clause:
        return by_clause
    by_number = paired(pair, _sections(pair.old, {}), _sections(pair.new, {}))
    return by_number if 0 < len(by_number) <= len(by_clause) else by_clause


def _sections(text: str, renumbered: Mapping[str, str]) -> Iterator[Mention]:
    for one in sections(text):
        yield Mention(one.span, renumbered.get(str(one.value), str(one.value)), one.value)


def _retargeted(pair: TextPair, old: Sequence[ProvisionLink], new: Sequence[ProvisionLink]) -> Iterator[MentionPair]:
    """Links with the same words, in order, whose target is another page."""
    left = list(new)
    for link in old:
        words = _words(pair.old, link)
        twins = [other for other in left if _words(pair.new, other) == words]
        if not twins:
            continue
        twin = next((other for other in twins if same_target(link.target, other.target)), twins[0])
        left.remove(twin)
        if not same_target(link.target, twin.target) and not _has_moved(words, link.target, twin.target):
            yield MentionPair(_mention(link), _mention(twin))


def _has_moved(words: str, old: str, new: str) -> bool:
    """Whether both addresses are one site's and name what the link's words name ("privacy policy": …/privacy)."""
    before, after = _page(old), _page(new)
    if _site(before) != _site(after):
        return False
    named = {word for word in _NAMING.findall(words) if word not in _NAMING_ALL}
    return any(word in before.rpartition("/")[2] and word in after.rpartition("/")[2] for word in named)


def _site(page: str) -> str:
    return ".".join(page.split("/")[0].split(".")[-2:])


def _mention(link: ProvisionLink) -> Mention:
    return Mention(link.span, link.target, link.target, "link")


def _words(text: str, link: ProvisionLink) -> str:
    return text[slice(*link.span)].strip(" .,;").casefold()


def _page(target: str) -> str:
    page = re.sub(r"^[a-z]+://", "", target.strip().lower()).removeprefix("www.").rstrip("/")
    page = _LANGUAGE.sub("", page, count=1)
    article = _ARTICLE.search(page)
    return f"{page.split('/')[0]}#{article.group(1)}" if article else page

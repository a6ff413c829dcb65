"""Edits of enumerations and of what a clause refers to."""

import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from benchmarks.edits.case import ABSENT, BlockEdit, TextEdit, Told
from services.differ.core.blocks import Block, BlockKind
from shared.domain.report import FactKind

_NO_ENTRY = (
    "and|or|as|if|to|is|are|may|will|that|which|who|we|you|it|they|but|including|such|in|at|by|with|without|on|for|from|"
    "perpetual|worldwide|irrevocable|royalty-free|non-[a-z-]+|transferable|sublicen[cs]able"
)
_WORD = rf"(?!(?:{_NO_ENTRY})\b)[a-z][a-z-]+"
_ENTRY = rf"{_WORD}(?: {_WORD}){{0,2}}"
_SERIES = re.compile(
    rf"(?P<first>{_ENTRY}), (?P<middle>{_ENTRY}), (?P<more>(?:{_ENTRY}, )*)(?P<plain>{_ENTRY} )?(?P<joint>and|or) "
    rf"(?P<last>{_WORD})\b(?=[.;,]| (?:to|for|in|of|with|that)\b)"
)
_NEW_ENTRIES = (
    "voice recordings",
    "browsing history",
    "precise location",
    "health records",
    "purchase history",
    "drones",
    "fingerprints",
    "salary data",
    "seeds",
    "genetic material",
    "calendar entries",
    "weapons",
    "lottery tickets",
    "photo metadata",
)


def inline(text: str, rng: Random) -> Iterator[TextEdit]:
    """An entry of a series "a, b, and c" put in or taken out: the first, a middle one or the last."""
    for found in _SERIES.finditer(text):
        middle, last = found.group("middle"), found.group("last")
        new = rng.choice(_NEW_ENTRIES)
        allowed: tuple[FactKind, ...] = ("party", "scope", "choice", "quantity")
        manner = rng.choice(["second added", "last added", "middle removed", "last removed"])
        if found.group("plain") and manner.startswith("last"):
            continue
        if manner.endswith("added") and new not in text:
            at = found.start("middle") if manner == "second added" else found.end("more")
            yield TextEdit(manner, (at, at), f"{new}, ", Told("enumeration", "", new, ABSENT, also=allowed))
        elif manner == "middle removed" and text.lower().count(middle) == 1:
            told = Told("enumeration", middle, "", None, ABSENT, also=allowed)
            yield TextEdit(manner, (found.start("middle"), found.end("middle") + 2), "", told)
        elif manner == "last removed" and text.lower().count(last) == 1 and text[found.end() : found.end() + 1] in ".;":
            words = f"{found.group('first')}, {found.group('more')}{found.group('joint')} {middle}"
            if not found.group("more"):
                told = Told("enumeration", last, "", None, ABSENT, also=allowed)
                span = (found.start(), found.end())
                yield TextEdit(manner, span, words.replace(", and", " and").replace(", or", " or"), told)


def listed(blocks: tuple[Block, ...], rng: Random) -> Iterator[BlockEdit]:
    """An entry put into a list, or taken out; the entries after it get the next letter or number."""
    texts = [block.text for block in blocks]
    places = [i for i in range(1, len(blocks) - 1) if _among_short_entries(blocks, i)]
    for i in rng.sample(places, min(3, len(places))):
        if texts.count(blocks[i].text) > 1:
            continue
        manner = "numbered" if blocks[i].number else "bullet"
        gone = _core(blocks[i].text)
        told = Told("enumeration", gone, "", None, ABSENT)
        others = frozenset(["removed", "renumbered"] if blocks[i].number else ["removed"])
        yield BlockEdit(f"{manner} removed", _without(blocks, i), "modified", gone, others, told)
        if blocks[i].number is None:
            one, other = rng.sample(_NEW_ENTRIES, 2)
            come = f"{one.capitalize()} and {other} that reach us"
            told = Told("enumeration", "", come, ABSENT)
            item = replace(blocks[i], text=come, canonical=come, links=())
            more = (*blocks[:i], item, *blocks[i:])
            yield BlockEdit("bullet added", more, "modified", come, frozenset(["added"]), told)


def _among_short_entries(blocks: tuple[Block, ...], i: int) -> bool:
    around = blocks[i - 1 : i + 2]
    alike = all(block.kind is BlockKind.ITEM and block.level == blocks[i].level for block in around)
    return alike and 2 <= len(blocks[i].text.split()) <= 30 and len({bool(block.number) for block in around}) == 1


def _without(blocks: tuple[Block, ...], gone: int) -> tuple[Block, ...]:
    """The blocks but one; each entry after it on the same level takes the number of the one before."""
    changed, level, number = list(blocks), blocks[gone].level, blocks[gone].number
    for i in range(gone + 1, len(blocks)):
        block = blocks[i]
        if number is None or block.kind is not BlockKind.ITEM or block.level < level:
            break
        if block.level == level:
            changed[i], number = replace(block, number=number), block.number
    return (*changed[:gone], *changed[gone + 1 :])


def rows(blocks: tuple[Block, ...], rng: Random) -> Iterator[BlockEdit]:
    """A row taken out of a table, or put in."""
    texts = [block.text for block in blocks]
    places = [i for i in range(1, len(blocks)) if all(blocks[n].kind is BlockKind.ROW for n in (i - 1, i))]
    for i in rng.sample(places, min(2, len(places))):
        if texts.count(blocks[i].text) == 1:
            told = Told("enumeration", blocks[i].text, "", None, ABSENT)
            yield BlockEdit("row removed", blocks[:i] + blocks[i + 1 :], "removed", blocks[i].text, frozenset(), told)
        cells = rng.sample(_NEW_ENTRIES, max(2, blocks[i].text.count(" | ") + 1))
        row = replace(blocks[i], text=" | ".join(cells), canonical=" | ".join(cells), links=())
        told = Told("enumeration", "", row.text, ABSENT)
        yield BlockEdit("row added", (*blocks[:i], row, *blocks[i:]), "added", row.text, frozenset(), told)


def _core(text: str) -> str:
    return re.sub(r"[ .;,]*(?:\b(?:and|or)\b)?[ .;,]*$", "", text)


_SECTION = re.compile(
    r"\b(?P<kind>[Ss]ections?|[Cc]lauses?|[Aa]rticles?|[Pp]aragraphs?|[Aa]ppendix|[Ss]chedule|[Ee]xhibit) (?P<n>"
    r"\d+(?:\.\d+)*|[A-D])\b(?![.\d]*\d|\()"
)
_SUBJECT = re.compile(r"(?<=[a-z]{3})(?=\.$)")


def section(text: str, rng: Random) -> Iterator[TextEdit]:
    """A reference to a section, clause or article leads to another one."""
    for found in _SECTION.finditer(text):
        old = found.group("n")
        new = (
            rng.choice([n for n in ("E", "F", "G") if n != old])
            if old.isalpha()
            else f"{rng.randint(30, 60)}{old[len(old.split('.')[0]) :]}"
        )
        told = Told("reference", old, new, old, new, also=("date", "quantity"))
        yield TextEdit(f"{found.group('kind').lower().rstrip('s')}", found.span("n"), new, told)
    for found in _SUBJECT.finditer(text):
        if "Section" not in text and rng.random() < 0.1:
            put = rng.choice([" subject to Section 41", " as set out in Clause 17.3", " (see Section 38)"])
            number = re.sub(r"[^\d.]", "", put)
            yield TextEdit(
                "added", found.span(), put, Told("reference", "", number, ABSENT, number, also=("enumeration",))
            )


def link(blocks: tuple[Block, ...], rng: Random) -> Iterator[BlockEdit]:
    """A link leads to another document; its words stay."""
    linked = [
        i
        for i, block in enumerate(blocks)
        if block.links and block.kind is not BlockKind.HEADING and len(block.text) > 60
    ]
    for i in rng.sample(linked, min(2, len(linked))):
        block = blocks[i]
        n = rng.randrange(len(block.links))
        if block.links[n].target.startswith("mailto:") or not block.text[slice(*block.links[n].span)].strip():
            continue
        target = f"elsewhere.example/{rng.choice(['terms', 'arbitration', 'data-use'])}"
        changed = replace(block.links[n], target=target)
        other = replace(block, links=(*block.links[:n], changed, *block.links[n + 1 :]))
        told = Told("reference", block.text[slice(*changed.span)].strip(), "", None, target, "link")
        yield BlockEdit(
            "link target", (*blocks[:i], other, *blocks[i + 1 :]), "modified", block.text[:40], frozenset(), told
        )

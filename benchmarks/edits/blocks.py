"""Whole clauses added, removed, moved, split, merged and renumbered."""

import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from benchmarks.edits.case import BlockEdit
from services.differ.core.blocks import Block, BlockKind

_SENTENCE_END = re.compile(r"(?<=[a-z]{2}[.!?]) (?=[A-Z][a-z]* [a-z])")
_TOP_NUMBER = re.compile(r"(?P<n>\d{1,2})(?P<rest>\.?(?:\s.*|$))", re.DOTALL)
NEW_CLAUSES = (
    "Our engineers may inspect any robot that you connect to the service before it is switched on again.",
    "Every dispute about the harvest is first heard by a panel of three neighbours, whose finding binds both sides.",
    "You keep a copy of each invoice for six years and hand it over when an auditor of ours asks for it.",
    "A subscription that was given as a present ends on the last day of the winter in which it was opened.",
    "Pictures of bridges and tunnels are blurred before they are shown to visitors from outside the county.",
    "The ferry company tells passengers by letter when a timetable is withdrawn and pays back what was unused.",
)
FAR = 4
"""Clauses between the old and the new place of one that moved: which of two neighbours moved cannot be told."""


def added(blocks: tuple[Block, ...], rng: Random) -> Iterator[BlockEdit]:
    """A clause put between two others."""
    for i in _some(_clauses(blocks), rng, 2):
        text = rng.choice(NEW_CLAUSES)
        yield BlockEdit(
            "added", (*blocks[: i + 1], Block(BlockKind.PARAGRAPH, text, text), *blocks[i + 1 :]), "added", text
        )


def removed(blocks: tuple[Block, ...], rng: Random) -> Iterator[BlockEdit]:
    """A clause taken out."""
    for i in _some(_clauses(blocks), rng, 2):
        yield BlockEdit("removed", blocks[:i] + blocks[i + 1 :], "removed", blocks[i].text)


def moved(blocks: tuple[Block, ...], rng: Random) -> Iterator[BlockEdit]:
    """A clause taken to another place, past several others."""
    clauses = _clauses(blocks)
    for i in _some(clauses, rng, 2):
        places = [k for k in clauses if sum(min(i, k) < c < max(i, k) for c in clauses) >= FAR]
        if places:
            k = rng.choice(places)
            rest = blocks[:i] + blocks[i + 1 :]
            k -= k > i
            yield BlockEdit("moved", (*rest[: k + 1], blocks[i], *rest[k + 1 :]), "moved", blocks[i].text)


def moved_and_edited(blocks: tuple[Block, ...], rng: Random) -> Iterator[BlockEdit]:
    """A clause of some length that moved, a word of it changed: modified, and neither removed nor added."""
    long = [i for i in _clauses(blocks) if len(blocks[i].text.split()) >= 15]
    for i in _some(long, rng, 1):
        places = [k for k in long if sum(min(i, k) < c < max(i, k) for c in long) >= FAR]
        if places:
            k = rng.choice(places)
            words = blocks[i].text.split(" ")
            words[len(words) // 2] = "lighthouse"
            text = " ".join(words)
            rest = blocks[:i] + blocks[i + 1 :]
            k -= k > i
            block = replace(blocks[i], text=text, canonical=text, links=())
            yield BlockEdit(
                "moved and edited", (*rest[: k + 1], block, *rest[k + 1 :]), "modified", text, frozenset(["moved"])
            )


def split(blocks: tuple[Block, ...], rng: Random) -> Iterator[BlockEdit]:
    """A clause of several sentences becomes two paragraphs."""
    for i in _some(_clauses(blocks), rng, 2):
        ends = [e.start() for e in _SENTENCE_END.finditer(blocks[i].text)]
        ends = [e for e in ends if min(len(blocks[i].text[:e].split()), len(blocks[i].text[e:].split())) >= 5]
        if ends and not blocks[i].links:
            at = rng.choice(ends)
            first, second = blocks[i].text[:at], blocks[i].text[at + 1 :]
            parts = (replace(blocks[i], text=first, canonical=first), Block(BlockKind.PARAGRAPH, second, second))
            yield BlockEdit("split", (*blocks[:i], *parts, *blocks[i + 1 :]), "split", first)


def merged(blocks: tuple[Block, ...], rng: Random) -> Iterator[BlockEdit]:
    """Two neighbouring clauses become one paragraph."""
    clauses = set(_clauses(blocks))
    both = [
        i
        for i in clauses
        if i + 1 in clauses and not blocks[i + 1].number and not blocks[i].links and not blocks[i + 1].links
    ]
    for i in _some(sorted(both), rng, 2):
        text = f"{blocks[i].text} {blocks[i + 1].text}"
        block = replace(blocks[i], text=text, canonical=text)
        yield BlockEdit("merged", (*blocks[:i], block, *blocks[i + 2 :]), "merged", text)


def renumbered(blocks: tuple[Block, ...], rng: Random) -> Iterator[BlockEdit]:
    """The numbers of all sections from one on go up by one, as where a section was put in elsewhere."""
    numbered = [(i, found) for i, block in enumerate(blocks) if (found := _top(block))]
    run = [(i, found) for place, (i, found) in enumerate(numbered) if int(found.group("n")) == place + 1]
    if len(run) < 4 or len(run) != len(numbered):
        return
    start = rng.randrange(1, len(run) - 1)
    changed = list(blocks)
    for i, found in run[start:]:
        changed[i] = _with_number(blocks[i], f"{int(found.group('n')) + 1}{found.group('rest')}")
    yield BlockEdit("renumbered", tuple(changed), "renumbered", "", frozenset(["renumbered"]))


def _top(block: Block) -> re.Match[str] | None:
    """The top-level number of a heading or a numbered paragraph."""
    if block.kind not in (BlockKind.HEADING, BlockKind.PARAGRAPH):
        return None
    found = _TOP_NUMBER.fullmatch(block.number or block.text)
    return found if found and (block.number or found.group("rest").startswith(". ")) else None


def _with_number(block: Block, words: str) -> Block:
    if block.number:
        return replace(block, number=words)
    links = block.links if len(words) == len(block.text) else ()
    return replace(block, text=words, canonical=words, links=links)


def _clauses(blocks: tuple[Block, ...]) -> list[int]:
    """Whole sentences in paragraphs, each said once in the document."""
    texts = [block.text for block in blocks]
    return [
        i
        for i, block in enumerate(blocks)
        if block.kind is BlockKind.PARAGRAPH
        and len(block.text.split()) >= 8
        and block.text[-1] == "."
        and texts.count(block.text) == 1
        and (i + 1 == len(blocks) or blocks[i + 1].kind is not BlockKind.ITEM)
    ]


def _some(places: list[int], rng: Random, count: int) -> list[int]:
    return rng.sample(places, min(count, len(places)))

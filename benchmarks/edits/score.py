"""Is what the report says what was done?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.edits.case import ABSENT, BlockEdit, TextEdit, Told, Value
from services.differ.core.blocks import Block, Extraction, Link
from services.differ.core.pipeline import VersionText, compare_versions, segment
from shared.domain.report import Fact, ProvisionChange


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one edit fared. `stray` counts facts of other kinds than the edit's own; None where nothing was asked."""

    family: str
    label: str
    text: str
    fact: bool | None
    op: bool | None
    alert: bool
    stray: int
    shown: str


def edited(block: Block, edit: TextEdit) -> Block:
    """The block with the edit made; links after it move along, one that it cuts is dropped."""
    start, end = edit.span
    text = block.text[:start] + edit.put + block.text[end:]
    by = len(text) - len(block.text)
    links = []
    for link in block.links:
        if link.span[1] <= start:
            links.append(link)
        elif link.span[0] >= end:
            links.append(Link((link.span[0] + by, link.span[1] + by), link.target))
        elif link.span[0] <= start and end <= link.span[1]:
            links.append(Link((link.span[0], link.span[1] + by), link.target))
    return replace(block, text=text, canonical=text, links=tuple(links))


def judge_text_edit(family: str, name: str, old: Extraction, place: int, edit: TextEdit) -> Verdict:
    """Compare a text with itself, one span of one block replaced."""
    new_block = edited(old.blocks[place], edit)
    blocks = (*old.blocks[:place], new_block, *old.blocks[place + 1 :])
    changes = _compared(old, blocks)
    fact = any(_says(one, edit.told) for change in changes for one in change.facts)
    op = len(changes) == 1 and changes[0].op == "modified"
    begin = max(0, edit.span[0] - 70)
    context = f"…{old.blocks[place].text[begin : edit.span[1] + 50]}… ⇒ {edit.put!r}"
    return _verdict(family, edit.label, name, fact, op, changes, edit.told, context)


def judge_block_edit(family: str, name: str, old: Extraction, edit: BlockEdit) -> Verdict:
    """Compare a text with itself, its blocks changed as the edit says."""
    changes = _compared(old, edit.blocks)
    right = {edit.op, *edit.others}
    op = (
        bool(changes)
        and all(change.op in right for change in changes)
        and sum(change.op != "renumbered" for change in changes) == (edit.op != "renumbered")
    )
    told = edit.fact
    fact = any(_says(one, told) for change in changes for one in change.facts) if told else None
    return _verdict(family, edit.label, name, fact, op, changes, told, edit.words[:120])


def _verdict(
    family: str,
    label: str,
    name: str,
    fact: bool | None,
    op: bool,
    changes: Sequence[ProvisionChange],
    told: Told | None,
    context: str,
) -> Verdict:
    facts = [one for change in changes for one in change.facts]
    own = {told.kind, *told.also} if told else set()
    stray = sum(one.kind not in own for one in facts) if told else 0
    alert = any(change.severity != "editorial" for change in changes)
    shown = "; ".join(
        f"{one.kind}({one.before!r}={one.before_value!r} → {one.after!r}={one.after_value!r} {one.unit or ''})"
        for one in facts
    )
    ops = ",".join(change.op for change in changes[:6])
    return Verdict(
        family, label, name, fact, op, alert, stray, f"{context}\n      got {ops or 'nothing'}: {shown or 'no fact'}"
    )


def _compared(old: Extraction, blocks: tuple[Block, ...]) -> tuple[ProvisionChange, ...]:
    new = replace(old, blocks=blocks)
    versions = [VersionText.of(one, segment(one, identity_seed=one.text_sha256)) for one in (old, new)]
    return compare_versions(*versions).changes


def _says(fact: Fact, told: Told) -> bool:
    return (
        fact.kind == told.kind
        and _matches(fact.before, told.before)
        and _matches(fact.after, told.after)
        and _equals(fact.before_value, told.before_value)
        and _equals(fact.after_value, told.after_value)
        and (told.unit is None or fact.unit == told.unit)
    )


def _matches(words: str | None, expected: str) -> bool:
    """Nothing was edited on this side, or the fact's words and the edited ones hold one another."""
    if not expected:
        return True
    said, wanted = (words or "").lower(), expected.lower()
    return bool(said) and (wanted in said or said in wanted)


def _equals(value: Value | None, expected: Value | None) -> bool:
    if expected is None:
        return True
    return value is None if expected == ABSENT else value == expected

"""Two versions of a document → what differs, judged and summarised."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from services.differ.core.align import Alignment, Op, Operation, align
from services.differ.core.classify import CategoryMatch, classify
from services.differ.core.classify.regulations import regulations_for
from services.differ.core.compare.facts import facts_of
from services.differ.core.compare.facts.lists import whole_entry
from services.differ.core.compare.redline import TextPair
from services.differ.core.judge import UNSURE, Judgement, Subject, judge
from services.differ.core.summarise import sentence
from services.differ.core.summarise_notes import notes
from services.differ.core.taxonomy import taxonomy
from services.differ.core.version_text import VersionText
from shared.domain.provisions import Provision, ProvisionKind, ProvisionLink, Span
from shared.domain.report import Fact, ProvisionChange, ReportedOp, SideText, TextPart


@dataclass(frozen=True)
class Comparison:
    """What differs between two versions. `provisions` are those of the new one, with the ids that carry over."""

    old: VersionText
    new: VersionText
    provisions: tuple[Provision, ...]
    changes: tuple[ProvisionChange, ...]
    notes: tuple[str, ...]
    limits: tuple[str, ...]

    @property
    def outcome(self) -> Literal["unchanged", "editorial", "changed"]:
        if not self.changes:
            return "unchanged"
        return "editorial" if all(change.severity == "editorial" for change in self.changes) else "changed"


class TooDifferent(Exception):
    """Two versions differ in more than the caller has time for; `count` provisions, as far as was looked."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} provisions differ")
        self.count = count


def compare_versions(old: VersionText, new: VersionText, *, most: int | None = None) -> Comparison:
    """Align two versions, and compare, judge and summarise every provision that is not unchanged.

    TooDifferent where that would be more than `most` provisions, each 1,000 characters of one counted anew: found by
    their texts before they are aligned, and by what has only moved or changed its number once they are.
    """
    if most is not None:
        _weigh(_unmatched(old.provisions, new.provisions), most)
    alignment = align(old.provisions, new.provisions)
    operations = [one for one in alignment.operations if one.op is not Op.UNCHANGED]
    if most is not None and len(operations) > most:
        raise TooDifferent(len(operations))
    comparer = _Comparer(old, new, alignment)
    changes = tuple(map(comparer.change, operations))
    return Comparison(
        old=old,
        new=new,
        provisions=alignment.provisions,
        changes=changes,
        notes=notes(changes, alignment.provisions) if comparer.english else (),
        limits=tuple(dict.fromkeys([*old.limits, *new.limits, *comparer.limits()])),
    )


def _unmatched(old: Sequence[Provision], new: Sequence[Provision]) -> list[Provision]:
    """The provisions of either side whose words the other does not have, or not as often."""
    found = []
    for mine, others in ((old, new), (new, old)):
        there = Counter(one.canonical for one in others)
        for one in mine:
            there[one.canonical] -= 1
            if there[one.canonical] < 0:
                found.append(one)
    return found


def _weigh(provisions: Sequence[Provision], most: int) -> None:
    if sum(1 + len(one.text) // 1_000 for one in provisions) > most:
        raise TooDifferent(len(provisions))


class _Comparer:
    def __init__(self, old: VersionText, new: VersionText, alignment: Alignment) -> None:
        self._old, self._new = old.provisions, alignment.provisions
        self._titles = {title.casefold() for title in (old.title, new.title) if title}
        self._renumbered = _renumbered(self._old, self._new, alignment.operations)
        self._language = new.language or old.language
        self.english = self._language is None or self._language.lower().startswith("en")
        self._old_texts = Counter(provision.canonical for provision in self._old)
        self._new_texts = Counter(provision.canonical for provision in self._new)

    def change(self, operation: Operation) -> ProvisionChange:
        """The report's entry for one operation."""
        before, after = _side(self._old, operation.old), _side(self._new, operation.new)
        pair = TextPair(before.text if before else "", after.text if after else "")
        facts = self._facts(operation, pair)
        lead = self._lead(operation)
        path = (after or before or SideText(text="", path=(), parts=None)).path
        matches = self._categories(pair, path)
        categories = tuple(match.id for match in matches)
        judgement = self._judge(operation, pair, facts, categories, lead)
        op = _reported(operation)
        return ProvisionChange(
            id=lead.id,
            op=op,
            path=path,
            heading=lead.heading,
            category=categories[0] if categories else None,
            categories=categories,
            regulations=regulations_for(categories, pair.new or pair.old) if self.english else (),
            severity=judgement.severity,
            direction=judgement.direction,
            confidence=_doubted(judgement, matches),
            reasons=judgement.reasons,
            before=before,
            after=after,
            redline=pair.redline,
            facts=facts,
            sentence=sentence(op, pair, facts, categories[0] if categories else None, path[-1] if path else None),
        )

    def limits(self) -> list[str]:
        """What this comparison could not do, in words."""
        if self.english:
            return []
        return [
            f"The document's language is {self._language}: the redline is complete, but apart from amounts, list lines "
            "and links, facts and categories are read in English only."
        ]

    def _facts(self, operation: Operation, pair: TextPair) -> tuple[Fact, ...]:
        if pair.old and pair.new:
            if pair.old == pair.new and operation.op is not Op.MODIFIED:
                return ()
            old_links, new_links = _links(self._old, operation.old), _links(self._new, operation.new)
            return facts_of(pair, old_links, new_links, self._renumbered, english=self.english)
        lead = self._lead(operation)
        if lead.kind in (ProvisionKind.ITEM, ProvisionKind.ROW):
            return (whole_entry(pair.new or pair.old, added=bool(pair.new)),)
        return ()

    def _categories(self, pair: TextPair, path: Sequence[str]) -> tuple[CategoryMatch, ...]:
        if not self.english:
            return ()
        return classify(pair.new or pair.old, path)

    def _judge(
        self,
        operation: Operation,
        pair: TextPair,
        facts: tuple[Fact, ...],
        categories: tuple[str, ...],
        lead: Provision,
    ) -> Judgement:
        elsewhere = self._old_texts if not pair.old else self._new_texts
        subject = Subject(
            op=operation.op,
            pair=pair,
            facts=facts,
            category=taxonomy()[categories[0]] if categories else None,
            is_heading=lead.kind is ProvisionKind.HEADING,
            is_title=lead.text.casefold() in self._titles,
            repeats=elsewhere[lead.canonical] > 0,
            path=lead.path,
            is_entry=lead.kind in (ProvisionKind.ITEM, ProvisionKind.ROW),
            english=self.english,
        )
        return judge(subject, self._renumbered)

    def _lead(self, operation: Operation) -> Provision:
        """The provision that lends its id and heading: the new one that kept the old identity, else the first."""
        news = [self._new[j] for j in operation.new]
        old_ids = {self._old[i].id for i in operation.old}
        return next((new for new in news if new.id in old_ids), news[0] if news else self._old[operation.old[0]])


def _doubted(judgement: Judgement, matches: Sequence[CategoryMatch]) -> float:
    """The judgement's confidence, less where it rests on a category that is in doubt."""
    if judgement.severity == "editorial" or not matches:
        return judgement.confidence
    return round(judgement.confidence - UNSURE * (1 - matches[0].confidence), 2)


def _reported(operation: Operation) -> ReportedOp:
    """An unchanged operation is never reported; the others are, under their own name."""
    names: dict[Op, ReportedOp] = {
        Op.MODIFIED: "modified",
        Op.MOVED: "moved",
        Op.RENUMBERED: "renumbered",
        Op.SPLIT: "split",
        Op.MERGED: "merged",
        Op.ADDED: "added",
        Op.REMOVED: "removed",
    }
    return names[operation.op]


def _renumbered(old: Sequence[Provision], new: Sequence[Provision], operations: Iterable[Operation]) -> dict[str, str]:
    """Old clause numbers whose clause carries another number now; without those that several clauses had."""
    numbers: dict[str, set[str]] = {}
    for operation in operations:
        if len(operation.old) == len(operation.new) == 1:
            before, after = old[operation.old[0]].number, new[operation.new[0]].number
            if before and after:
                numbers.setdefault(before.strip("."), set()).add(after.strip("."))
    return {before: after for before, (after, *others) in numbers.items() if not others and before != after}


def _side(provisions: Sequence[Provision], places: Sequence[int]) -> SideText | None:
    """The text of one side; several provisions are joined by a blank line and listed as parts."""
    if not places:
        return None
    chosen = [provisions[place] for place in places]
    if len(chosen) == 1:
        return SideText(text=chosen[0].text, path=chosen[0].path, parts=None)
    parts = [
        TextPart(id=one.id, path=one.path, span=(start, start + len(one.text)))
        for one, start in zip(chosen, _starts(chosen), strict=True)
    ]
    return SideText(text=_BETWEEN.join(one.text for one in chosen), path=chosen[0].path, parts=tuple(parts))


_BETWEEN = "\n\n"


def _starts(provisions: Sequence[Provision]) -> list[int]:
    starts, at = [], 0
    for one in provisions:
        starts.append(at)
        at += len(one.text) + len(_BETWEEN)
    return starts


def _links(provisions: Sequence[Provision], places: Sequence[int]) -> list[ProvisionLink]:
    """The links of one side, their spans in the joined text."""
    chosen = [provisions[place] for place in places]
    return [
        ProvisionLink(_shifted(link.span, start), link.target)
        for one, start in zip(chosen, _starts(chosen), strict=True)
        for link in one.links
    ]


def _shifted(span: Span, by: int) -> Span:
    return span[0] + by, span[1] + by

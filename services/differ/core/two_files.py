"""Two files → one change report: nothing is known of them but their bytes."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from services.differ.core.blocks import Extraction
from services.differ.core.extract import PartContent, Unextractable, extract
from services.differ.core.pipeline import VersionText, build_report, compare_versions, segment
from services.differ.core.usable import History, judge_usable
from shared.domain.provisions import Provision
from shared.domain.report import Evidence, EvidenceSide, Report, Unusable, UnusableReason

PairName = str | int | float | bool | None
Side = Literal["old", "new"]


@dataclass(frozen=True, slots=True)
class Read:
    """A file as read: its text, or why there is none (`refusal`: reason and words)."""

    content: PartContent
    sha256: str
    extraction: Extraction | None
    provisions: tuple[Provision, ...] = ()
    refusal: tuple[UnusableReason, str] | None = None


def read_file(content: PartContent) -> Read:
    """Extract and segment one file; the result depends on nothing else, so it may be kept."""
    sha256 = hashlib.sha256(content.body).hexdigest()
    try:
        extraction = extract((content,))
    except Unextractable as refusal:
        return Read(content, sha256, None, refusal=(refusal.reason, refusal.why))
    return Read(content, sha256, extraction, segment(extraction, identity_seed=extraction.text_sha256))


def compare_files(
    old: PartContent, new: PartContent, *, pair: PairName = None, read: Callable[[PartContent], Read] = read_file
) -> Report:
    """The report on two files; `old` serves as the history by which `new` is judged usable."""
    before, after = read(old), read(new)
    evidence = Evidence(old=_evidence(before), new=_evidence(after))
    unusable = _unusable("old", before, None) or _unusable("new", after, before)
    if unusable or before.extraction is None or after.extraction is None:
        return build_report(None, pair=pair, unusable=unusable, evidence=evidence)
    comparison = compare_versions(
        VersionText.of(before.extraction, before.provisions), VersionText.of(after.extraction, after.provisions)
    )
    return build_report(comparison, pair=pair, evidence=evidence)


def unreadable(side: Side, why: str, *, pair: PairName = None) -> Report:
    """The report where a file could not even be had."""
    return build_report(None, pair=pair, unusable=Unusable(side=side, reason="unreadable", why=why))


def _evidence(one: Read) -> EvidenceSide:
    return EvidenceSide(snapshot_sha256=one.sha256, text_sha256=one.extraction.text_sha256 if one.extraction else None)


def _unusable(side: Side, one: Read, earlier: Read | None) -> Unusable | None:
    """What keeps a side from being compared; a text that is the earlier one's is as usable as that."""
    if one.refusal:
        return Unusable(side=side, reason=one.refusal[0], why=one.refusal[1])
    if one.extraction is None:
        return None
    history = None
    if earlier and earlier.extraction:
        if earlier.extraction.text_sha256 == one.extraction.text_sha256:
            return None
        history = History.of(earlier.extraction)
    found = judge_usable(one.extraction, (one.content,), history)
    return Unusable(side=side, reason=found.reason, why=found.why) if found else None

"""Words that every rendering shares."""

from collections.abc import Iterator

from services.differ.core.taxonomy import instruments, taxonomy
from shared.domain.report import Mark, ProvisionChange, Report

OPS = {
    "added": "Added",
    "removed": "Removed",
    "modified": "Changed",
    "moved": "Moved",
    "renumbered": "Renumbered",
    "split": "Split",
    "merged": "Merged",
}
OUTCOMES = {
    "unchanged": "No change",
    "editorial": "Editorial change",
    "changed": "Changed",
    "reverted": "Back to an earlier version",
    "unusable": "Not comparable",
}
DIRECTIONS = {
    "worse": "worse for the person bound",
    "better": "better for the person bound",
    "neutral": "neither better nor worse",
    "mixed": "better in part, worse in part",
}
CONTEXT = 160
"""Unchanged text longer than twice this is shortened in the middle of a redline."""


def title(report: Report) -> str:
    """Platform and document, or what can be said without them."""
    if report.platform and report.document:
        return f"{report.platform.name}: {report.document.type}"
    return "Comparison of two versions"


def verdict(report: Report) -> str:
    """Outcome, severity and direction on one line."""
    parts = [OUTCOMES[report.outcome]]
    if report.severity and report.severity != "editorial":
        parts.append(f"{report.severity} severity")
    if report.direction and report.severity != "editorial":
        parts.append(DIRECTIONS[report.direction])
    return ", ".join(parts)


def counted(report: Report) -> str:
    """Such as "1 added, 3 changed"; empty where nothing is."""
    counts = report.counts.model_dump()
    return ", ".join(f"{counts[op]} {word.lower()}" for op, word in OPS.items() if counts[op])


def place(change: ProvisionChange) -> str:
    """Where the provision stands in its document."""
    return " › ".join(change.path) or "Without heading"


def category(change: ProvisionChange) -> str | None:
    """The category's label, or None."""
    return taxonomy()[change.category].label if change.category in taxonomy() else change.category


def regulations(change: ProvisionChange) -> list[str]:
    """A line for each rule of law, with the instrument's full name."""
    names = instruments()
    return [f"{names.get(one.id, one.id)}, {one.ref}: {one.why}" for one in change.regulations]


def facts_about(report: Report) -> list[tuple[str, str]]:
    """Labelled circumstances that are known."""
    dates = report.dates
    known = [
        ("Old text last seen", dates.last_seen_old.isoformat() if dates.last_seen_old else None),
        ("New text first seen", dates.first_seen_new.isoformat() if dates.first_seen_new else None),
        ("Stated as updated", dates.stated_updated.value.isoformat() if dates.stated_updated else None),
        ("Stated as effective", dates.effective.value.isoformat() if dates.effective else None),
        ("Objection until", dates.objection.value.isoformat() if dates.objection else None),
        ("Address", report.document.url if report.document else None),
        ("Affected", ", ".join(report.affected) or None),
        ("Record", report.links.record if report.links else None),
        ("Evidence", report.links.evidence if report.links else None),
        ("Old text SHA-256", report.evidence.old.text_sha256),
        ("New text SHA-256", report.evidence.new.text_sha256),
    ]
    return [(label, value) for label, value in known if value]


def shortened(change: ProvisionChange) -> Iterator[tuple[Mark, str]]:
    """The redline with long unchanged runs cut in the middle, at a word."""
    last = len(change.redline) - 1
    for at, (mark, text) in enumerate(change.redline):
        if mark != "=" or len(text) <= 2 * CONTEXT:
            yield mark, text
            continue
        head = "" if at == 0 else text[:CONTEXT].rsplit(" ", 1)[0] + " "
        tail = "" if at == last else " " + text[-CONTEXT:].split(" ", 1)[-1]
        yield mark, f"{head}(…){tail}"

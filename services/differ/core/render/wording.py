"""Words that every rendering shares."""

import re
from collections.abc import Iterator

from services.differ.core.taxonomy import Category, instruments, taxonomy
from shared.domain.report import SEVERITIES, Fact, Mark, ProvisionChange, Report, Stated

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
    "worse": "worse for users",
    "better": "better for users",
    "neutral": "neither better nor worse",
    "mixed": "better in part, worse in part",
}
DIRECTION_MARKS = {"worse": "▼", "better": "▲", "neutral": "◆", "mixed": "◆"}
"""A shape beside the word, so that a column can be skimmed; never instead of it."""

FACTS = {
    "modality": "May, must or will",
    "negation": "Denial",
    "quantity": "Amount",
    "date": "Date",
    "choice": "Choice",
    "party": "Party",
    "enumeration": "List entry",
    "scope": "Scope",
    "reference": "Reference",
    "definition": "Definition",
}
CONTEXT = 160
"""Unchanged text longer than twice this is shortened in the middle of a redline."""

FACT_LENGTH = 160
"""Code points of a fact's words that are shown; the redline has them all."""


def title(report: Report) -> str:
    """Platform and document, or what can be said without them."""
    if report.platform and report.document:
        return f"{report.platform.name}: {report.document.type}"
    tops = {change.path[:1] for change in report.provisions}
    return "".join(*tops) if len(tops) == 1 and any(tops) else "Comparison of two versions"


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


def weighed(report: Report) -> tuple[ProvisionChange, ...]:
    """The changes of meaning, most severe first, in the document's order where they weigh the same."""
    return tuple(
        change for severity in SEVERITIES for change in report.provisions if change.severity == severity != "editorial"
    )


def editorial(report: Report) -> tuple[ProvisionChange, ...]:
    """The changes that leave the meaning as it was."""
    return tuple(change for change in report.provisions if change.severity == "editorial")


def fact_words(fact: Fact) -> tuple[str, str | None, str | None]:
    """What kind of fact it is, and its words on both sides; None where nothing stood."""
    return FACTS[fact.kind], _shown(fact.before), _shown(fact.after)


def fact_line(fact: Fact) -> str:
    """A fact on one line: "Amount: 30 days → 14 days", "Scope: added “worldwide”"."""
    kind, before, after = fact_words(fact)
    if before and after:
        if before == after:
            return f"{kind}: “{before}” leads elsewhere"
        return f"{kind}: {before} → {after}"
    return f"{kind}: added “{after}”" if after else f"{kind}: removed “{before}”"


def dates(report: Report) -> list[tuple[str, str]]:
    """When the texts were seen, and what the new one states of itself, in its own words."""
    stated = report.dates
    seen = [("Old text last seen", stated.last_seen_old), ("New text first seen", stated.first_seen_new)]
    said = [
        ("Stated as updated", stated.stated_updated),
        ("Stated as effective", stated.effective),
        ("Objection until", stated.objection),
    ]
    found = [(label, f"{moment:%Y-%m-%d %H:%M} UTC") for label, moment in seen if moment]
    found += [(label, _stated(one)) for label, one in said if one]
    if report.announced is not None:
        found.append(("Announced", "yes: a stated date moved" if report.announced else "no: its stated dates stayed"))
    return found


def facts_about(report: Report) -> list[tuple[str, str]]:
    """Labelled circumstances that are known, but for dates and hashes."""
    known = [
        ("Address", report.document.url if report.document else None),
        ("Affected", ", ".join(people(name) for name in report.affected) or None),
        ("Record", report.links.record if report.links else None),
        ("Evidence", report.links.evidence if report.links else None),
    ]
    return [(label, value) for label, value in known if value]


def hashes(report: Report) -> list[tuple[str, str]]:
    """SHA-256 of what was compared: the captures' bytes, and the texts read from them."""
    sides = (("Old", report.evidence.old), ("New", report.evidence.new))
    known = [(f"{name} capture", side.snapshot_sha256) for name, side in sides]
    known += [(f"{name} text", side.text_sha256) for name, side in sides]
    return [(label, value) for label, value in known if value]


def ignored(report: Report) -> str | None:
    """What was left out of the comparison, by rule: "3 × navigation, 1 × footer"."""
    return ", ".join(f"{one.count} × {one.rule}" for one in report.ignored) or None


def omitted(report: Report) -> str | None:
    """That some provision changes are not listed, where that is so."""
    count = report.omitted.provisions
    return f"{count} more provision {'change is' if count == 1 else 'changes are'} not listed." if count else None


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


def interpretive_note(category: Category, severity: str) -> str:
    """How a provision of that category is to be read which was given that severity, in two sentences."""
    kinds = {"burden": "takes something from", "protection": "protects", "neutral": "concerns"}
    affected = [people(name) for name in category.affected]
    whom = ", ".join(affected[:-1]) + (" and " if affected[1:] else "") + affected[-1] if affected else "its readers"
    weighs = (
        "as such provisions are by themselves"
        if severity == category.default_severity
        else (f"where such a provision by itself is {category.default_severity}: its own words weigh otherwise")
    )
    return f"A provision of this kind mostly {kinds[category.polarity]} {whom}. This one is {severity}, {weighs}."


def people(name: str) -> str:
    """Who is affected, as words: "api-developers" → "API developers"."""
    words = name.replace("-", " ")
    return re.sub(r"^(?:eu|api)\b|^c(?=alifornia)", lambda found: found.group().upper(), words)


def _stated(one: Stated) -> str:
    return f"{one.value.isoformat()} (“{one.quote}”)"


def _shown(words: str | None) -> str | None:
    if words is None or len(words) <= FACT_LENGTH:
        return words and " ".join(words.split())
    return " ".join(words[:FACT_LENGTH].rsplit(" ", 1)[0].split()) + " …"

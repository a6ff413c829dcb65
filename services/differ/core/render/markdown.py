"""The report as Markdown (CommonMark with strikethrough), short enough for a comment on a pull request."""

import re
from collections.abc import Iterator

from services.differ.core.render.wording import (
    OPS,
    category,
    counted,
    dates,
    editorial,
    fact_line,
    facts_about,
    hashes,
    ignored,
    omitted,
    place,
    regulations,
    shortened,
    title,
    verdict,
    weighed,
)
from shared.domain.report import Mark, ProvisionChange, Report

MOST = 60_000
"""Code points; a comment on GitHub may have 65,536."""

_SPECIAL = re.compile(r"([\\`*_\[\]<>~|&])")
_AT_LINE_START = re.compile(r"(?m)^(\s*)([#+\-=]|\d+[.)](?=\s|$))")
_STARS = {"-": ("~~", "~~"), "+": ("**", "**")}
_TAGS = {"-": ("<del>", "</del>"), "+": ("<ins>", "</ins>")}


def to_markdown(report: Report) -> str:
    """Markdown with a section for each provision change; removed words struck through, new ones bold.

    At most MOST code points; what does not fit is counted at the end.
    """
    head, tail = "\n".join(_head(report)), "\n".join(_end(report))
    sections: list[str] = []
    room = MOST - len(head) - len(tail)
    changes = weighed(report)
    for change in changes:
        section = "\n".join(_change(change))
        room -= len(section) + 1
        if room < 0:
            sections.append(f"{len(changes) - len(sections)} more changes of meaning do not fit here.\n")
            break
        sections.append(section)
    return "\n".join([head, *sections, tail]).rstrip() + "\n"


def _head(report: Report) -> Iterator[str]:
    yield f"# {_escaped(report.headline.text if report.headline else verdict(report))}"
    yield ""
    yield f"**{_escaped(verdict(report))}**" + (f" ({counted(report)})" if counted(report) else "")
    yield ""
    if report.unusable:
        yield from (_escaped(f"The {report.unusable.side} side: {report.unusable.why} ({report.unusable.reason})."), "")
    yield f"- Document: {_escaped(title(report))}"
    for label, value in (*dates(report), *facts_about(report)):
        yield f"- {label}: {_escaped(value)}"
    for note in (*report.notes, *report.limits):
        yield f"- Note: {_escaped(note)}"
    yield ""


def _change(change: ProvisionChange) -> Iterator[str]:
    yield f"## {OPS[change.op]}: {_escaped(place(change))}"
    yield ""
    about = [f"**{change.severity}**", change.direction, _escaped(category(change) or "no category")]
    yield " · ".join(about)
    yield ""
    if change.sentence:
        yield from (_escaped(change.sentence.text), "")
    redline = "".join(_redline(change))
    yield from ("> " + line if line else ">" for line in redline.split("\n"))
    yield ""
    for fact in change.facts:
        yield f"- {_escaped(fact_line(fact))}"
    for regulation in regulations(change):
        yield f"- Law: {_escaped(regulation)}"
    yield f"- Reasons: {', '.join(f'`{reason}`' for reason in change.reasons)}"
    yield ""


def _end(report: Report) -> Iterator[str]:
    slight = editorial(report)
    if slight:
        yield from (f"**Without change of meaning ({len(slight)})**", "")
        for change in slight[:_SLIGHT]:
            rules = ", ".join(f"`{reason}`" for reason in change.reasons)
            yield f"- {OPS[change.op]}: {_escaped(place(change))} ({rules})"
        if len(slight) > _SLIGHT:
            yield f"- and {len(slight) - _SLIGHT} more"
        yield ""
    left_out = ignored(report)
    if left_out:
        yield from (f"Left out of the comparison: {_escaped(left_out)}.", "")
    if omitted(report):
        yield from (f"{omitted(report)}", "")
    if hashes(report):
        yield from ("SHA-256: " + ", ".join(f"{label.lower()} `{value}`" for label, value in hashes(report)), "")
    yield f"_{report.disclaimer}_"


_SLIGHT = 20
"""Editorial changes listed."""


def _redline(change: ProvisionChange) -> Iterator[str]:
    """The marked text. Stars and tildes beside a letter mark nothing where they hug a punctuation mark (CommonMark
    6.2); tags are written there."""
    parts = list(shortened(change))
    for at, (mark, text) in enumerate(parts):
        if mark == "=":
            first, newline, rest = text.partition("\n")
            yield (_escaped(first) if at == 0 else _inline(first)) + newline + _escaped(rest)
            continue
        before = parts[at - 1][1][-1:] if at and parts[at - 1][0] == "=" else ""
        after = parts[at + 1][1][:1] if at + 1 < len(parts) and parts[at + 1][0] == "=" else ""
        bare = text.strip()
        clash = bool(bare) and any(
            outer.isalnum() and not inner.isalnum() and inner == edge
            for outer, inner, edge in ((before, bare[0], text[0]), (after, bare[-1], text[-1]))
        )
        yield _marked(mark, text, tags=clash)


def _marked(mark: Mark, text: str, *, tags: bool) -> str:
    """Emphasis must hug its words, so white space stays outside of it; each line is marked on its own."""
    opening, closing = (_TAGS if tags else _STARS)[mark]
    return "\n".join(_hugged(line, opening, closing) for line in text.split("\n"))


def _hugged(line: str, opening: str, closing: str) -> str:
    bare = line.strip()
    if not bare:
        return line
    lead = line[: len(line) - len(line.lstrip())]
    tail = line[len(line.rstrip()) :]
    return f"{lead}{opening}{_inline(bare)}{closing}{tail}"


def _inline(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _escaped(text: str) -> str:
    return _AT_LINE_START.sub(r"\1\\\2", _inline(text))

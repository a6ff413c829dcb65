"""The report as CommonMark."""

import re
from collections.abc import Iterator

from services.differ.core.render.wording import (
    OPS,
    category,
    counted,
    facts_about,
    place,
    regulations,
    shortened,
    title,
    verdict,
)
from shared.domain.report import ProvisionChange, Report

_SPECIAL = re.compile(r"([\\`*_\[\]<>~|&])")
_AT_LINE_START = re.compile(r"(?m)^(\s*)([#+\-=]|\d+[.)](?=\s|$))")
_WRAPS = {"=": ("", ""), "-": ("~~", "~~"), "+": ("**", "**")}


def to_markdown(report: Report) -> str:
    """Markdown with a section for each provision change; removed words struck through, new ones bold."""
    return "\n".join(_lines(report)).rstrip() + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield f"# {_escaped(title(report))}"
    yield ""
    yield f"**{_escaped(verdict(report))}**" + (f" ({counted(report)})" if counted(report) else "")
    yield ""
    if report.headline:
        yield from (_escaped(report.headline.text), "")
    if report.unusable:
        yield from (_escaped(f"The {report.unusable.side} side: {report.unusable.why} ({report.unusable.reason})."), "")
    for label, value in facts_about(report):
        yield f"- {label}: {_escaped(value)}"
    for note in (*report.notes, *report.limits):
        yield f"- Note: {_escaped(note)}"
    yield ""
    for change in report.provisions:
        yield from _change(change)
    if report.omitted.provisions:
        yield from (f"{report.omitted.provisions} more provision changes are not listed.", "")
    yield f"_{report.disclaimer}_"


def _change(change: ProvisionChange) -> Iterator[str]:
    yield f"## {OPS[change.op]}: {_escaped(place(change))}"
    yield ""
    about = [change.severity, change.direction, category(change) or "no category"]
    yield _escaped(" · ".join(about))
    yield ""
    if change.sentence:
        yield from (_escaped(change.sentence.text), "")
    redline = "".join(_marked(mark, text) for mark, text in shortened(change))
    yield from ("> " + line if line else ">" for line in redline.split("\n"))
    yield ""
    for regulation in regulations(change):
        yield f"- {_escaped(regulation)}"
    yield f"- Reasons: {', '.join(f'`{reason}`' for reason in change.reasons)}"
    yield ""


def _marked(mark: str, text: str) -> str:
    """Emphasis must hug its words, so white space stays outside of it; each line is marked on its own."""
    opening, closing = _WRAPS[mark]
    if not opening:
        return _escaped(text)
    return "\n".join(_hugged(line, opening, closing) for line in text.split("\n"))


def _hugged(line: str, opening: str, closing: str) -> str:
    bare = line.strip()
    if not bare:
        return line
    lead = line[: len(line) - len(line.lstrip())]
    tail = line[len(line.rstrip()) :]
    return f"{lead}{opening}{_escaped(bare)}{closing}{tail}"


def _escaped(text: str) -> str:
    return _AT_LINE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))

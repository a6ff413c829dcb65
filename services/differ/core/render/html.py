"""The report as one self-contained page that can be sent to a lawyer: no script, no outside resource, fit to print."""

from collections.abc import Iterable, Iterator
from html import escape

from services.differ.core.render.page_style import STYLE
from services.differ.core.render.wording import (
    DIRECTION_MARKS,
    DIRECTIONS,
    OPS,
    category,
    counted,
    dates,
    editorial,
    fact_words,
    facts_about,
    hashes,
    ignored,
    omitted,
    place,
    regulations,
    title,
    verdict,
    weighed,
)
from shared.domain.report import Fact, Mark, ProvisionChange, Report

_NOTHING = '<span class="faint">nothing</span>'
_VIEWS = (
    '<input class="view" type="radio" name="view" id="view-inline" checked>'
    '<label for="view-inline">Marked text</label>'
    '<input class="view" type="radio" name="view" id="view-sides"><label for="view-sides">Side by side</label>'
)


def to_html(report: Report, *, before: str = "", after: str = "") -> str:
    """A whole HTML document. Everything that came from a page is escaped; the redline says in words what was deleted
    and inserted for those who cannot see colours. `before` and `after` are markup of the caller's own around it."""
    name = escape(report.headline.text if report.headline else title(report))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{name}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{before}"
        + "\n".join(_body(report))
        + f"\n{after}</main>\n</body>\n</html>\n"
    )


def _body(report: Report) -> Iterator[str]:
    yield f'<p class="kicker">{escape(title(report))}</p>'
    yield f"<h1>{escape(report.headline.text if report.headline else verdict(report))}</h1>"
    counts = f' <span class="faint">({counted(report)})</span>' if counted(report) else ""
    style = report.severity or "editorial"
    yield f'<p class="verdict"><strong class="{style}">{escape(verdict(report))}</strong>{counts}</p>'
    if report.unusable:
        yield f"<p>The {report.unusable.side} side: {escape(report.unusable.why)} ({report.unusable.reason}).</p>"
    yield from _pairs([*dates(report), *facts_about(report)])
    remarks = (*report.notes, *report.limits)
    if remarks:
        yield "<ul>" + "".join(f"<li>{escape(remark)}</li>" for remark in remarks) + "</ul>"
    yield from _changes(report)
    yield from _end(report)


def _changes(report: Report) -> Iterator[str]:
    weighty, slight = weighed(report), editorial(report)
    if not weighty and not slight:
        return
    if len(weighty) > 1:
        entries = "".join(
            f'<li><a href="#{escape(one.id)}">{escape(one.sentence.text if one.sentence else place(one))}</a> '
            f'<span class="{one.severity}">{one.severity}</span></li>'
            for one in weighty
        )
        yield f'<nav aria-label="Changes"><h2>In short</h2><ol>{entries}</ol></nav>'
    yield _VIEWS
    yield '<div class="changes">'
    if weighty:
        yield "<h2>What changed</h2>"
    for change in weighty:
        yield from _change(change)
    if slight:
        yield "<h2>Without change of meaning</h2>"
    for change in slight:
        yield from _change(change)
    yield "</div>"


def _change(change: ProvisionChange) -> Iterator[str]:
    yield f'<section class="change" id="{escape(change.id)}">'
    yield f"<h3>{OPS[change.op]}: {escape(place(change))}</h3>"
    direction = f"{DIRECTION_MARKS[change.direction]} {DIRECTIONS[change.direction]}"
    about = " · ".join((direction, category(change) or "no category", f"{round(100 * change.confidence)} % sure"))
    badge = f'<span class="badge {change.severity}">{change.severity}</span>'
    yield f'<p class="meta">{badge} {escape(about)}</p>'
    if change.sentence:
        yield f"<p>{escape(change.sentence.text)}</p>"
    yield f'<div class="text inline">{_text(change.redline, "=-+")}</div>'
    yield '<div class="sides">'
    for name, side, marks in (("Before", change.before, "=-"), ("After", change.after, "=+")):
        words = _text(change.redline, marks) if side else _NOTHING
        yield f'<div><h4>{name}</h4><div class="text">{words}</div></div>'
    yield "</div>"
    yield from _facts(change.facts)
    laws = regulations(change)
    if laws:
        yield "<h4>Rules of law that speak about such clauses</h4>"
        yield "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in laws) + "</ul>"
    reasons = ", ".join(f"<code>{escape(reason)}</code>" for reason in change.reasons)
    yield f'<p class="meta">Why this severity: {reasons}</p>'
    yield "</section>"


def _facts(facts: Iterable[Fact]) -> Iterator[str]:
    rows = []
    for fact in facts:
        kind, before, after = fact_words(fact)
        sides = "".join(f"<td>{escape(side) if side else _NOTHING}</td>" for side in (before, after))
        rows.append(f'<tr><th scope="row">{kind}</th>{sides}</tr>')
    if rows:
        head = '<tr><th scope="col">Kind</th><th scope="col">Before</th><th scope="col">After</th></tr>'
        yield f"<table><caption>Facts</caption><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def _text(redline: Iterable[tuple[Mark, str]], marks: str) -> str:
    return "".join(_marked(mark, text) for mark, text in redline if mark in marks)


def _marked(mark: Mark, text: str) -> str:
    if mark == "=":
        return escape(text)
    tag, word = ("del", "deleted") if mark == "-" else ("ins", "inserted")
    return f'<{tag}><span class="mark">[{word}: </span>{escape(text)}<span class="mark">]</span></{tag}>'


def _end(report: Report) -> Iterator[str]:
    if omitted(report):
        yield f"<p>{omitted(report)}</p>"
    if hashes(report):
        yield "<h2>Evidence (SHA-256)</h2>"
        yield from _pairs(hashes(report), code=True)
    left_out = ignored(report)
    yield "<footer>"
    if left_out:
        yield f"<p>Left out of the comparison as no part of the document: {escape(left_out)}.</p>"
    yield f"<p>{escape(report.disclaimer)}</p></footer>"


def _pairs(rows: list[tuple[str, str]], *, code: bool = False) -> Iterator[str]:
    if rows:
        opening, closing = ("<code>", "</code>") if code else ("", "")
        cells = (f"<dt>{escape(label)}</dt><dd>{opening}{escape(value)}{closing}</dd>" for label, value in rows)
        yield f"<dl>{''.join(cells)}</dl>"

"""The report as one self-contained page that can be sent to a lawyer: no script, no outside resource, fit to print."""

from collections.abc import Iterator
from html import escape

from services.differ.core.render.wording import OPS, category, counted, facts_about, place, regulations, title, verdict
from shared.domain.report import ProvisionChange, Report

_CSS = """
:root { color-scheme: light dark; --ink: #1c1c1a; --paper: #fdfdfb; --rule: #d9d7d0; --faint: #6b6a65;
  --del-ink: #8f1d14; --del: #fbe3e0; --ins-ink: #14532d; --ins: #dff3e4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e6e1; --paper: #191917; --rule: #3a3935; --faint: #a09e97;
  --del-ink: #ffb4a9; --del: #4a1c18; --ins-ink: #a7e3b8; --ins: #173b24; } }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 46rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.55 Georgia, "Times New Roman", serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; } h2 { font-size: 1.05rem; margin: 0 0 .25rem; }
.verdict { font-weight: bold; } .lead { font-size: 1.15rem; } .faint, footer { color: var(--faint); font-size: .85rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; font-size: .85rem; } dd { margin: 0; }
section { border-top: 1px solid var(--rule); padding: 1.25rem 0 .5rem; break-inside: avoid-page; }
blockquote { margin: .75rem 0; padding-left: 1rem; border-left: 3px solid var(--rule); white-space: pre-wrap; }
del { color: var(--del-ink); background: var(--del); }
ins { color: var(--ins-ink); background: var(--ins); text-decoration: underline; }
.mark { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
ul { padding-left: 1.1rem; font-size: .85rem; } code { font-size: .8rem; }
@media print { body { max-width: none; padding: 0; font-size: 10.5pt; } section { break-inside: auto; }
  h2 { break-after: avoid; } }
"""


def to_html(report: Report) -> str:
    """A whole HTML document. Everything that came from a page is escaped; the redline says in words what was deleted
    and inserted for those who cannot see colours."""
    name = escape(title(report))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{name}</title>\n'
        f"<style>{_CSS}</style>\n</head>\n<body>\n<main>\n" + "\n".join(_body(report)) + "\n</main>\n</body>\n</html>\n"
    )


def _body(report: Report) -> Iterator[str]:
    yield f"<h1>{escape(title(report))}</h1>"
    counts = f' <span class="faint">{counted(report)}</span>' if counted(report) else ""
    yield f'<p class="verdict">{escape(verdict(report))}{counts}</p>'
    if report.headline:
        yield f'<p class="lead">{escape(report.headline.text)}</p>'
    if report.unusable:
        yield f"<p>The {report.unusable.side} side: {escape(report.unusable.why)} ({report.unusable.reason}).</p>"
    known = facts_about(report)
    if known:
        rows = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in known)
        yield f"<dl>{rows}</dl>"
    remarks = (*report.notes, *report.limits)
    if remarks:
        yield "<ul>" + "".join(f"<li>{escape(remark)}</li>" for remark in remarks) + "</ul>"
    for change in report.provisions:
        yield from _change(change)
    if report.omitted.provisions:
        yield f"<p>{report.omitted.provisions} more provision changes are not listed.</p>"
    yield f"<footer><p>{escape(report.disclaimer)}</p></footer>"


def _change(change: ProvisionChange) -> Iterator[str]:
    yield f'<section id="{escape(change.id)}">'
    yield f"<h2>{OPS[change.op]}: {escape(place(change))}</h2>"
    about = " · ".join((change.severity, change.direction, category(change) or "no category"))
    yield f'<p class="faint">{escape(about)}</p>'
    if change.sentence:
        yield f"<p>{escape(change.sentence.text)}</p>"
    yield f"<blockquote>{''.join(_marked(mark, text) for mark, text in change.redline)}</blockquote>"
    rules = "".join(f"<li>{escape(line)}</li>" for line in regulations(change))
    reasons = ", ".join(f"<code>{escape(reason)}</code>" for reason in change.reasons)
    yield f"<ul>{rules}<li>Reasons: {reasons}</li></ul>"
    yield "</section>"


def _marked(mark: str, text: str) -> str:
    if mark == "=":
        return escape(text)
    tag, word = ("del", "deleted") if mark == "-" else ("ins", "inserted")
    return f'<{tag}><span class="mark">[{word}: </span>{escape(text)}<span class="mark">]</span></{tag}>'

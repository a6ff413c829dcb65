"""The forms a report is printed in."""

from enum import Enum

import typer
from rich.text import Text

from services.cli.errors import UsageError
from services.cli.output import SEVERITY_STYLES, console, print_json
from services.differ.core.render import Style, to_html, to_markdown, to_terminal
from shared.domain.report import Report

WIDEST = 100
"""Columns; longer lines tire the eye."""

_STYLES: dict[Style, str] = {
    "plain": "",
    "title": "bold",
    "label": "bold",
    "faint": "dim",
    "inserted": "green underline",
    "deleted": "red strike",
    "high": SEVERITY_STYLES["high"],
    "medium": SEVERITY_STYLES["medium"],
    "low": SEVERITY_STYLES["low"],
    "editorial": SEVERITY_STYLES["editorial"],
}


class Form(Enum):
    """For a person at a terminal, or as the option of that name."""

    TERMINAL = "terminal"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


def chosen_form(*, as_json: bool, markdown: bool, html: bool) -> Form:
    """The form that the options name; UsageError where they name two."""
    chosen = [form for form, wanted in ((Form.JSON, as_json), (Form.MARKDOWN, markdown), (Form.HTML, html)) if wanted]
    if len(chosen) > 1:
        raise UsageError("take one of --json, --markdown and --html")
    return chosen[0] if chosen else Form.TERMINAL


def show_report(report: Report, form: Form) -> None:
    """Print one report."""
    match form:
        case Form.JSON:
            print_json(report.to_json())
        case Form.MARKDOWN:
            typer.echo(to_markdown(report), nl=False)
        case Form.HTML:
            typer.echo(to_html(report), nl=False)
        case Form.TERMINAL:
            out = console()
            for line in to_terminal(report, min(out.width, WIDEST)):
                out.print(Text.assemble(*((piece.text, _STYLES[piece.style]) for piece in line)), soft_wrap=True)

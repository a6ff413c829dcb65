"""`clausewatch changes …`: what was found."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from services.cli.change_revisions import correct, retract
from services.cli.errors import UsageError
from services.cli.lengths import length_of_time
from services.cli.opening import open_installation
from services.cli.options import AsJson
from services.cli.output import ago, print_json, show_table, styled
from services.cli.reports import Form, chosen_form, show_report
from shared.db.changes import Changes, UnknownChange
from shared.domain.report import Report
from shared.domain.subscriptions import SEVERITIES, severities_at_or_above

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Read the changes found; take back or put right a wrong one.",
)


@app.command("list")
def list_changes(
    platform: Annotated[str | None, typer.Option(help="Only this platform's.")] = None,
    severity: Annotated[str | None, typer.Option(help="Only this grave or graver: low, medium, high.")] = None,
    since: Annotated[str | None, typer.Option(help="A date (2026-05-01), or a length of time: 12h, 7d, 2w.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List changes, newest first."""
    if severity is not None and severity not in SEVERITIES:
        raise UsageError(f"changes list: --severity {severity!r} is not one of {', '.join(SEVERITIES)}")
    with open_installation() as opened:
        now = opened.clock.now()
        lines = Changes(opened.database).lines(
            platform=platform,
            severities=severities_at_or_above(severity) if severity else (),
            since=since_moment(since, now) if since else None,
            limit=limit,
        )
    if as_json:
        print_json([asdict(line) for line in lines])
        return
    show_table(
        ("change", "found", "severity", "direction", "platform", "document", "headline"),
        [
            (
                line.id,
                ago(line.detected_at, now),
                styled(line.severity),
                line.direction,
                line.platform,
                line.document,
                line.headline if line.status == "confirmed" else f"{line.headline} ({line.status})",
            )
            for line in lines
        ],
        empty="no change fits these options" if platform or severity or since else "no changes yet",
    )


@app.command()
def show(
    change: Annotated[str, typer.Argument(metavar="ID", help="A change's id, or the beginning of one.")],
    as_json: Annotated[bool, typer.Option("--json", help="The change report as JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown.")] = False,
    html: Annotated[bool, typer.Option("--html", help="As a page of HTML.")] = False,
) -> None:
    """Show one change: what it says, clause by clause, and the words that prove it."""
    form = chosen_form(as_json=as_json, markdown=markdown, html=html)
    with open_installation() as opened:
        try:
            report = Changes(opened.database).report(change)
        except UnknownChange as error:
            raise UsageError(f"changes show: {error}") from None
    if form is Form.JSON:
        print_json(report)
    else:
        show_report(Report.from_json(report), form)


app.command("retract")(retract)
app.command("correct")(correct)


def since_moment(text: str, now: datetime, command: str = "changes list") -> datetime:
    """The moment that a date, an ISO time or a length of time before now names; UsageError for anything else."""
    length = length_of_time(text)
    try:
        if length is not None:
            return now - length
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{command}: --since {text!r} is no date (2026-05-01) and no length of time (12h, 7d, 2w)"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

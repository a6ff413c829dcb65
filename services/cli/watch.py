"""`clausewatch watch …`: which documents are watched."""

from dataclasses import asdict
from functools import partial
from typing import Annotated

import typer

from services.cli.errors import UsageError
from services.cli.opening import Opened, open_installation
from services.cli.options import AsJson
from services.cli.output import ago, print_json, say, show_table, styled
from services.cli.selectors import is_selector, usable_selectors
from services.cli.watched import (
    LONGEST_DETAIL,
    as_json_of,
    failure_of,
    next_check,
    option_of,
    show_document,
    tell_changes,
)
from shared.db.amending import ADAPTIVE, Amendment
from shared.db.differ_accepting import NothingToAccept, accept_unusable
from shared.db.looks import CheckSeen
from shared.db.sources import NewDocument, Sources, UnknownDocument, WatchedDocument, platform_slug
from shared.domain.addresses import check_url
from shared.domain.documents import Declaration, Part
from shared.settings import Settings
from shared.usecases.refusals import Refused
from shared.usecases.watching import MOST_S, Watching

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="Choose which documents are watched."
)

DocumentName = Annotated[
    str, typer.Argument(metavar="DOCUMENT", help='An id, the beginning of one, or "platform/type".')
]


@app.command()
def add(
    urls: Annotated[list[str], typer.Argument(metavar="URL", help="Several URLs are several parts of one document.")],
    platform: Annotated[str, typer.Option(help="Whose document it is.")],
    kind: Annotated[str, typer.Option("--type", help='"Terms of Service", "Privacy Policy", …')],
    select: Annotated[
        list[str], typer.Option(metavar="CSS", help="What of the page is the document; found by itself otherwise.")
    ] = [],  # noqa: B006  typer copies it
    remove: Annotated[list[str], typer.Option(metavar="CSS", help="What inside it is not.")] = [],  # noqa: B006
    javascript: Annotated[
        bool | None, typer.Option("--javascript/--no-javascript", help="Whether the page may need a browser.")
    ] = None,
    confirm_after: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0, max=MOST_S, help="How long a new text must last to count."),
    ] = None,
    check_every: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=1, max=MOST_S, help="A fixed interval; by how often it changes otherwise."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Watch a document; it is looked at at once. Of one that is watched already, change what is given."""
    for name, value in (("--platform", platform), ("--type", kind)):
        if not platform_slug(value):
            raise UsageError(f"watch add: {name} {value!r} has no letter in it; give it a name")
    with open_installation() as opened:
        selects, removes = usable_selectors(select), usable_selectors(remove)
        usable = [usable_url(url, opened.settings) for url in urls]
        parts = (Part(url=url, select=selects, remove=removes, javascript=bool(javascript)) for url in usable)
        declaration = Declaration(parts=tuple(parts))
        wanted = NewDocument(
            platform,
            kind,
            declaration,
            opened.settings.confirm_after_s if confirm_after is None else confirm_after,
            opened.settings.check_interval_min_s,
            check_every,
        )
        sources, now = Sources(opened.database), opened.clock.now()
        [(document_id, is_new)] = sources.watch([wanted], now)
        given = Amendment(
            urls=tuple(urls) if len(urls) > 1 else None,
            select=selects or None,
            remove=removes or None,
            javascript=javascript,
            confirm_after_s=confirm_after,
            check_every_s=check_every,
        )
        changed = [] if is_new else sources.amend(document_id, given, now)
        paused = sources.find(document_id).state == "paused"
    if as_json:
        print_json({"id": document_id, "new": is_new, "changed": [asdict(change) for change in changed]})
        return
    name, outcome = f"{platform} / {kind} as {document_id}", "changed:" if changed else "nothing is changed"
    say(f"watching {name}" if is_new else f"already watching {name}; {outcome}")
    tell_changes(changed)
    if paused:
        say(f"  it is paused: `clausewatch watch resume {document_id}`")


@app.command("list")
def list_documents(
    platform: Annotated[str | None, typer.Option(help="Only this platform's.")] = None, as_json: AsJson = False
) -> None:
    """List the documents that are watched."""
    with open_installation() as opened:
        documents = Sources(opened.database).documents(platform=platform)
        now = opened.clock.now()
    if as_json:
        print_json([as_json_of(document) for document in documents])
        return
    show_table(
        ("document", "platform", "type", "state", "last check", "next check", "versions", "condition", "last failure"),
        [
            (
                document.id,
                document.platform,
                document.type,
                styled(document.state),
                ago(document.last_checked_at, now),
                next_check(document, now),
                str(document.versions),
                ", ".join(document.conditions) or None,
                failure_of(document, LONGEST_DETAIL),
            )
            for document in documents
        ],
        empty="nothing is watched yet: `clausewatch catalogue list` shows what there is, `watch add` takes any URL",
    )


@app.command()
def edit(
    document: DocumentName,
    kind: Annotated[str | None, typer.Option("--type", help="What it is called from now on.")] = None,
    url: Annotated[
        list[str], typer.Option(metavar="URL", help="Where it is read from; given several times, all its parts.")
    ] = [],  # noqa: B006  typer copies it
    select: Annotated[list[str], typer.Option(metavar="CSS", help="What of the page is the document.")] = [],  # noqa: B006
    remove: Annotated[list[str], typer.Option(metavar="CSS", help="What inside it is not.")] = [],  # noqa: B006
    javascript: Annotated[
        bool | None, typer.Option("--javascript/--no-javascript", help="Whether the page may need a browser.")
    ] = None,
    confirm_after: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0, max=MOST_S, help="How long a new text must last to count."),
    ] = None,
    check_every: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0, max=MOST_S, help="A fixed interval; 0: by how often it changes."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change what is given of a watched document; what is recorded of it stays."""
    with open_installation() as opened:
        found = named_document(opened, document)
        wanted = Amendment(
            type=kind,
            urls=tuple(url) or None,
            select=tuple(select) or None,
            remove=tuple(remove) or None,
            javascript=javascript,
            confirm_after_s=confirm_after,
            check_every_s=ADAPTIVE if check_every == 0 else check_every,
        )
        try:
            changed = _watching(opened).amend(found.id, wanted)
        except Refused as error:
            raise UsageError(f"watch edit: {option_of(error.field)}: {error}") from None
    if as_json:
        print_json({"id": found.id, "changed": [asdict(change) for change in changed]})
        return
    say(f"{found.platform} / {kind or found.type} ({found.id}): {'changed:' if changed else 'nothing is changed'}")
    tell_changes(changed)


@app.command()
def pause(document: DocumentName) -> None:
    """Stop looking at a document; nothing of it is deleted."""
    _set_state(document, "paused")


@app.command()
def resume(document: DocumentName) -> None:
    """Look at a paused document again, at once."""
    _set_state(document, "active")


@app.command()
def accept(document: DocumentName) -> None:
    """Take a text that was judged unusable for the document's own; two more looks confirm it."""
    with open_installation() as opened:
        found = named_document(opened, document)
        try:
            accept_unusable(opened.database, found.id, opened.clock.now())
        except NothingToAccept as error:
            raise UsageError(f"{found.platform} / {found.type} {error}") from None
    say(f"{found.platform} / {found.type} ({found.id}): its present text is accepted and will be confirmed")


@app.command()
def show(document: DocumentName, as_json: AsJson = False) -> None:
    """Show a document: where it is read from, its schedule, its last checks."""
    with open_installation() as opened:
        found = named_document(opened, document)
        checks = Sources(opened.database).checks(found.id, limit=10)
        now = opened.clock.now()
    if as_json:
        print_json({**as_json_of(found), "checks": [asdict(check) for check in checks]})
        return
    show_document(found, now)
    say("")
    show_table(
        ("check", "outcome", "detail", "took"),
        [(ago(check.at, now), check.outcome, describe_check(check), f"{check.duration_ms} ms") for check in checks],
        empty="not looked at yet",
    )


def usable_url(url: str, settings: Settings) -> str:
    """The URL, where the fetcher will be allowed to ask for it; UsageError says why not."""
    verdict = check_url(url, settings.egress())
    if not verdict.allowed:
        raise UsageError(f"{url[:200]!r} cannot be watched: {verdict.why}; give a public http or https address")
    return url


def named_document(opened: Opened, reference: str) -> WatchedDocument:
    """The document a person named; UsageError says what there is instead."""
    try:
        return Sources(opened.database).find(reference)
    except UnknownDocument as error:
        raise UsageError(str(error)) from None


def describe_check(check: CheckSeen) -> str | None:
    """What came of a check beyond its outcome: the failure, or what the snapshot was judged to be."""
    if check.failure:
        return f"{check.failure}: {check.detail}" if check.detail else check.failure
    parts = [part for part in (check.judgement, check.why) if part]
    if check.confirming:
        parts.append("confirming")
    return ", ".join(parts) or None


def _watching(opened: Opened) -> Watching:
    settings = opened.settings
    accept, times = partial(accept_unusable, opened.database), (settings.confirm_after_s, settings.check_interval_min_s)
    return Watching(Sources(opened.database), settings.egress(), accept, is_selector, *times, opened.clock)


def _set_state(reference: str, state: str) -> None:
    with open_installation() as opened:
        found = named_document(opened, reference)
        Sources(opened.database).set_state(found.id, state, opened.clock.now())
    say(f"{found.platform} / {found.type} ({found.id}) is {state}")

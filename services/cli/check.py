"""`clausewatch check`: look at documents now instead of when they are due."""

import threading
from dataclasses import asdict
from typing import Annotated

import typer

from services.cli.errors import Failure, UsageError
from services.cli.opening import Opened, open_installation
from services.cli.options import AsJson
from services.cli.output import print_json, say
from services.cli.watch import describe_check, named_document
from shared.db.looks import CheckSeen
from shared.db.sources import Sources, WatchedDocument

_LOOK_EVERY_S = 0.2


def check(
    document: Annotated[
        str | None, typer.Argument(metavar="DOCUMENT", help='An id, the beginning of one, or "platform/type".')
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every document that is not paused.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for what comes of it.")] = False,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", min=0, help="How long to wait at most.")] = 120.0,
    as_json: AsJson = False,
) -> None:
    """Look at a document now, or at all of them; the running fetcher does it, as soon as the host allows."""
    if (document is None) == (not every):
        raise UsageError("check: name one DOCUMENT, or say --all")
    with open_installation() as opened:
        chosen = _chosen(opened, document)
        sources = Sources(opened.database)
        seen = {one.id: sources.newest_check(one.id) for one in chosen}
        sources.make_due([one.id for one in chosen], opened.clock.now())
        if wait:
            _report(_wait(opened, chosen, seen, timeout), chosen, as_json=as_json)
            return
    if as_json:
        print_json([{"id": one.id, "due": True} for one in chosen])
    else:
        say(f"{len(chosen)} document{'' if len(chosen) == 1 else 's'} due now; the fetcher looks at them next")


def _chosen(opened: Opened, reference: str | None) -> list[WatchedDocument]:
    if reference is None:
        return [one for one in Sources(opened.database).documents() if one.state == "active"]
    one = named_document(opened, reference)
    if one.state != "active":
        raise UsageError(f"{one.platform} / {one.type} is {one.state}: `clausewatch watch resume {one.id}` first")
    return [one]


def _wait(
    opened: Opened, chosen: list[WatchedDocument], seen: dict[str, CheckSeen | None], timeout: float
) -> dict[str, CheckSeen]:
    """The first new check of each document, and where it brought a snapshot, what that was judged to be."""
    sources, clock, pause = Sources(opened.database), opened.clock, threading.Event()
    deadline = clock.monotonic() + timeout
    waiting, arrived = [one.id for one in chosen], dict[str, CheckSeen]()
    while waiting:
        for document_id in list(waiting):
            newest, before = sources.newest_check(document_id), seen[document_id]
            if newest is None or (before is not None and newest.id <= before.id):
                continue
            arrived[document_id] = newest
            if newest.outcome != "captured" or newest.judgement is not None:
                waiting.remove(document_id)
        if waiting and clock.monotonic() >= deadline:
            break
        if waiting:
            pause.wait(_LOOK_EVERY_S)
    return arrived


def _report(arrived: dict[str, CheckSeen], chosen: list[WatchedDocument], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(check) for check in arrived.values()])
    else:
        for one in chosen:
            if one.id in arrived:
                found = arrived[one.id]
                detail = describe_check(found)
                say(f"{one.platform} / {one.type}: {found.outcome}{f' ({detail})' if detail else ''}")
    missing = len(chosen) - len(arrived)
    if missing:
        raise Failure(
            f"{missing} of {len(chosen)} not looked at in time; is the system running? `clausewatch doctor` says"
        )
    if any(check.outcome == "failed" for check in arrived.values()):
        raise typer.Exit(1)

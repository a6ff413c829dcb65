"""`/operator/quarantine`, `/operator/reviews`, `/operator/changes/{id}`: what was judged unusable, what readers doubt,
and what is taken back or put right."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from services.api.forms import Form
from services.api.resources import Resources
from services.api.routes.account.framing import Posted, done, posting, seeing, shown
from services.api.v1.paging import cursor_of, moment_of
from services.api.v1.problems import Problem, status_of
from shared.db.captures import Acceptance, Quarantined
from shared.db.changes import UnknownChange
from shared.domain.revising import CannotRevise
from shared.domain.subscriptions import DIRECTIONS, SEVERITIES
from shared.usecases.refusals import Refused, invalid, none_such

_NOT_OFFERED: dict[str, str] = {
    Acceptance.POSSIBLE: "A newer capture above shows the same document; accept it there.",
    Acceptance.ACCEPTED: "Its text is accepted; the next check confirms it.",
    Acceptance.TEXTLESS: "No text was read from it, so there is none to accept.",
    Acceptance.PAST: "The document shows another text by now, so there is nothing to accept.",
}
"""Why a capture's text cannot be accepted, or not there."""

_REASONS = {
    "error-page": "An error page",
    "bot-check": "A check for robots",
    "consent-wall": "A wall that asks for consent",
    "blank": "Next to no text",
    "truncated": "Cut off",
    "language": "Another language",
    "redirect-notice": "A notice that it moved",
    "other-document": "Another document",
    "no-text": "No text",
    "unreadable": "It could not be read",
    "too-large": "Too large",
}
_IN_A_PAGE = 30
_LONGEST = 1_000


def quarantine(resources: Resources) -> APIRouter:
    """Captures that were judged unusable, newest first."""
    routes = APIRouter(prefix="/operator/quarantine", dependencies=[Depends(seeing(resources, is_operator=True))])

    @routes.get("")
    def listed(request: Request) -> Response:
        found = resources.operated.captures.quarantined(after=_after(request), limit=_IN_A_PAGE + 1)
        captures, older = found[:_IN_A_PAGE], None
        if len(found) > _IN_A_PAGE:
            older = _beyond("/operator/quarantine", captures[-1].captured_at, captures[-1].snapshot_id)
        return shown(
            resources,
            request,
            "operator/quarantine",
            title="Quarantine",
            here="/operator/quarantine",
            captures=captures,
            offered=_offered(captures),
            whys=_NOT_OFFERED,
            reasons=_REASONS,
            older=older,
        )

    return routes


def reviews(resources: Resources) -> APIRouter:
    """What readers say is wrong with an alert, oldest first."""
    routes = APIRouter(prefix="/operator/reviews", dependencies=[Depends(seeing(resources, is_operator=True))])
    post = Depends(posting(resources, is_operator=True))

    @routes.get("")
    def listed(request: Request) -> Response:
        found = resources.reviews.open(_IN_A_PAGE + 1, after=_after(request))
        waiting, more = found[:_IN_A_PAGE], None
        if len(found) > _IN_A_PAGE:
            more = _beyond("/operator/reviews", waiting[-1][0].created_at, waiting[-1][0].id)
        return shown(
            resources,
            request,
            "operator/reviews",
            title="Reviews",
            here="/operator/reviews",
            reviews=waiting,
            more=more,
        )

    @routes.post("/{change_id}/settle")
    def settled(change_id: str, _sent: Posted = post) -> Response:
        if not resources.reviews.settle(change_id, resources.clock.now()):
            raise none_such("open review")
        return done("/operator/reviews", "settled")

    return routes


def changes(resources: Resources) -> APIRouter:
    """One change, to be corrected or retracted; those who were told of it are told that too."""
    routes = APIRouter(prefix="/operator/changes", dependencies=[Depends(seeing(resources, is_operator=True))])
    reviser, post = resources.operated.reviser, Depends(posting(resources, is_operator=True))

    @routes.get("/{change_id}")
    def one(request: Request, change_id: str) -> Response:
        return _change(resources, request, change_id)

    @routes.post("/{change_id}/retract")
    def retracted(request: Request, change_id: str, sent: Posted = post) -> Response:
        try:
            revision = reviser.retract(change_id, _why(sent.form))
        except (Refused, CannotRevise, UnknownChange) as error:
            return _refused(resources, request, change_id, "retract", sent.form, error)
        return done(f"/operator/changes/{change_id}", "retracted", told=str(revision.told))

    @routes.post("/{change_id}/correct")
    def corrected(request: Request, change_id: str, sent: Posted = post) -> Response:
        try:
            severity, direction = (
                _one_of(sent.form, name, there_are)
                for name, there_are in (("severity", SEVERITIES), ("direction", DIRECTIONS))
            )
            revision = reviser.correct(change_id, _why(sent.form), severity=severity, direction=direction)
        except (Refused, CannotRevise, UnknownChange) as error:
            return _refused(resources, request, change_id, "correct", sent.form, error)
        return done(f"/operator/changes/{change_id}", "corrected", told=str(revision.told))

    return routes


def _offered(captures: Sequence[Quarantined]) -> set[str]:
    """The captures, of those newest first, whose text can be accepted there: one of each document."""
    newest: dict[str, str] = {}
    for one in captures:
        if one.acceptance == Acceptance.POSSIBLE:
            newest.setdefault(one.document_id, one.snapshot_id)
    return set(newest.values())


def _after(request: Request) -> tuple[datetime, str] | None:
    """Where the page before ended; the first page for what is no cursor of ours."""
    try:
        return moment_of(request.query_params.get("cursor"))
    except Problem:
        return None


def _beyond(place: str, at: datetime, last: str) -> str:
    """The page that follows the one that ended there."""
    return f"{place}?{urlencode({'cursor': cursor_of((at.isoformat(), last))})}"


def _change(
    resources: Resources,
    request: Request,
    change_id: str,
    form: Form | None = None,
    *,
    sent: str = "",
    faults: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """`sent` is the form that was refused, "correct" or "retract": what was typed and what is wrong stands there."""
    change = resources.changes.record(change_id)
    if change is None:
        raise HTTPException(404)
    return shown(
        resources,
        request,
        "operator/change",
        title=change.headline,
        here="/operator/reviews",
        status=status,
        change=change,
        severities=[("", "as it is")] + [(one, one) for one in SEVERITIES],
        directions=[("", "as it is")] + [(one, one) for one in DIRECTIONS],
        most=_LONGEST,
        told=request.query_params.get("told", ""),
        sent=sent,
        given={name: form.one(name) if form else "" for name in ("why", "severity", "direction")},
        faults=faults or {},
    )


def _refused(
    resources: Resources,
    request: Request,
    change_id: str,
    sent: str,
    form: Form,
    error: Refused | CannotRevise | UnknownChange,
) -> Response:
    """The form again; there is none for a change that is not there."""
    field, status = (error.field, status_of(error)) if isinstance(error, Refused) else ("why", 409)
    return _change(resources, request, change_id, form, sent=sent, faults={field: str(error)}, status=status)


def _why(form: Form) -> str:
    why = form.one("why")
    if not 0 < len(why) <= _LONGEST:
        raise invalid("why", f"say what was wrong, in at most {_LONGEST} characters: those who were told will read it")
    return why


def _one_of(form: Form, name: str, there_are: tuple[str, ...]) -> str | None:
    value = form.one(name)
    if value and value not in there_are:
        raise invalid(name, "choose one of the list")
    return value or None

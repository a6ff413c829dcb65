"""`/operator`: what who runs the installation looks after."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from services.api.principals import Principal
from services.api.resources import Resources
from services.api.v1.access import REFUSALS, Id, known
from services.api.v1.answers import answer
from services.api.v1.paging import DEFAULT, Cursor, Limit, Page, instant, key_of, moment_of, page_of
from services.api.v1.problems import Problem, documented, not_found
from services.api.v1.routes.document_edits import Source
from services.api.v1.routes.subscriptions import Direction, Severity
from shared.db.captures import Quarantined
from shared.db.changes import UnknownChange
from shared.db.notifier.revisions import Revision
from shared.domain.revising import CannotRevise

Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]


class QuarantinedCapture(BaseModel):
    """A capture that was judged unusable, and why; `POST /documents/{id}/accept` takes its text all the same."""

    snapshot_id: str
    document_id: str
    platform: str
    type: str
    captured_at: datetime
    reason: str | None
    why: str | None

    @classmethod
    def of(cls, capture: Quarantined) -> Self:
        """As it is answered."""
        return cls.model_validate(capture, from_attributes=True)


class Doubt(BaseModel):
    """What a reader says is wrong with an alert."""

    id: str
    change_id: str
    headline: str
    said: str
    created_at: datetime


class Retraction(BaseModel):
    """What was wrong, in a sentence: those who were told of the change will read it."""

    model_config = ConfigDict(extra="forbid")

    why: Why


class Correction(Retraction):
    """What was wrong, and what is right; left out, it stands."""

    severity: Severity | None = None
    direction: Direction | None = None


class Revised(BaseModel):
    """How many endpoints are told of it, and how many waiting deliveries were cancelled."""

    change: str
    told: int
    cancelled: int


class DeadLetter(BaseModel):
    """An event that a consumer has given up."""

    event_id: str
    consumer: str
    attempts: int
    last_error: str
    last_at: datetime
    dead_at: datetime | None


class Count(BaseModel):
    """How many it was done to."""

    count: int


def router(resources: Resources) -> APIRouter:
    """The operator's."""
    routes = APIRouter(prefix="/operator", tags=["operator"])
    operated, clock = resources.operated, resources.clock
    operator = Depends(known(resources, is_operator=True))

    @routes.get(
        "/sources",
        response_model=Page[Source],
        responses=documented(*REFUSALS),
        summary="What is watched, by platform and type",
    )
    def sources(
        request: Request,
        platform: Annotated[
            str | None, Query(max_length=100, pattern=r"^[^\x00]*$", description="A platform's slug")
        ] = None,
        cursor: Cursor = None,
        limit: Limit = DEFAULT,
        _who: Principal = operator,
    ) -> Response:
        key = key_of(cursor, str, str, str)
        after = (str(key[0]), str(key[1]), str(key[2])) if key else None
        found = operated.sources.page(platform=platform, after=after, limit=limit + 1)
        keys = [(one.platform_slug, one.type, one.id) for one in found]
        return answer(request, page_of([Source.of(one) for one in found], keys, limit), is_public=False)

    @routes.get(
        "/quarantine",
        response_model=Page[QuarantinedCapture],
        responses=documented(*REFUSALS),
        summary="Captures that were judged unusable, newest first",
    )
    def quarantine(
        request: Request, cursor: Cursor = None, limit: Limit = DEFAULT, _who: Principal = operator
    ) -> Response:
        found = operated.captures.quarantined(after=moment_of(cursor), limit=limit + 1)
        keys = [(one.captured_at.isoformat(), one.snapshot_id) for one in found]
        return answer(request, page_of([QuarantinedCapture.of(one) for one in found], keys, limit), is_public=False)

    @routes.get(
        "/reviews",
        response_model=Page[Doubt],
        responses=documented(*REFUSALS),
        summary="What readers doubt and nobody has settled, oldest first",
    )
    def doubts(request: Request, cursor: Cursor = None, limit: Limit = DEFAULT, _who: Principal = operator) -> Response:
        items = [
            Doubt(
                id=review.id,
                change_id=change.id,
                headline=change.headline,
                said=review.said,
                created_at=review.created_at,
            )
            for review, change in resources.reviews.open(limit + 1, after=moment_of(cursor))
        ]
        keys = [(one.created_at.isoformat(), one.id) for one in items]
        return answer(request, page_of(items, keys, limit), is_public=False)

    @routes.post(
        "/reviews/{change_id}/settle", responses=documented(*REFUSALS, 404), summary="Close what was said of a change"
    )
    def settled(change_id: Id, _who: Principal = operator) -> Count:
        count = resources.reviews.settle(change_id, clock.now())
        if not count:
            raise not_found("open review")
        return Count(count=count)

    @routes.post(
        "/changes/{change_id}/retract", responses=documented(*REFUSALS, 404, 409), summary="Take a change back"
    )
    def retracted(change_id: Id, body: Retraction, _who: Principal = operator) -> Revised:
        try:
            return _revised(change_id, operated.reviser.retract(change_id, body.why))
        except (UnknownChange, CannotRevise) as error:
            raise _refused(error) from None

    @routes.post("/changes/{change_id}/correct", responses=documented(*REFUSALS, 404, 409), summary="Put it right")
    def corrected(change_id: Id, body: Correction, _who: Principal = operator) -> Revised:
        try:
            revision = operated.reviser.correct(change_id, body.why, severity=body.severity, direction=body.direction)
        except (UnknownChange, CannotRevise) as error:
            raise _refused(error) from None
        return _revised(change_id, revision)

    @routes.get(
        "/dead-letters",
        response_model=Page[DeadLetter],
        responses=documented(*REFUSALS),
        summary="Given up, newest first",
    )
    def dead_letters(
        request: Request, cursor: Cursor = None, limit: Limit = DEFAULT, _who: Principal = operator
    ) -> Response:
        key = key_of(cursor, str, str, str)
        after = (instant(key[0]), str(key[1]), str(key[2])) if key else None
        items = [DeadLetter(**row.model_dump()) for row in operated.outbox.dead_letters(limit + 1, after=after)]
        keys = [(str(one.dead_at), one.event_id, one.consumer) for one in items]
        return answer(request, page_of(items, keys, limit), is_public=False)

    @routes.post(
        "/dead-letters/retry", status_code=202, responses=documented(*REFUSALS), summary="Give them a fresh start"
    )
    def revived(_who: Principal = operator) -> Count:
        return Count(count=operated.outbox.revive(clock.now()))

    return routes


def _revised(change_id: str, revision: Revision) -> Revised:
    return Revised(change=change_id, told=revision.told, cancelled=revision.cancelled)


def _refused(error: UnknownChange | CannotRevise) -> Problem:
    return not_found("change") if isinstance(error, UnknownChange) else Problem("cannot-revise", str(error))

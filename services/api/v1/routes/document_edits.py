"""What operators do about documents: what is watched, what of its pages belongs to it, when it is looked at."""

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.api.principals import Principal
from services.api.resources import Resources
from services.api.v1.access import REFUSALS, Id, Line, known
from services.api.v1.answers import answer, located
from services.api.v1.problems import documented, not_found
from services.api.v1.selectors import LastCaptures, Selectors, previewed
from shared.db.amending import ADAPTIVE, Amendment, Changed
from shared.db.sources import WatchedDocument
from shared.usecases.watching import Wish

_MONTH_S = 31 * 86_400.0

Url = Annotated[str, Field(max_length=4096)]
Urls = Annotated[list[Url], Field(min_length=1, max_length=20)]
ConfirmAfter = Annotated[float | None, Field(ge=0, le=_MONTH_S, allow_inf_nan=False)]
CheckEvery = Annotated[float | None, Field(ge=1, le=_MONTH_S, allow_inf_nan=False)]


class NewSource(Selectors):
    """A document to watch; several URLs are several parts of it, read in that order. Times in seconds."""

    platform: Line = Field(examples=["Lumenforge"])
    type: Line = Field(examples=["Terms of Service"])
    urls: Urls
    javascript: bool = Field(default=False, description="Whether its pages may need a browser")
    confirm_after_s: ConfirmAfter = None
    check_every_s: CheckEvery = None


class Amended(BaseModel):
    """New settings; what is left out stays. An address that takes another's place is read as that one was; selectors
    hold for every part. Of another type the document is found under that one, also what was told of it before."""

    model_config = ConfigDict(extra="forbid")

    type: Line | None = Field(default=None, examples=["Privacy Policy"])
    urls: Urls | None = None
    select: list[str] | None = Field(default=None, max_length=50)
    remove: list[str] | None = Field(default=None, max_length=50)
    javascript: bool | None = None
    confirm_after_s: ConfirmAfter = None
    check_every_s: CheckEvery = Field(
        default=None, description="null: by how often the text changes, no fixed interval"
    )

    def amendment(self) -> Amendment:
        """What is asked for; null stands for "left out", but of an interval, which need not be fixed."""
        given = {name: getattr(self, name) for name in type(self).model_fields}
        given |= {name: tuple(value) for name, value in given.items() if isinstance(value, list)}
        if "check_every_s" in self.model_fields_set and self.check_every_s is None:
            given["check_every_s"] = ADAPTIVE
        return Amendment(**given)


class Setting(BaseModel):
    """One setting, before and after; `url` names the part, where it is one's."""

    setting: str
    before: Any
    after: Any
    url: str | None

    @classmethod
    def of(cls, changed: Changed) -> Self:
        """As it is answered."""
        return cls(setting=changed.setting, before=changed.before, after=changed.after, url=changed.url)


class Source(BaseModel):
    """A document as its operator sees it. Times in seconds."""

    id: str
    platform: str
    platform_slug: str
    type: str
    declaration: dict[str, Any]
    state: str
    confirm_after_s: float
    check_every_s: float | None = Field(description="The interval where it is fixed")
    interval_s: float
    next_check_at: datetime
    confirm_at: datetime | None
    retry_at: datetime | None
    failures: int
    conditions: list[str]

    @classmethod
    def of(cls, document: WatchedDocument) -> Self:
        """As it is answered."""
        shown = {name: getattr(document, name) for name in cls.model_fields if name != "declaration"}
        return cls(**shown, declaration=_without_nulls(document.declared))


class Edited(BaseModel):
    """The document as it is now, and what that changed."""

    source: Source
    is_new: bool
    changed: list[Setting]


def _without_nulls(stored: Any) -> Any:
    """JSON without the members that say nothing: of a range's four ends two are not given."""
    if isinstance(stored, dict):
        return {name: _without_nulls(value) for name, value in stored.items() if value is not None}
    return [_without_nulls(one) for one in stored] if isinstance(stored, list) else stored


def router(resources: Resources) -> APIRouter:
    """The operator's."""
    routes = APIRouter(prefix="/documents", tags=["operator"])
    operated, watching = resources.operated, resources.operated.watching
    operator = Depends(known(resources, is_operator=True))

    def existing(document_id: str) -> Source:
        return Source.of(watching.one(document_id))

    watched: dict[int | str, dict[str, Any]] = {
        200: {"model": Edited, "description": "It is watched already, and left as it is"}
    }

    @routes.post("", status_code=201, responses={**watched, **documented(*REFUSALS)}, summary="Watch a document")
    def added(request: Request, response: Response, body: NewSource, _who: Principal = operator) -> Edited:
        document_id, is_new = watching.watch(Wish(**body.model_dump(exclude={"captures"})))
        if is_new:
            located(request, response, document_id)
        else:
            response.status_code = 200
        return Edited(source=existing(document_id), is_new=is_new, changed=[])

    @routes.patch(
        "/{document_id}", responses=documented(*REFUSALS, 404), summary="Change its type, what of it is read, and when"
    )
    def amended(document_id: Id, body: Amended, who: Principal = operator) -> Edited:
        shown = [Setting.of(one) for one in watching.amend(document_id, body.amendment(), who.known_by)]
        return Edited(source=existing(document_id), is_new=False, changed=shown)

    @routes.post(
        "/{document_id}/preview",
        response_model=LastCaptures,
        responses=documented(*REFUSALS, 404),
        summary="What selectors would read from the last captures",
    )
    def preview(request: Request, document_id: Id, body: Selectors, _who: Principal = operator) -> Response:
        watching.check_selectors(body.select, body.remove)
        recent = operated.captures.recent(document_id, body.captures)
        if recent is None:
            raise not_found("document")
        return answer(request, previewed(recent, body, resources.archive), is_public=False)

    @routes.post("/{document_id}/pause", responses=documented(*REFUSALS, 404), summary="Look at it no more for now")
    def paused(document_id: Id, _who: Principal = operator) -> Source:
        watching.pause(document_id)
        return existing(document_id)

    @routes.post("/{document_id}/resume", responses=documented(*REFUSALS, 404), summary="Look at it again, at once")
    def resumed(document_id: Id, _who: Principal = operator) -> Source:
        watching.resume(document_id)
        return existing(document_id)

    @routes.post(
        "/{document_id}/check",
        status_code=202,
        responses=documented(*REFUSALS, 404, 409),
        summary="Look at it as soon as its host allows",
    )
    def checked(document_id: Id, _who: Principal = operator) -> Source:
        watching.check(document_id)
        return existing(document_id)

    @routes.post(
        "/{document_id}/accept",
        status_code=202,
        responses=documented(*REFUSALS, 404, 409),
        summary="Take the text last judged unusable for the document's own",
    )
    def accepted(document_id: Id, _who: Principal = operator) -> Source:
        watching.accept(document_id)
        return existing(document_id)

    return routes

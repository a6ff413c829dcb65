"""What we post to webhooks, as the `webhooks` of our description (OpenAPI 3.1); docs/webhooks.md says the rest."""

from datetime import datetime
from typing import Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, Field

from shared.domain.notices import NoticeKind
from shared.domain.report import Report


class ReportEvent(BaseModel):
    """A change was confirmed, corrected or retracted."""

    type: Literal["change.detected", "change.corrected", "change.retracted"]
    timestamp: datetime = Field(description="When we came to know; the same at every attempt")
    data: Report


class ConditionPlatform(BaseModel):
    """Whose document it is."""

    slug: str
    name: str


class ConditionDocument(BaseModel):
    """Which document."""

    id: str
    type: str
    url: str


class Condition(BaseModel):
    """What began or ended."""

    id: str
    kind: str
    phase: Literal["began", "ended"]
    detail: str
    began_at: datetime
    ended_at: datetime | None


class ConditionData(BaseModel):
    """A document cannot be reached or read, or can again."""

    platform: ConditionPlatform
    document: ConditionDocument
    condition: Condition


class ConditionEvent(BaseModel):
    """A condition of a document began or ended."""

    type: Literal["document.condition"]
    timestamp: datetime
    data: ConditionData


class OtherEvent(BaseModel):
    """`digest.ready` and `endpoint.test`, and whatever comes later: answer 2xx to types that you do not know."""

    type: str
    timestamp: datetime
    data: dict[str, Any]


_HEADERS = (
    "Signed by Standard Webhooks: `webhook-id` (the same at every retry), `webhook-timestamp`, `webhook-signature`. "
    "Answer 2xx within 15 seconds."
)


def describe(app: FastAPI) -> None:
    """Add them to the application's description; nothing of it is served."""

    @app.webhooks.post("change", summary="A change was detected, corrected or retracted", description=_HEADERS)
    def change(body: ReportEvent) -> None: ...

    @app.webhooks.post(str(NoticeKind.CONDITION), summary="A document's condition", description=_HEADERS)
    def condition(body: ConditionEvent) -> None: ...

    @app.webhooks.post("other", summary="A digest is ready, a test was asked for", description=_HEADERS)
    def other(body: OtherEvent) -> None: ...

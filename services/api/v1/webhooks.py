"""What we post to webhooks, for the `webhooks` of our description (OpenAPI 3.1, 4.8.1); see docs/webhooks.md."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, Field

from shared.domain.notices import NoticeKind
from shared.domain.report import Direction, Report, Severity


class Event(BaseModel):
    """What every body has, beside its `data`."""

    timestamp: datetime = Field(description="When we came to know; the same at every attempt")


class ChangeDetected(Event):
    """A change was confirmed."""

    type: Literal["change.detected"]
    data: Report


class ChangeCorrected(Event):
    """What we said of a change was wrong."""

    type: Literal["change.corrected"]
    data: Report = Field(description="As it is now; the first of `notes` says why")


class ChangeRetracted(Event):
    """A change was none."""

    type: Literal["change.retracted"]
    data: Report = Field(description="As it was; the first of `notes` says why")


class ToldPlatform(BaseModel):
    """Whose document it is."""

    slug: str
    name: str


class ToldDocument(BaseModel):
    """Which document it is."""

    id: str
    type: str
    url: str


class Condition(BaseModel):
    """What keeps a document from being read."""

    id: str
    kind: str = Field(examples=["unreachable", "unreadable", "unstable"])
    phase: Literal["began", "ended"]
    detail: str | None
    began_at: datetime
    ended_at: datetime | None


class ConditionData(BaseModel):
    """A condition, and whose it is."""

    platform: ToldPlatform
    document: ToldDocument
    condition: Condition


class DocumentCondition(Event):
    """A document cannot be reached or read, or can again."""

    type: Literal["document.condition"]
    data: ConditionData


class Period(BaseModel):
    """From when to when."""

    name: str
    start: datetime
    end: datetime


class Digest(BaseModel):
    """Which digest it is."""

    id: str
    cadence: str
    period: Period
    over_quota: int = Field(description="Changes that are told here because the daily quota was used up")
    link: str | None = Field(description="The page of all of it; null where the installation has no public address")


class Line(BaseModel):
    """A change in a digest."""

    type: str = Field(examples=["change.detected", "change.corrected"])
    id: str
    platform: ToldPlatform
    document: ToldDocument
    severity: Severity
    direction: Direction
    headline: str
    detected_at: datetime


class DigestData(BaseModel):
    """A period, the gravest changes first."""

    digest: Digest
    counts: dict[Severity, int] = Field(description="Of all changes, also of those left out")
    changes: list[Line]
    conditions: list[ConditionData]
    omitted: dict[str, int] = Field(description="How many changes and conditions there was no room for")
    reports: dict[str, Report] | None = Field(None, description="Of changes that were told together, by their ids")


class DigestReady(Event):
    """A period of a subscription ended, or several changes were told together."""

    type: Literal["digest.ready"]
    data: DigestData


class TestedEndpoint(BaseModel):
    """Which endpoint it is."""

    id: str
    kind: str


class TestData(BaseModel):
    """What a test says."""

    endpoint: TestedEndpoint


class EndpointTest(Event):
    """You asked for a test."""

    type: Literal["endpoint.test"]
    data: TestData


EVENTS: dict[NoticeKind, type[Event]] = {
    NoticeKind.CHANGE_DETECTED: ChangeDetected,
    NoticeKind.CHANGE_CORRECTED: ChangeCorrected,
    NoticeKind.CHANGE_RETRACTED: ChangeRetracted,
    NoticeKind.CONDITION: DocumentCondition,
    NoticeKind.DIGEST: DigestReady,
    NoticeKind.ENDPOINT_TEST: EndpointTest,
}
"""Every type that a webhook is sent."""

_HEADERS = (
    "Signed by Standard Webhooks: `webhook-id` (the same at every retry), `webhook-timestamp`, `webhook-signature`. "
    "Answer 2xx within 15 seconds, also to types that you do not know: others may come."
)


def describe(app: FastAPI) -> None:
    """Add them to the application's description; none of them is served."""
    for kind, model in EVENTS.items():
        app.webhooks.add_api_route(
            kind.value, _receiver(model), methods=["POST"], summary=(model.__doc__ or "").strip(), description=_HEADERS
        )


def _header(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "description": description, "schema": {"type": "string"}}


_SIGNED = [
    _header("webhook-id", "The same at every attempt: take each once"),
    _header("webhook-timestamp", "When this attempt was signed, in seconds since 1970 (UTC)"),
    _header(
        "webhook-signature", "`v1,` and the signature in base64; several with a space between while a secret turns"
    ),
]
_ANSWERS = {
    "2XX": {"description": "Taken"},
    "410": {"description": "Nobody is there any more: the endpoint is disabled at once"},
    "default": {"description": "Not taken: it is sent again later"},
}


def describe_exchange(operation: dict[str, Any]) -> None:
    """How one of them is signed, and what its receiver may answer; the framework describes what it would answer."""
    operation["parameters"], operation["responses"] = _SIGNED, _ANSWERS


def _receiver(model: type[Event]) -> Callable[[Event], None]:
    def receive(body: Event) -> None:
        """Only its signature is read, for the description."""

    receive.__annotations__["body"] = model
    return receive

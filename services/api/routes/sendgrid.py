"""SendGrid's signed event webhook: what became of our mails (docs: Event Webhook Reference, Security Features)."""

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Annotated, Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from services.api.resources import Resources
from shared.domain.mail import MailEvent, MailEventKind
from shared.logging import get_logger
from shared.settings import SettingsError

PATH = "/sendgrid/events"
MOST_BYTES = 4_000_000
"""Of one report; SendGrid sends one once it has 768 kilobytes."""
TOLERANCE_S = 300
_SIGNATURE, _TIMESTAMP = "x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp"
_DETAIL_LIMIT = 500
log = get_logger()


def event_key(text: str) -> ec.EllipticCurvePublicKey | None:
    """The key that SendGrid's page shows (base64 of DER); None for no text, SettingsError for what is no such key."""
    if not text:
        return None
    try:
        key = load_der_public_key(base64.b64decode(text, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise SettingsError("CLAUSEWATCH_SENDGRID_EVENT_KEY should be the verification key as SendGrid shows it")
    return key


async def _body(request: Request) -> bytes:
    return await request.body()


def router(resources: Resources) -> APIRouter:
    """`POST /sendgrid/events`: 204 once all of a signed report is kept, or 403. A repeat changes nothing."""
    routes = APIRouter()

    @routes.post(PATH)
    def take(request: Request, body: Annotated[bytes, Depends(_body)]) -> Response:
        now = resources.clock.now()
        if resources.event_key is None or not is_signed(resources.event_key, request.headers, body, now):
            log.warning("sendgrid.report_refused", has_key=resources.event_key is not None)
            return PlainTextResponse("This is no report of SendGrid's.\n", 403)
        events = read_events(body)
        new = resources.mail_events.record(events, now)
        log.info("sendgrid.report", events=len(events), new=new)
        return Response(status_code=204)

    return routes


def is_signed(key: ec.EllipticCurvePublicKey, headers: Headers, body: bytes, now: datetime) -> bool:
    """Whether SendGrid signed the timestamp and the raw body (ECDSA on P-256, SHA-256) within the last 300 s."""
    timestamp = headers.get(_TIMESTAMP, "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_S:
        return False
    try:
        signature = base64.b64decode(headers.get(_SIGNATURE, ""), validate=True)
        key.verify(signature, timestamp.encode() + body, ec.ECDSA(SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def read_events(body: bytes) -> list[MailEvent]:
    """The events of a report that we keep; what cannot be read is left out, with a line in the log."""
    try:
        reported = json.loads(body)
    except (ValueError, RecursionError):
        reported = None
    if not isinstance(reported, list):
        log.warning("sendgrid.report_unreadable", bytes=len(body))
        return []
    events = []
    for place, one in enumerate(reported):
        try:
            event = _Reported.model_validate(one).event_of_ours()
        except ValueError as error:
            log.warning("sendgrid.event_unreadable", place=place, error=type(error).__name__)
            continue
        if event:
            events.append(event)
    return events


class _Reported(BaseModel):
    """An event as it comes, the custom arguments of the mail beside its own fields."""

    event: str
    email: str = Field(min_length=3, max_length=320)
    timestamp: int = Field(ge=0, le=4_000_000_000)
    sg_event_id: str = Field(min_length=1, max_length=200)
    type: str | None = None
    reason: str | None = None
    response: str | None = None
    delivery_id: Any = None

    def event_of_ours(self) -> MailEvent | None:
        """None for a kind that we do not keep, such as a click."""
        kind = "blocked" if self.event == "bounce" and self.type not in {None, "bounce"} else self.event
        if kind not in set(MailEventKind):
            return None
        return MailEvent(
            id=_storable(self.sg_event_id),
            kind=MailEventKind(kind),
            address=_storable(self.email).lower(),
            at=datetime.fromtimestamp(self.timestamp, UTC),
            delivery_id=_storable(self.delivery_id) if isinstance(self.delivery_id, str) else None,
            detail=_storable(self.reason or self.response or "")[:_DETAIL_LIMIT],
        )


def _storable(text: str) -> str:
    """Text that any database takes: no NUL, no half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")

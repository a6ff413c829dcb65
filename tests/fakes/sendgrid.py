"""SendGrid as its documentation describes it: it takes mail by v3, and signs the events that it reports."""

import asyncio
import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.fakes.sendgrid_schema import problems

KEY = "SG.test"


@dataclass(frozen=True)
class Taken:
    """One mail as its recipient would get it."""

    delivery_id: str
    address: str
    headers: dict[str, str]
    subject: str
    text: str
    html: str


@dataclass
class FakeSendGrid:
    """A server's handler. It refuses what the documented schema and limits refuse, and what a test asks it to."""

    requests: list[dict[str, Any]] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    status: int | None = None
    """Refuse everything with this."""
    unknown: set[str] = field(default_factory=set)
    """Addresses that it refuses, naming the personalization."""
    blames: bool = True
    """False: a refusal names nobody."""
    silent: bool = False
    """Take the mail, and never answer."""

    async def handle(self, request: web.Request) -> web.Response:
        if self.status:
            return _refusal(self.status, [(None, "no")])
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return _refusal(401, [(None, "authorization required")])
        if (request.method, request.path, request.content_type) != ("POST", "/v3/mail/send", "application/json"):
            return _refusal(404, [(None, "not found")])
        raw = await request.read()
        if wrong := problems(raw):
            return _refusal(400, wrong)
        body = json.loads(raw)
        self.requests.append(body)
        unknown = [
            (f"personalizations.{place}.to.0.email" if self.blames else None, "Does not contain a valid address.")
            for place, one in enumerate(body["personalizations"])
            if one["to"][0]["email"] in self.unknown
        ]
        if unknown:
            return _refusal(400, unknown)
        if body.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
            return web.Response(status=200)
        self.taken += [_taken(body, one) for one in body["personalizations"]]
        if self.silent:
            await asyncio.Event().wait()
        return web.Response(status=202)


class Reporter:
    """Signs events as the signed event webhook does."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        der = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.public_key = base64.b64encode(der).decode()

    def signed(self, events: Sequence[object] | bytes, at: datetime) -> tuple[bytes, dict[str, str]]:
        """The body and headers of a report; events given as bytes are sent as they are."""
        body = events if isinstance(events, bytes) else json.dumps(events).encode() + b"\r\n"
        timestamp = str(int(at.timestamp()))
        signature = self._key.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))
        headers = {
            "Content-Type": "application/json",
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
        }
        return body, headers


def event(kind: str, address: str, at: datetime, *, id: str, delivery_id: str | None = None, **more: Any) -> Any:
    """One event as SendGrid reports it; custom arguments stand beside its own fields."""
    own = {"email": address, "timestamp": int(at.timestamp()), "event": kind, "sg_event_id": id}
    known = {"delivery_id": delivery_id} if delivery_id else {}
    return {**own, "sg_message_id": f"msg.{id}", **known, **more}


def _taken(body: dict[str, Any], one: dict[str, Any]) -> Taken:
    def filled(text: str) -> str:
        for name, value in one.get("substitutions", {}).items():
            text = text.replace(name, value)
        return text

    text, html = (part["value"] for part in body["content"])
    return Taken(
        delivery_id=one["custom_args"]["delivery_id"],
        address=one["to"][0]["email"],
        headers=one.get("headers", {}),
        subject=filled(body["subject"]),
        text=filled(text),
        html=filled(html),
    )


def _refusal(status: int, wrong: Sequence[tuple[str | None, str]]) -> web.Response:
    errors = [{"message": message, "field": name, "help": None} for name, message in wrong]
    return web.json_response({"errors": errors}, status=status)

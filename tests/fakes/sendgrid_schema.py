"""What POST /v3/mail/send takes, as SendGrid's reference documents it, of the part that we use."""

import json
from collections import Counter
from typing import Any

from jsonschema import Draft202012Validator

MOST_BYTES = 30_000_000
MOST_PART_BYTES = 10_000
_RESERVED = {
    "x-sg-id",
    "x-sg-eid",
    "received",
    "dkim-signature",
    "content-type",
    "content-transfer-encoding",
    "to",
    "from",
    "subject",
    "reply-to",
    "cc",
    "bcc",
}
_MAILBOX = {
    "type": "object",
    "properties": {"email": {"type": "string", "pattern": r"^[^@\s]+@[^@\s]+$"}, "name": {"type": "string"}},
    "required": ["email"],
    "additionalProperties": False,
}
_STRINGS = {"type": "object", "additionalProperties": {"type": "string"}}
_SWITCH = {
    "type": "object",
    "properties": {"enable": {"type": "boolean"}, "enable_text": {"type": "boolean"}},
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "properties": {
        "from": _MAILBOX,
        "subject": {"type": "string", "minLength": 1},
        "personalizations": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1000,
            "items": {
                "type": "object",
                "properties": {
                    "to": {"type": "array", "minItems": 1, "maxItems": 1000, "items": _MAILBOX},
                    "headers": {**_STRINGS, "propertyNames": {"pattern": r"^[!-9;-~]+$"}},
                    "substitutions": {**_STRINGS, "maxProperties": 10_000},
                    "custom_args": {**_STRINGS, "maxProperties": 10_000},
                },
                "required": ["to"],
                "additionalProperties": False,
            },
        },
        "content": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {"type": {"type": "string", "minLength": 1}, "value": {"type": "string", "minLength": 1}},
                "required": ["type", "value"],
                "additionalProperties": False,
            },
        },
        "mail_settings": {"type": "object", "properties": {"sandbox_mode": _SWITCH}, "additionalProperties": False},
        "tracking_settings": {
            "type": "object",
            "properties": {"click_tracking": _SWITCH, "open_tracking": _SWITCH},
            "additionalProperties": False,
        },
    },
    "required": ["from", "subject", "personalizations", "content"],
    "additionalProperties": False,
}
_VALIDATOR = Draft202012Validator(SCHEMA)


def problems(raw: bytes) -> list[tuple[str | None, str]]:
    """What SendGrid would refuse a request for: the field, where one is to blame, and why; nothing for a good one."""
    if len(raw) > MOST_BYTES:
        return [(None, "the request is too large")]
    try:
        body = json.loads(raw)
    except ValueError:
        return [(None, "Bad Request")]
    wrong = [(".".join(map(str, error.absolute_path)) or None, error.message) for error in _VALIDATOR.iter_errors(body)]
    return wrong or _beyond_the_schema(body)


def _beyond_the_schema(body: dict[str, Any]) -> list[tuple[str | None, str]]:
    wrong: list[tuple[str | None, str]] = []
    addresses = Counter(to["email"].lower() for one in body["personalizations"] for to in one["to"])
    if sum(addresses.values()) > 1000:
        wrong.append(("personalizations", "more than 1000 recipients"))
    wrong += [("personalizations", f"{address} comes twice") for address, count in addresses.items() if count > 1]
    if [part["type"] for part in body["content"]] != ["text/plain", "text/html"]:
        wrong.append(("content", "text/plain must be first, then text/html"))
    for place, one in enumerate(body["personalizations"]):
        at = f"personalizations.{place}"
        if _RESERVED & {name.lower() for name in one.get("headers", {})}:
            wrong.append((f"{at}.headers", "a reserved header"))
        if any("\n" in value or "\r" in value for value in one.get("headers", {}).values()):
            wrong.append((f"{at}.headers", "a line break in a header"))
        for part in ("substitutions", "custom_args"):
            if sum(len(word.encode()) for pair in one.get(part, {}).items() for word in pair) > MOST_PART_BYTES:
                wrong.append((f"{at}.{part}", "more than 10,000 bytes"))
    return wrong

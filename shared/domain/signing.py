"""Signatures of Standard Webhooks (github.com/standard-webhooks/standard-webhooks, spec 1.0)."""

import base64
import binascii
import hmac
from collections.abc import Sequence

SECRET_PREFIX = "whsec_"  # noqa: S105  the prefix is no secret
_LEAST, _MOST = 24, 64


class InvalidSecret(ValueError):
    """A signing secret that is not `whsec_` and the base64 of 24 to 64 bytes."""


def secret_from(random_bytes: bytes) -> str:
    """The secret as its owner sees it; InvalidSecret unless there are 24 to 64 bytes."""
    if not _LEAST <= len(random_bytes) <= _MOST:
        raise InvalidSecret(f"a signing secret has {_LEAST} to {_MOST} bytes, not {len(random_bytes)}")
    return SECRET_PREFIX + base64.b64encode(random_bytes).decode()


def key_of(secret: str) -> bytes:
    """The bytes that sign; the prefix may be missing. InvalidSecret where it is not one."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise InvalidSecret(f"a signing secret is base64: {error}") from None
    if not _LEAST <= len(key) <= _MOST:
        raise InvalidSecret(f"a signing secret has {_LEAST} to {_MOST} bytes, not {len(key)}")
    return key


def sign(message_id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> str:
    """The `webhook-signature` header: one `v1,<base64>` for each secret, so that old and new verify during a rotation.

    `timestamp` is the attempt's time in unix seconds; `body` the exact bytes sent. InvalidSecret for none or a bad one.
    """
    if not secrets:
        raise InvalidSecret("there is no secret to sign with")
    signed = f"{message_id}.{timestamp}.".encode() + body
    digests = (hmac.digest(key_of(secret), signed, "sha256") for secret in secrets)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


def headers(message_id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The three headers of one attempt."""
    return (
        ("webhook-id", message_id),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", sign(message_id, timestamp, body, secrets)),
    )

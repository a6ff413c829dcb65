"""Signatures, against the public library and a published vector."""

import base64
import json
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from shared.clock import SystemClock
from shared.domain import signing

OLD = signing.secret_from(b"o" * 24)
NEW = signing.secret_from(b"n" * 64)
BODY = json.dumps({"type": "change.detected", "data": {"text": "déjà vu"}}, ensure_ascii=False).encode()


def headers_now(*secrets: str, body: bytes = BODY) -> dict[str, str]:
    return dict(signing.headers("dlv_1", int(SystemClock().now().timestamp()), body, secrets))


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_either_secret_of_a_rotation_verifies(secret: str) -> None:
    assert Webhook(secret).verify(BODY, headers_now(OLD, NEW)) == json.loads(BODY)


@pytest.mark.parametrize(
    ("secret", "body"),
    [(signing.secret_from(b"x" * 24), BODY), (OLD, BODY.replace(b"vu", b"lu"))],
    ids=["another secret", "another body"],
)
def test_what_was_not_signed_does_not_verify(secret: str, body: bytes) -> None:
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, headers_now(OLD))


def test_signs_as_the_public_library_does_with_the_published_key() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = '{"test": 2432232314}'
    timestamp = 1_614_265_330
    theirs = Webhook(secret).sign("msg_p5jXN8AQM9LWM0D4loKWxJek", datetime.fromtimestamp(timestamp, UTC), body)
    ours = signing.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp, body.encode(), [secret])
    assert ours == theirs == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "secret", ["whsec_", "whsec_not base64!", "whsec_" + base64.b64encode(b"short").decode(), "whsec_" + "A" * 100]
)
def test_a_bad_secret_is_refused(secret: str) -> None:
    with pytest.raises(signing.InvalidSecret):
        signing.sign("dlv_1", 0, b"", [secret])


def test_signing_with_no_secret_is_refused() -> None:
    with pytest.raises(signing.InvalidSecret):
        signing.sign("dlv_1", 0, b"", [])


@pytest.mark.parametrize("length", [0, 23, 65])
def test_a_secret_has_24_to_64_bytes(length: int) -> None:
    with pytest.raises(signing.InvalidSecret):
        signing.secret_from(b"x" * length)

"""The sample receiver: it believes what is signed and fresh, keeps everything, and survives anything."""

import base64
import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import standardwebhooks

from services.cli.sample.receiver import SampleReceiver, is_recent, is_signed
from shared.clock import ManualClock

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
BODY = json.dumps({"type": "change.detected", "data": {"headline": {"text": "Notice fell"}, "é": 1}}).encode()


def signed(body: bytes = BODY, *, webhook_id: str = "dlv_1", secret: str = SECRET) -> dict[str, str]:
    signature = standardwebhooks.Webhook(secret).sign(webhook_id, NOW, body.decode())
    return {"webhook-id": webhook_id, "webhook-timestamp": STAMP, "webhook-signature": signature}


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "received.jsonl"


@pytest.fixture
def receiver(record: Path) -> Iterator[SampleReceiver]:
    receiver = SampleReceiver(record, clock=ManualClock(NOW))
    receiver.secret = SECRET
    yield receiver
    receiver.close()


def post(receiver: SampleReceiver, headers: dict[str, str], body: bytes | None = BODY) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port, timeout=10)
    try:
        connection.request("POST", "/hooks/clausewatch", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_signed_message_is_taken_and_recorded(receiver: SampleReceiver, record: Path) -> None:
    assert post(receiver, signed()) == 204
    [one] = receiver.received
    assert (one.webhook_id, one.timestamp, one.type, one.verified) == ("dlv_1", STAMP, "change.detected", True)
    assert one.data["headline"] == {"text": "Notice fell"}
    [line] = record.read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {
        "id": "dlv_1",
        "timestamp": STAMP,
        "type": "change.detected",
        "verified": True,
        "data": {"headline": {"text": "Notice fell"}, "é": 1},
    }


@pytest.mark.parametrize(
    ("change", "believed"),
    [
        pytest.param({}, True, id="as sent"),
        pytest.param({"webhook-id": "dlv_2"}, False, id="another id"),
        pytest.param({"webhook-timestamp": str(int(STAMP) + 1)}, False, id="another time"),
        pytest.param({"webhook-signature": ""}, False, id="no signature"),
        pytest.param({"webhook-signature": "v1,AAAA"}, False, id="another signature"),
        pytest.param({"webhook-signature": "v1,\xe9"}, False, id="no ASCII"),
        pytest.param({"webhook-signature": "v1,AAAA " + signed()["webhook-signature"]}, True, id="one of two"),
        pytest.param({"webhook-signature": signed()["webhook-signature"].replace("v1,", "v2,")}, False, id="version"),
    ],
)
def test_only_a_right_signature_is_believed(receiver: SampleReceiver, change: dict[str, str], believed: bool) -> None:
    assert post(receiver, {**signed(), **change}) == (204 if believed else 401)
    assert [one.verified for one in receiver.received] == [believed]


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!", SECRET.removeprefix("whsec_"), SECRET[:-4] + "AAA="])
def test_a_wrong_secret_verifies_nothing(secret: str) -> None:
    headers = signed()
    assert is_signed(SECRET, "dlv_1", STAMP, BODY, headers["webhook-signature"])
    assert not is_signed(secret, "dlv_1", STAMP, BODY, headers["webhook-signature"])


@pytest.mark.parametrize(
    ("timestamp", "recent"),
    [
        (STAMP, True),
        (str(int(STAMP) - 300), True),
        (str(int(STAMP) + 300), True),
        (str(int(STAMP) - 301), False),
        (str(int(STAMP) + 301), False),
        ("", False),
        ("-1", False),
        ("²", False),
        ("9" * 5000, False),
    ],
)
def test_an_old_request_cannot_be_replayed(timestamp: str, recent: bool) -> None:
    assert is_recent(timestamp, NOW) is recent


def test_a_replayed_request_is_refused(tmp_path: Path) -> None:
    receiver = SampleReceiver(clock=ManualClock(datetime(2026, 3, 3, tzinfo=UTC)))
    receiver.secret = SECRET
    try:
        assert post(receiver, signed()) == 401
    finally:
        receiver.close()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b'{"data": [1]}', b'{"data": {"headline": "x"}}']
)
def test_junk_is_kept_and_the_next_message_is_taken(receiver: SampleReceiver, body: bytes) -> None:
    assert post(receiver, {}, body) == 401
    assert post(receiver, signed()) == 204
    assert [one.verified for one in receiver.received] == [False, True]


@pytest.mark.parametrize(("length", "status"), [("9" * 5000, 413), ("1000001", 413), ("-5", 413), ("x", 413)])
def test_a_body_of_impossible_length_is_refused_unread(receiver: SampleReceiver, length: str, status: int) -> None:
    assert post(receiver, {"Content-Length": length}, None) == status
    assert receiver.received == []

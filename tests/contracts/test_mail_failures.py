"""Mail servers and SendGrid that fail half way: what is certain, and what may have arrived."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiosmtpd.smtp import SMTP

from services.notifier.adapters.sendgrid import SendGridSender
from services.notifier.adapters.smtp import SmtpSender, SmtpServer
from services.notifier.core.messages import Message, SendFailed, SendFailureKind
from tests.contracts.senders import NOW, Harness, serving, way

SENDER = "Watch <w@cw.example>"


def mail() -> Message:
    return Harness(sender=None, address="alice@reader.example", is_mail=True).message()  # type: ignore[arg-type]


async def failure_of(sender: Any) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        await sender.send(mail())
    return caught.value


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 587, "starttls")),
        ("smtps://u%40x:p%2Fw@mail.example", SmtpServer("mail.example", 465, "tls", "u@x", "p/w")),
        ("smtp://127.0.0.1:25?security=none", SmtpServer("127.0.0.1", 25, "none")),
    ],
)
def test_a_mail_server_is_named_by_a_url(url: str, expected: SmtpServer) -> None:
    assert SmtpServer.from_url(url) == expected


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://mail.example?security=maybe"]
)
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"smtp|security"):
        SmtpServer.from_url(url)


class Scripted:
    """Answers RCPT and DATA as told; `None` for DATA means silence after the text has come."""

    def __init__(self, rcpt: str = "250 ok", data: str | None = "250 ok") -> None:
        self.rcpt, self.data = rcpt, data

    async def handle_RCPT(  # noqa: N802
        self, _server: object, _session: object, envelope: Any, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:  # noqa: N802
        if self.data is None:
            await asyncio.Event().wait()
        return str(self.data)


def smtp_failure(script: Scripted, security: Any = "none") -> SendFailed:
    async def main() -> SendFailed:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(script, loop=loop, hostname="mx.example"), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            return await failure_of(SmtpSender(SmtpServer("127.0.0.1", port, security), SENDER, deadline_s=0.5))
        finally:
            server.close()

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("script", "kind", "permanent", "ambiguous", "status"),
    [
        (Scripted(rcpt="550 5.1.1 no such user"), SendFailureKind.RECIPIENT, True, False, 550),
        (Scripted(rcpt="550 5.2.1 disabled"), SendFailureKind.RECIPIENT, True, False, 550),
        (Scripted(data="550 5.1.10 takes no mail"), SendFailureKind.RECIPIENT, True, False, 550),
        (Scripted(rcpt="550 5.7.1 relaying denied"), SendFailureKind.REJECTED, True, False, 550),
        (Scripted(rcpt="550 5.1.8 bad sender"), SendFailureKind.REJECTED, True, False, 550),
        (Scripted(rcpt="550 unknown"), SendFailureKind.REJECTED, True, False, 550),
        (Scripted(rcpt="450 4.1.1 not now"), SendFailureKind.REJECTED, False, False, 450),
        (Scripted(rcpt="450 greylisted"), SendFailureKind.REJECTED, False, False, 450),
        (Scripted(data="554 no"), SendFailureKind.REJECTED, True, False, 554),
        (Scripted(data=None), SendFailureKind.TIMEOUT, False, True, None),
    ],
)
def test_smtp_failures_are_told_apart(
    script: Scripted, kind: SendFailureKind, permanent: bool, ambiguous: bool, status: int | None
) -> None:
    failed = smtp_failure(script)
    assert (failed.kind, failed.permanent, failed.ambiguous, failed.status) == (kind, permanent, ambiguous, status)


def test_mail_is_not_handed_in_without_the_tls_that_was_asked_for() -> None:
    failed = smtp_failure(Scripted(), security="starttls")
    assert not failed.ambiguous
    assert not failed.permanent


def test_a_mail_server_that_is_not_there_is_certain() -> None:
    failed = asyncio.run(failure_of(SmtpSender(SmtpServer("127.0.0.1", 1, "none"), SENDER)))
    assert (failed.kind, failed.ambiguous) == (SendFailureKind.CONNECT, False)


@pytest.mark.parametrize(
    ("status", "headers", "permanent", "retry_after"),
    [
        (429, {"X-RateLimit-Reset": str(int(NOW.timestamp()) + 30)}, False, 30.0),
        (429, {"Retry-After": "7"}, False, 7.0),
        (429, {"X-RateLimit-Reset": "soon"}, False, None),
        (400, {}, True, None),
        (413, {}, True, None),
        (401, {}, False, None),
        (500, {}, False, None),
    ],
)
def test_sendgrid_s_answers_are_told_apart(
    status: int, headers: dict[str, str], permanent: bool, retry_after: float | None
) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"errors": [{"message": "no"}]}, status=status, headers=headers)

    async def main() -> SendFailed:
        async with serving(answer) as base:
            return await failure_of(SendGridSender("SG.test", now=lambda: NOW, host=base))

    failed = asyncio.run(main())
    assert (failed.status, failed.permanent, failed.ambiguous) == (status, permanent, False)
    assert failed.retry_after == retry_after
    assert "no" in failed.answer


def test_sendgrid_s_silence_after_the_request_is_ambiguous() -> None:
    async def answer(_request: web.Request) -> web.Response:
        await asyncio.sleep(2)
        return web.Response(status=202)

    async def main() -> tuple[SendFailed, float]:
        async with serving(answer) as base:
            started = time.monotonic()
            failed = await failure_of(SendGridSender("SG.test", now=lambda: NOW, host=base, deadline_s=0.4))
            return failed, time.monotonic() - started

    failed, seconds = asyncio.run(main())
    assert (failed.kind, failed.ambiguous) == (SendFailureKind.TIMEOUT, True)
    assert seconds < 1.5


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_sendgrid_s_redirect_takes_our_key_nowhere_and_is_no_acceptance(status: int) -> None:
    followed = []

    async def elsewhere(request: web.Request) -> web.Response:
        followed.append(request.headers.get("Authorization"))
        return web.Response(text="ok")

    async def main() -> SendFailed:
        async with serving(elsewhere) as target:

            async def answer(_request: web.Request) -> web.Response:
                return web.Response(status=status, headers={"Location": f"{target}/v3/mail/send"})

            async with serving(answer) as base:
                return await failure_of(SendGridSender("SG.test", now=lambda: NOW, host=base))

    failed = asyncio.run(main())
    assert followed == []
    assert (failed.kind, failed.status) == (SendFailureKind.STATUS, status)
    assert (failed.permanent, failed.ambiguous) == (False, False)


def test_sendgrid_that_is_not_there_is_certain() -> None:
    failed = asyncio.run(failure_of(SendGridSender("SG.test", now=lambda: NOW, host="http://127.0.0.1:1")))
    assert (failed.kind, failed.ambiguous) == (SendFailureKind.CONNECT, False)


def test_the_outbox_keeps_one_file_for_a_delivery_and_no_drafts(tmp_path: Path) -> None:
    async def main() -> None:
        async with way("outbox", tmp_path) as harness:
            for delivery_id in ("dlv_1", "dlv_1", "../dlv_2"):
                await harness.sender.send(harness.message(delivery_id))

    asyncio.run(main())
    assert sorted(path.name for path in (tmp_path / "outbox").iterdir()) == ["---dlv_2.eml", "dlv_1.eml"]
    assert (tmp_path / "outbox" / "dlv_1.eml").read_bytes() == mail().body

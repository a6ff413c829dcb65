"""One harness for each way out: a real adapter before a real receiver on this machine, or the fake."""

import asyncio
import html
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP

from services.notifier.adapters.outbox import OutboxSender
from services.notifier.adapters.sendgrid import SendGridSender
from services.notifier.adapters.slack import SlackSender
from services.notifier.adapters.smtp import SmtpSender, SmtpServer
from services.notifier.adapters.webhook import WebhookSender
from services.notifier.core.compose.email import Content, Envelope, mime_message
from services.notifier.core.compose.slack import addressed, escaped
from services.notifier.core.messages import Accepted, Message, SendFailed, SendFailureKind
from services.notifier.core.ports import Sender
from shared.domain.addresses import EgressPolicy
from shared.http.connector import guarded_connector
from tests.fakes.block_kit import problems
from tests.fakes.senders import FakeSender
from tests.fakes.sendgrid import KEY, FakeSendGrid

NOW = datetime(2026, 4, 10, 8, tzinfo=UTC)
LOCAL = EgressPolicy(allow_http=True, allow_loopback=True, allowed_ports=None)
CONTENT = Content("Notice is shorter", "Before:\n> thirty days – déjà vu", "<p>Before: thirty days – déjà vu</p>")


@dataclass
class Harness:
    """A sender, what its receiver has taken (by delivery id), and how to make the receiver fail."""

    sender: Sender
    address: str
    is_mail: bool
    taken: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    refusal: str | None = None
    """None, `busy` (try later) or `never` (a permanent refusal)."""
    can_refuse_for_good: bool = True

    def message(self, delivery_id: str = "dlv_1") -> Message:
        if not self.is_mail:
            body = json.dumps({"text": CONTENT.text}, ensure_ascii=False).encode()
            return Message(delivery_id, self.address, body, (("webhook-id", delivery_id),))
        envelope = Envelope(delivery_id, self.address, "Watch <w@cw.example>", NOW, thread="doc_1")
        return Message(delivery_id, self.address, mime_message(CONTENT, envelope))


@asynccontextmanager
async def serving(handler: Any) -> AsyncIterator[str]:
    """A web server on a free port of this machine; its base URL."""
    app = web.Application(client_max_size=40_000_000)
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def webhook(_folder: Path) -> AsyncIterator[Harness]:
    """aiohttp before an aiohttp sink."""

    async def sink(request: web.Request) -> web.Response:
        if harness.refusal:
            return web.Response(status=503 if harness.refusal == "busy" else 410, text=harness.refusal)
        harness.texts.append((await request.json())["text"])
        harness.taken.append(request.headers["webhook-id"])
        return web.Response(text="thanks")

    async with serving(sink) as base:
        sender = WebhookSender(guarded_connector(LOCAL), LOCAL, now=lambda: NOW)
        harness = Harness(sender, f"{base}/hook", is_mail=False)
        yield harness
        await sender.close()


class SlackHarness(Harness):
    """The words as a Slack message."""

    def message(self, delivery_id: str = "dlv_1") -> Message:
        text = escaped(CONTENT.text, 100)
        section = {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}
        body = json.dumps({"text": text, "blocks": [section]}).encode()
        return Message(delivery_id, self.address, addressed(body, delivery_id))


@asynccontextmanager
async def slack(_folder: Path) -> AsyncIterator[Harness]:
    """aiohttp before a local channel that takes what Block Kit's documentation allows."""

    async def channel(request: web.Request) -> web.Response:
        if harness.refusal:
            return web.Response(status=503 if harness.refusal == "busy" else 410, text=harness.refusal)
        payload = await request.json()
        if problems(payload):
            return web.Response(status=400, text="invalid_blocks")
        harness.texts.append(html.unescape(payload["text"]))
        harness.taken.append(payload["blocks"][-1]["elements"][0]["text"].removeprefix("Clausewatch "))
        return web.Response(text="ok")

    async with serving(channel) as base:
        sender = SlackSender(guarded_connector(LOCAL), LOCAL, now=lambda: NOW, hosts=("127.0.0.1",))
        harness = SlackHarness(sender, f"{base}/services/T0001/B0001/key", is_mail=False)
        yield harness
        await sender.close()


@asynccontextmanager
async def smtp(_folder: Path) -> AsyncIterator[Harness]:
    """aiosmtplib before aiosmtpd."""

    class Server:
        async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
            if harness.refusal:
                return "451 busy" if harness.refusal == "busy" else "554 never"
            _keep_mail(harness, envelope.content)
            return "250 thanks"

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Server(), loop=loop, hostname="mx.example"), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    harness = Harness(
        SmtpSender(SmtpServer("127.0.0.1", port, "none"), "Watch <w@cw.example>"), "alice@reader.example", is_mail=True
    )
    try:
        yield harness
    finally:
        server.close()


@asynccontextmanager
async def outbox(folder: Path) -> AsyncIterator[Harness]:
    """The folder; it refuses, and never for good, where a file stands in the folder's place."""
    (folder / "a file").touch()

    class Watched(OutboxSender):
        async def send(self, message: Message) -> Accepted:
            self.folder = folder / ("a file" if harness.refusal else "outbox")
            accepted = await super().send(message)
            _keep_mail(harness, (self.folder / accepted.answer).read_bytes())
            return accepted

    harness = Harness(Watched(folder), "alice@reader.example", is_mail=True, can_refuse_for_good=False)
    yield harness


@asynccontextmanager
async def sendgrid(_folder: Path) -> AsyncIterator[Harness]:
    """SendGrid's library before a local server that answers as the v3 mail endpoint is documented to."""
    server = FakeSendGrid()

    async def endpoint(request: web.Request) -> web.Response:
        server.status = {"busy": 429, "never": 400}[harness.refusal] if harness.refusal else None
        answer = await server.handle(request)
        harness.taken[:] = [mail.delivery_id for mail in server.taken]
        harness.texts[:] = [mail.text.removesuffix("\n") for mail in server.taken]
        return answer

    async with serving(endpoint) as base:
        sender = SendGridSender(KEY, now=lambda: NOW, host=base)
        harness = Harness(sender, "alice@reader.example", is_mail=True)
        yield harness
        await sender.close()


@asynccontextmanager
async def fake(_folder: Path) -> AsyncIterator[Harness]:
    """The fake that other tests stand on."""
    sender = FakeSender()

    def answer(message: Message) -> Accepted | SendFailed:
        if harness.refusal:
            return SendFailed(SendFailureKind.STATUS, harness.refusal, permanent=harness.refusal == "never")
        harness.taken.append(message.delivery_id)
        harness.texts.append(json.loads(message.body)["text"])
        return Accepted(200, "thanks")

    sender.default = answer
    harness = Harness(sender, "https://alice.example/hook", is_mail=False)
    yield harness


def _keep_mail(harness: Harness, content: bytes) -> None:
    parsed = message_from_bytes(content, policy=default)
    assert isinstance(parsed, EmailMessage)
    body = parsed.get_body(("plain",))
    assert body is not None
    harness.texts.append("\n".join(body.get_content().splitlines()))
    harness.taken.append(str(parsed["Message-ID"]).removeprefix("<").partition("@")[0])


WAYS = {"webhook": webhook, "slack": slack, "smtp": smtp, "outbox": outbox, "sendgrid": sendgrid, "fake": fake}


def way(name: str, folder: Path) -> AbstractAsyncContextManager[Harness]:
    """The harness of that name."""
    return WAYS[name](folder)

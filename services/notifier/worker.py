"""The notifier's composition root: settings → adapters → Celery worker (threads, with the courier's loop)."""

import gc
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from celery import Celery

from services.notifier.adapters.loop import LoopThread
from services.notifier.adapters.outbox import OutboxSender
from services.notifier.adapters.slack import SlackSender
from services.notifier.adapters.smtp import SmtpSender, SmtpServer
from services.notifier.adapters.webhook import WebhookSender
from services.notifier.core.compose.email import mail_templates
from services.notifier.core.ports import Sender
from services.notifier.handlers.composing import Composer, Letterhead
from services.notifier.handlers.courier import Courier
from services.notifier.handlers.digests import Digester
from services.notifier.handlers.places import Limits
from services.notifier.handlers.telling import Teller
from services.notifier.tasks import Resources, register
from shared.bus.app import PerProcess, make_app, run_worker
from shared.clock import Clock, SystemClock
from shared.db.notifier.deliveries import DeliveryStore
from shared.db.notifier.digests import DigestStore
from shared.db.notifier.telling import TellingStore
from shared.db.outbox import Inbox
from shared.db.session import Database
from shared.domain.deliveries import Channel
from shared.http.connector import guarded_connector
from shared.links import Links
from shared.secrets import SecretBox, secret_box
from shared.settings import Settings
from shared.usecases.making import egress_policy

HANDLER_THREADS = 2


def mail_sender(settings: Settings, clock: Clock) -> Sender:
    """SendGrid where its key is set, else a mail server, else the outbox folder."""
    key, smtp = settings.sendgrid_api_key.get_secret_value(), settings.smtp_url.get_secret_value()
    if key:
        from services.notifier.adapters.sendgrid import SendGridSender  # noqa: PLC0415  20 MB, only where it is used

        return SendGridSender(
            key, now=clock.now, host=settings.sendgrid_host.rstrip("/"), sandbox=settings.sendgrid_sandbox
        )
    if smtp:
        return SmtpSender(SmtpServer.from_url(smtp), settings.mail_from)
    return OutboxSender(settings.data / "outbox")


def letterhead(settings: Settings, box: SecretBox) -> Letterhead:
    """The sender, and the links of one reader where there is a public address for them."""
    return Letterhead(settings.mail_from, Links(settings.public_url, box) if settings.public_url else None)


def make_courier(settings: Settings, database: Database, clock: Clock) -> tuple[Courier, Callable[[], Awaitable[None]]]:
    """The courier with its senders, and what closes them; called inside the loop they belong to."""
    policy, box = egress_policy(settings), secret_box(settings)
    senders: dict[Channel, Sender] = {
        Channel.EMAIL: mail_sender(settings, clock),
        Channel.WEBHOOK: WebhookSender(
            guarded_connector(policy), policy, now=clock.now, deadline_s=settings.delivery_deadline_s
        ),
        Channel.SLACK: SlackSender(
            guarded_connector(policy),
            policy,
            now=clock.now,
            hosts=settings.slack_hosts,
            deadline_s=settings.delivery_deadline_s,
        ),
    }
    store = DeliveryStore(database)
    composer = Composer(store, TellingStore(database), box, mail_templates(), letterhead(settings, box))
    limits = Limits(
        batch=settings.notifier_batch,
        in_flight=settings.notifier_in_flight,
        per_endpoint=settings.endpoint_in_flight,
        per_second=settings.endpoint_per_second,
        slack_per_second=settings.slack_per_second,
        lease=timedelta(seconds=settings.delivery_lease_s),
        attempt=timedelta(seconds=settings.delivery_deadline_s + 5),
    )

    async def close() -> None:
        for sender in senders.values():
            await sender.close()

    return Courier(store, composer, senders, clock, limits, random.SystemRandom().random), close


def make_resources(settings: Settings) -> Resources:
    """The notifier's adapters and its running courier."""
    database = Database(settings.sqlalchemy_url)
    clock = SystemClock(database.clock_offset())

    async def courier() -> tuple[Courier, Callable[[], Awaitable[None]]]:
        return make_courier(settings, database, clock)

    loop = LoopThread(courier)
    gc.freeze()  # what is there now stays: looking through it again and again was a sixth of a delivery's CPU

    def close() -> None:
        loop.close()
        database.close()

    return Resources(
        inbox=Inbox(database, "notifier", poison_after=settings.poison_after),
        clock=clock,
        teller=Teller(TellingStore(database), clock, loop.wake, grouping=timedelta(seconds=settings.grouping_s)),
        digester=Digester(DigestStore(database), clock, loop.wake, public_url=settings.public_url),
        wake=loop.wake,
        close=close,
        is_live=loop.answers,
    )


def build(resources: PerProcess[Resources], broker_url: str) -> Celery:
    """The notifier's Celery application, its tasks registered."""
    app = make_app("notifier", broker_url)
    register(app, resources)
    return app


def run(settings: Settings, broker_url: str) -> int:
    """Work until told to stop, then finish what is being sent; the exit status."""
    resources = PerProcess(partial(make_resources, settings))
    app = build(resources, broker_url)
    held = resources.get()
    try:
        return run_worker(
            app, "notifier", pool="threads", concurrency=HANDLER_THREADS, settings=settings, is_live=held.is_live
        )
    finally:
        held.close()

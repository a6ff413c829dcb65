"""Making an installation watch the sample platform: documents, a webhook, a mailbox, and a subscription."""

import json
import socket
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from services.cli.account import LOCAL_ACCOUNT, local_accounts
from services.cli.opening import Opened
from services.cli.sample.page import COMPANY
from services.cli.sample.platform import DOCUMENTS, HOST
from shared.db.sources import NewDocument, Sources, platform_slug
from shared.domain.deliveries import Channel
from shared.domain.documents import Declaration, Part
from shared.domain.subscriptions import Subscription

CHECK_EVERY_S = 2.0
CONFIRM_AFTER_S = 1.5
MAILBOX = "you@localhost.example"


@dataclass(frozen=True, slots=True)
class Sample:
    """What a data folder remembers of its sample, so that a second start finds the same addresses."""

    site_port: int
    receiver_port: int
    secret: str = ""
    shown: bool = False


def load_sample(file: Path) -> Sample:
    """The sample as it was set up, or a fresh one on free ports."""
    if file.exists():
        return Sample(**json.loads(file.read_text()))
    site, receiver = _free_ports(2)
    return Sample(site, receiver)


def save_sample(file: Path, sample: Sample) -> None:
    """Keep it for the next start; only its owner may read the secret."""
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(sample)))


def set_up_sample(opened: Opened, sample: Sample) -> Sample:
    """Watch the sample and subscribe its receivers; what is there already is left as it is."""
    wanted = [
        NewDocument(
            platform=COMPANY,
            type=document.title,
            declaration=Declaration(parts=(Part(url=f"http://{HOST}:{sample.site_port}{document.path}"),)),
            confirm_after_s=CONFIRM_AFTER_S,
            interval_s=CHECK_EVERY_S,
            check_every_s=CHECK_EVERY_S,
        )
        for document in DOCUMENTS
    ]
    Sources(opened.database).watch(wanted, opened.clock.now())
    if sample.secret:
        return sample
    accounts = local_accounts(opened)
    hook = f"http://localhost:{sample.receiver_port}/hooks/clausewatch"
    webhook = accounts.add_endpoint(LOCAL_ACCOUNT, Channel.WEBHOOK, hook)
    mailbox = accounts.add_endpoint(LOCAL_ACCOUNT, Channel.EMAIL, MAILBOX)
    everything = Subscription(platforms=frozenset({platform_slug(COMPANY)}))
    accounts.subscribe(LOCAL_ACCOUNT, everything, [webhook.endpoint.id, mailbox.endpoint.id])
    return replace(sample, secret=webhook.secret or "")


def _free_ports(count: int) -> list[int]:
    """Ports that are free now, found together so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()

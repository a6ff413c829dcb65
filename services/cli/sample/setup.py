"""Making an installation watch the sample platform: documents, a webhook, a mailbox, and a subscription."""

from dataclasses import replace

from services.cli.account import LOCAL_ACCOUNT, local_accounts
from services.cli.opening import Opened
from services.cli.sample.kept import Sample
from services.cli.sample.page import COMPANY
from services.cli.sample.platform import DOCUMENTS, HOST
from shared.db.sources import NewDocument, Sources, platform_slug
from shared.domain.deliveries import Channel
from shared.domain.documents import Declaration, Part
from shared.domain.subscriptions import Subscription

CHECK_EVERY_S = 2.0
CONFIRM_AFTER_S = 1.5
MAILBOX = "you@localhost.example"


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
    sources = Sources(opened.database)
    for document_id, is_new in sources.watch(wanted, opened.clock.now()):
        if not is_new:
            sources.set_state(document_id, "active", opened.clock.now())
    if sample.secret:
        return sample
    accounts = local_accounts(opened)
    hook = f"http://localhost:{sample.receiver_port}/hooks/clausewatch"
    webhook = accounts.add_endpoint(LOCAL_ACCOUNT, Channel.WEBHOOK, hook)
    mailbox = accounts.add_endpoint(LOCAL_ACCOUNT, Channel.EMAIL, MAILBOX)
    everything = Subscription(platforms=frozenset({platform_slug(COMPANY)}))
    accounts.subscribe(LOCAL_ACCOUNT, everything, [webhook.endpoint.id, mailbox.endpoint.id])
    return replace(sample, secret=webhook.secret or "")


def rest_sample(opened: Opened) -> None:
    """Look no more at a sample that an earlier start has set up and that is not served now."""
    sources = Sources(opened.database)
    for document in sources.documents(platform=COMPANY):
        sources.set_state(document.id, "paused", opened.clock.now())

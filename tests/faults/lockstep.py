"""The whole system on the sample platform, one publication at a time: each waits until the one before is judged."""

import os
import random
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from services.cli.account import LOCAL_ACCOUNT, local_accounts
from services.cli.opening import Opened, open_installation
from services.cli.replay.system import SETTINGS, running_pids, running_system
from services.cli.sample.platform import DOCUMENTS, HOST, REVISIONS, TEXTS, RunningSite, SamplePlatform
from services.cli.sample.receiver import SampleReceiver
from services.differ.core.extract import PartContent, extract
from shared.db.sources import NewDocument, Sources
from shared.db.tables import ChangeRow, DeliveryRow, DocumentRow, HeadRow, VersionRow
from shared.domain.deliveries import Channel
from shared.domain.documents import Declaration, Part
from shared.domain.subscriptions import Subscription
from shared.settings import load_settings
from tests.servers.waiting import eventually

WITHIN = 120.0
"""Seconds that a step may take on a loaded machine, a killed worker's leases included."""

QUICK: Mapping[str, str] = {
    **SETTINGS,
    "CLAUSEWATCH_SWEEP_AFTER_S": "1",
    "CLAUSEWATCH_FETCH_DEADLINE_S": "2",
    "CLAUSEWATCH_FETCH_LEASE_MARGIN_S": "2",
    "CLAUSEWATCH_DELIVERY_DEADLINE_S": "1",
    "CLAUSEWATCH_DELIVERY_LEASE_S": "8",
}


@dataclass(frozen=True)
class Result:
    """What a run left behind, in terms that do not differ between runs."""

    versions: frozenset[tuple[str, int, str]]
    changes: frozenset[tuple[str, str, str, bool]]
    received: frozenset[tuple[str, str]]
    doubled: frozenset[str]
    """Changes that came under more than one webhook-id."""


class LockStep:
    """One run. `publish` shows a revision and returns when its version is the head of its document."""

    def __init__(self, data: Path, opened: Opened, platform: SamplePlatform, receiver: SampleReceiver) -> None:
        self.data, self.opened, self.platform, self.receiver = data, opened, platform, receiver
        self._texts = {
            (document.title, revision): _text_of(document.slug, revision)
            for document in DOCUMENTS
            for revision in range(1, REVISIONS + 1)
        }

    def publish(self, slug: str, revision: int) -> None:
        self.platform.publish(slug, revision)

    def settle(self) -> None:
        """Wait until every document's head is what the site shows, and every alert was delivered."""
        wanted = {d.title: self._texts[d.title, self.platform.revision(d.slug)] for d in DOCUMENTS}
        eventually(lambda: self._heads() == wanted, within=WITHIN, why=f"the heads did not become {wanted}")

    def wait_for_alerts(self) -> None:
        eventually(self._all_delivered, within=WITHIN, why="alerts were not delivered")

    def kill(self, name: str, *, then: Callable[[], None] = lambda: None) -> None:
        """SIGKILL one process of the system and do something more; its supervisor starts it again."""
        pid = running_pids(self.data)[name]
        os.kill(pid, signal.SIGKILL)
        then()
        eventually(
            lambda: running_pids(self.data).get(name) not in {pid, None}, within=WITHIN, why=f"{name} stayed dead"
        )

    def result(self) -> Result:
        with self.opened.database.reading() as session:
            types = dict(session.execute(select(col(DocumentRow.id), col(DocumentRow.type))).all())
            versions = [(types[v.document_id], v.sequence, v.text_sha256) for v in session.scalars(select(VersionRow))]
            changes = [
                (types[c.document_id], c.outcome, c.headline, c.alert) for c in session.scalars(select(ChangeRow))
            ]
        told = [one for one in self.receiver.received if one.verified and one.type == "change.detected"]
        ids = {(one.data["id"], one.webhook_id) for one in told}
        received = {(types[one.data["document"]["id"]], one.data["evidence"]["new"]["text_sha256"]) for one in told}
        counts = [change for change, _ in ids]
        return Result(
            frozenset(versions),
            frozenset(changes),
            frozenset(received),
            frozenset(change for change in counts if counts.count(change) > 1),
        )

    def _heads(self) -> dict[str, str]:
        statement = (
            select(col(DocumentRow.type), col(VersionRow.text_sha256))
            .join(HeadRow, col(HeadRow.document_id) == col(DocumentRow.id))
            .join(VersionRow, col(VersionRow.id) == col(HeadRow.version_id))
        )
        with self.opened.database.reading() as session:
            return dict(session.execute(statement).all())

    def _all_delivered(self) -> bool:
        alerting = select(func.count()).select_from(ChangeRow).where(col(ChangeRow.alert).is_(True))
        delivered = select(func.count()).select_from(DeliveryRow).where(col(DeliveryRow.state) == "delivered")
        with self.opened.database.reading() as session:
            return session.scalar(delivered) == session.scalar(alerting)


@contextmanager
def lock_step(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LockStep]:
    """A running system that watches a sample of our own."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    for name, value in {**QUICK, "CLAUSEWATCH_DATA": str(data)}.items():
        monkeypatch.setenv(name, value)
    data.mkdir()
    platform = SamplePlatform(seed=1)
    site, receiver = RunningSite(platform.answer), SampleReceiver()
    try:
        with open_installation(load_settings()) as opened:
            run = LockStep(data, opened, platform, receiver)
            _watch(opened, site, receiver)
            with running_system(data, QUICK):
                run.settle()
                yield run
    finally:
        site.close()
        receiver.close()


def _watch(opened: Opened, site: RunningSite, receiver: SampleReceiver) -> None:
    wanted = [
        NewDocument(
            platform="Lumenforge",
            type=document.title,
            declaration=Declaration(parts=(Part(url=f"{site.url}{document.path}"),)),
            confirm_after_s=0,
            interval_s=0.2,
            check_every_s=0.2,
        )
        for document in DOCUMENTS
    ]
    Sources(opened.database).watch(wanted, opened.clock.now())
    accounts = local_accounts(opened)
    hook = accounts.add_endpoint(LOCAL_ACCOUNT, Channel.WEBHOOK, receiver.url)
    receiver.secret = hook.secret or ""
    accounts.subscribe(LOCAL_ACCOUNT, Subscription(), [hook.endpoint.id])


def _text_of(slug: str, revision: int) -> str:
    """The text that the differ will find, by the page as the site serves it; noise around it does not matter."""
    platform = SamplePlatform(TEXTS, seed=revision)
    platform.publish(slug, revision)
    path = next(document.path for document in DOCUMENTS if document.slug == slug)
    _, _, body = platform.answer(path, None)
    content = PartContent(url=f"http://{HOST}{path}", media_type="text/html", charset="utf-8", body=body)
    return extract((content,)).text_sha256


def publications() -> list[tuple[str, int]]:
    """Every revision after the first, in the order of their numbers."""
    return [(document.slug, revision) for revision in range(2, REVISIONS + 1) for document in DOCUMENTS]


def some_moment(chance: random.Random) -> float:
    """A moment within a step, at random: before the check, during it, while judging, while delivering."""
    return chance.uniform(0.05, 1.5)

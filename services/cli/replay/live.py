"""Replay through the whole running system: a local site, real checks, real deliveries, the real clock.

The site moves a document on only when the database holds the judgement of its current capture.
"""

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import func, select
from sqlmodel import col

from services.cli.account import LOCAL_ACCOUNT, local_accounts
from services.cli.errors import Failure
from services.cli.opening import Opened, open_installation
from services.cli.replay.histories import History, in_time_order
from services.cli.replay.offline import replay_offline
from services.cli.replay.site import ReplaySite
from services.cli.replay.system import SETTINGS, running_pids, running_system
from services.cli.replay.usage import MemoryWatch, cpu_seconds
from services.cli.sample.receiver import SampleReceiver
from shared.db.sources import NewDocument, Sources
from shared.db.tables import ChangeRow, CheckRow, DeliveryRow, JudgementRow, SnapshotRow, VersionRow
from shared.domain.deliveries import Channel
from shared.domain.documents import Declaration, Part
from shared.domain.subscriptions import Subscription
from shared.settings import load_settings

CHECK_EVERY_S = 0.3
_POLL_S = 0.05
_STUCK_S = 120.0
_DELIVERY_S = 120.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a live replay came to."""

    figures: dict[str, int | float]
    cpu_s: dict[str, float]

    @property
    def is_good(self) -> bool:
        return self.figures["lost"] == self.figures["doubled"] == self.figures["unexpected"] == 0


def replay_live(histories: tuple[History, ...], *, as_json: bool) -> int:
    """Run it, print the table, and return 0 where nothing was lost or doubled."""
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="cw-replay-") as folder:
        outcome = _replay(histories, Path(folder), console)
    if as_json:
        sys.stdout.write(json.dumps({**outcome.figures, "cpu_s": outcome.cpu_s}) + "\n")
    else:
        Console().print(_table(outcome))
    return 0 if outcome.is_good else 1


def _replay(histories: tuple[History, ...], data: Path, console: Console) -> Outcome:
    site, receiver = ReplaySite(histories), SampleReceiver(data / "received.jsonl")
    os.environ.update({**SETTINGS, "CLAUSEWATCH_DATA": str(data)})
    try:
        with open_installation(load_settings(data=data)) as opened:
            documents = _set_up(opened, histories, site, receiver)
            started = time.monotonic()
            with running_system(data):
                memory = MemoryWatch(lambda: running_pids(data))
                memory.start()
                _drive(opened, documents, site, console)
                _wait_for_deliveries(opened)
                cpu = {
                    name: round(cpu_seconds(pid), 1) for name, pid in running_pids(data).items() if name != "supervisor"
                }
                memory.stop()
            wall = time.monotonic() - started
            figures = _figures(opened, histories, documents, site, receiver)
    finally:
        site.close()
        receiver.close()
    return Outcome({**figures, "wall_s": round(wall, 1), "peak_pss_mb": round(memory.peak / 1e6)}, cpu)


def _set_up(
    opened: Opened, histories: Sequence[History], site: ReplaySite, receiver: SampleReceiver
) -> dict[str, History]:
    """Watch every document and subscribe the receiver to everything; histories by document id."""
    wanted = [
        NewDocument(
            platform=history.platform,
            type=history.document,
            declaration=Declaration(parts=(Part(url=site.url(history)),)),
            confirm_after_s=0,
            interval_s=CHECK_EVERY_S,
            check_every_s=CHECK_EVERY_S,
        )
        for history in histories
    ]
    watched = Sources(opened.database).watch(wanted, opened.clock.now())
    accounts = local_accounts(opened)
    hook = accounts.add_endpoint(LOCAL_ACCOUNT, Channel.WEBHOOK, receiver.url)
    receiver.secret = hook.secret or ""
    accounts.subscribe(LOCAL_ACCOUNT, Subscription(), [hook.endpoint.id])
    return {document_id: history for history, (document_id, _) in zip(histories, watched, strict=True)}


def _drive(opened: Opened, documents: dict[str, History], site: ReplaySite, console: Console) -> None:
    """Move documents on as they are judged, until all have shown their last capture."""
    under_way = dict(documents)
    moved_at = time.monotonic()
    with Progress(console=console) as progress:
        bar = progress.add_task("captures", total=sum(len(history.captures) for history in documents.values()))
        while under_way:
            for document_id, sha256 in _judged(opened):
                history = under_way.get(document_id)
                if history is None or site.now(history).sha256 != sha256:
                    continue
                moved_at = time.monotonic()
                progress.advance(bar)
                if not site.advance(history):
                    del under_way[document_id]
            if time.monotonic() - moved_at > _STUCK_S:
                stuck = ", ".join(f"{history.platform} · {history.document}" for history in under_way.values())
                raise Failure(f"nothing was judged for {_STUCK_S:.0f} s; still under way: {stuck}")
            time.sleep(_POLL_S)


def _judged(opened: Opened) -> list[tuple[str, str]]:
    """(document, bytes) of each document's newest snapshot, where its judgement is final."""
    newest = (
        select(col(SnapshotRow.document_id), func.max(SnapshotRow.ordinal).label("ordinal"))
        .group_by(col(SnapshotRow.document_id))
        .subquery()
    )
    statement = (
        select(col(SnapshotRow.document_id), col(SnapshotRow.sha256))
        .join(newest, (newest.c.document_id == SnapshotRow.document_id) & (newest.c.ordinal == SnapshotRow.ordinal))
        .join(JudgementRow, col(JudgementRow.snapshot_id) == col(SnapshotRow.id))
        .where(col(JudgementRow.outcome) != "candidate")
    )
    with opened.database.reading() as session:
        return [(document_id, sha256) for document_id, sha256 in session.execute(statement)]


def _wait_for_deliveries(opened: Opened) -> None:
    """Return once every alerting change has reached its webhook, or when that takes too long: the table will say."""
    alerting = select(func.count()).select_from(ChangeRow).where(col(ChangeRow.alert).is_(True))
    delivered = select(func.count()).select_from(DeliveryRow).where(col(DeliveryRow.state) == "delivered")
    deadline = time.monotonic() + _DELIVERY_S
    while time.monotonic() < deadline:
        with opened.database.reading() as session:
            if (session.scalar(delivered) or 0) >= (session.scalar(alerting) or 0):
                return
        time.sleep(_POLL_S)


def _figures(
    opened: Opened,
    histories: tuple[History, ...],
    documents: dict[str, History],
    site: ReplaySite,
    receiver: SampleReceiver,
) -> dict[str, int | float]:
    expected = _expected(histories)
    changes = {one.data["id"]: one for one in receiver.received if one.type == "change.detected" and one.verified}
    received = Counter(
        (documents[one.data["document"]["id"]].place, str(one.data["evidence"]["new"]["text_sha256"]))
        for one in changes.values()
    )
    ids_of = Counter(
        change_id for change_id, _ in {(one.data["id"], one.webhook_id) for one in receiver.received if one.verified}
    )
    with opened.database.reading() as session:
        rows = {
            name: session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in (
                ("checks", CheckRow),
                ("snapshots", SnapshotRow),
                ("versions", VersionRow),
                ("changes", ChangeRow),
            )
        }
    return {
        "captures": sum(len(history.captures) for history in histories),
        **rows,
        "not_modified_304": site.statuses[304],
        "expected_alerts": expected.total(),
        "webhooks_received": sum(one.verified for one in receiver.received),
        "lost": (expected - received).total(),
        "unexpected": (received - expected).total(),
        "doubled": sum(count > 1 for count in ids_of.values()),
    }


def _expected(histories: tuple[History, ...]) -> Counter[tuple[int, str]]:
    """The alerts of the offline replay. Its clock runs as close as ours does, or it would forget what we remember."""
    order = [capture.at for _, capture in in_time_order(histories)]
    places = {at: place for place, at in enumerate(order)}
    begin = order[0]

    def compressed(at: datetime) -> datetime:
        return begin + timedelta(seconds=places[at])

    by_name = {(history.platform, history.document): history.place for history in histories}
    return Counter(
        (by_name[line.platform, line.document], line.text or "")
        for line in replay_offline(histories, clock_of=compressed)
        if line.alert
    )


def _table(outcome: Outcome) -> Table:
    table = Table(title="live replay")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, value in outcome.figures.items():
        table.add_row(name.replace("_", " "), f"{value:,}")
    for process, seconds in outcome.cpu_s.items():
        table.add_row(f"CPU s, {process}", f"{seconds:,}")
    return table

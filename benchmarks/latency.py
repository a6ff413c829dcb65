"""How soon a change on a site is a verified webhook at its receiver, through the whole embedded system.

    python -m benchmarks.latency [--changes 100]

One page of a site on this machine changes its notice period again and again; each time a check is asked for, the
confirming check follows at once (`confirm_after` 0), and the webhook is waited for. Printed are the 50th and 99th
percentile of the time from the confirming check's end to the webhook, and from the page's change to it.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from sqlalchemy import select
from sqlmodel import col

from services.cli.account import LOCAL_ACCOUNT, local_accounts
from services.cli.opening import Opened, open_installation
from services.cli.replay.system import SETTINGS, running_system
from services.cli.sample.platform import RunningSite
from services.cli.sample.receiver import SampleReceiver
from shared.db.sources import NewDocument, Sources
from shared.db.tables import CheckRow, HeadRow
from shared.domain.deliveries import Channel
from shared.domain.documents import Declaration, Part
from shared.domain.subscriptions import Subscription
from shared.logging import configure_logging
from shared.settings import load_settings
from tests.factories.policies import as_html, policy

_WITHIN_S = 60.0


class Page:
    """The watched page; `days` is the notice that it promises."""

    def __init__(self) -> None:
        self.days = 30

    def answer(self, _path: str, _etag: str | None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of a request."""
        return 200, {"Content-Type": "text/html; charset=utf-8"}, as_html(policy(notice=f"{self.days} days")).encode()


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--changes", type=int, default=100)
    options = parser.parse_args()
    configure_logging("ERROR", json=True, process="benchmark")
    print(f"load average {psutil.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="cw-latency-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        os.environ.update({**SETTINGS, "CLAUSEWATCH_DATA": str(data)})
        page, receiver = Page(), SampleReceiver()
        site = RunningSite(page.answer)
        try:
            with open_installation(load_settings()) as opened:
                document_id = _watch(opened, site.url, receiver)
                with running_system(data):
                    _until(lambda: _versions(opened) == 1, "the first version was not confirmed")
                    waits = [_one(opened, document_id, page, receiver) for _ in range(options.changes)]
        finally:
            site.close()
            receiver.close()
    for name, seconds in zip(("confirming check → webhook", "change → webhook"), zip(*waits, strict=True), strict=True):
        ordered = sorted(seconds)
        p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        print(f"{name:<28} p50 {p50:5.2f} s   p99 {p99:5.2f} s   of {len(ordered)}")


def _watch(opened: Opened, url: str, receiver: SampleReceiver) -> str:
    wanted = NewDocument(
        platform="Acme",
        type="Terms of Service",
        declaration=Declaration(parts=(Part(url=f"{url}/terms"),)),
        confirm_after_s=0,
        interval_s=21_600,
        check_every_s=21_600,
    )
    [(document_id, _)] = Sources(opened.database).watch([wanted], opened.clock.now())
    accounts = local_accounts(opened)
    hook = accounts.add_endpoint(LOCAL_ACCOUNT, Channel.WEBHOOK, receiver.url)
    receiver.secret = hook.secret or ""
    accounts.subscribe(LOCAL_ACCOUNT, Subscription(), [hook.endpoint.id])
    return document_id


def _one(opened: Opened, document_id: str, page: Page, receiver: SampleReceiver) -> tuple[float, float]:
    """Seconds from the confirming check's end, and from the change, to the webhook."""
    known, before = len(receiver.received), opened.clock.now()
    page.days += 1
    Sources(opened.database).make_due([document_id], before)
    _until(lambda: len(receiver.received) > known, f"the change to {page.days} days did not arrive")
    arrived = opened.clock.now()
    assert receiver.received[-1].verified
    confirmed = select(CheckRow).where(col(CheckRow.confirming).is_(True)).order_by(col(CheckRow.id).desc()).limit(1)
    with opened.database.reading() as session:
        check = session.scalars(confirmed).one()
    checked = check.at.timestamp() + check.duration_ms / 1000
    return arrived.timestamp() - checked, (arrived - before).total_seconds()


def _versions(opened: Opened) -> int:
    with opened.database.reading() as session:
        return session.scalar(select(col(HeadRow.sequence))) or 0


def _until(condition: Callable[[], bool], why: str) -> None:
    deadline = time.monotonic() + _WITHIN_S
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(why)
        time.sleep(0.005)


if __name__ == "__main__":
    main()

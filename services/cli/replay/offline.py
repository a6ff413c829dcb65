"""Replay through the differ's real handlers, on a throw-away database, with the clock at each capture's time.

A capture stands until the next, so each is fed twice: the second time is its confirmation.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from services.cli.replay.histories import History, RecordedCapture, in_time_order
from services.differ.worker import make_drain
from shared.archive import Archive, open_archive
from shared.clock import ManualClock
from shared.db.fetcher.records import Records
from shared.db.fetcher.values import CheckRecord, NewCapture, Planned, StoredPart
from shared.db.migrate import upgrade
from shared.db.session import Database
from shared.db.sources import NewDocument, Sources
from shared.db.tables import ChangeRow, JudgementRow, ScheduleRow, VersionRow
from shared.domain.documents import Declaration, Part
from shared.ids import new_id
from shared.settings import Settings

_TOKEN = "replay"  # noqa: S105  a lease token, no secret


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one capture. `text` is the new version's text, by which runs are held against one another.

    A line of JSON has neither that nor `severity` and `headline`, which are for people.
    """

    platform: str
    document: str
    at: datetime
    file: str
    outcome: str
    alert: bool
    change: str | None
    text: str | None
    severity: str | None = None
    headline: str | None = None

    def to_json(self) -> dict[str, Any]:
        line = asdict(self) | {"at": self.at.isoformat().replace("+00:00", "Z")}
        return {name: value for name, value in line.items() if name not in {"text", "severity", "headline"}}


def replay_offline(
    histories: tuple[History, ...], *, clock_of: Callable[[datetime], datetime] = lambda at: at
) -> Iterator[Line]:
    """Feed every capture twice, in time order, and yield a line for each. `clock_of` maps a capture's time to ours."""
    with tempfile.TemporaryDirectory(prefix="clausewatch-replay-") as folder:
        run = _Run(Path(folder), histories)
        try:
            for history, capture in in_time_order(histories):
                yield run.feed(history, capture, clock_of(capture.at))
        finally:
            run.close()


class _Run:
    def __init__(self, folder: Path, histories: tuple[History, ...]) -> None:
        settings = Settings(data=folder)
        upgrade(settings.sqlalchemy_url)
        self._database = Database(settings.sqlalchemy_url)
        self._archive: Archive = open_archive(settings.archive_location)
        self._clock = ManualClock(min(capture.at for history in histories for capture in history.captures))
        self._drain = make_drain(self._database, self._archive, self._clock, settings)
        self._records = Records(self._database)
        wanted = [_new_document(history) for history in histories]
        watched = Sources(self._database).watch(wanted, self._clock.now())
        self._ids = {history.place: document_id for history, (document_id, _) in zip(histories, watched, strict=True)}

    def feed(self, history: History, capture: RecordedCapture, at: datetime) -> Line:
        self._clock.at = at
        document_id = self._ids[history.place]
        part = _part(history, capture, self._archive.put(capture.path.read_bytes()), at)
        for confirming in (False, True):
            snapshot_id = new_id("snp")
            self._record(document_id, NewCapture(snapshot_id, part.sha256, at, "replay", (part,)), confirming)
            self._drain.drain(document_id)
        return self._line(history, capture, snapshot_id)

    def close(self) -> None:
        self._database.close()

    def _record(self, document_id: str, capture: NewCapture, confirming: bool) -> None:
        with self._database.transaction() as session:
            mine = col(ScheduleRow.document_id) == document_id
            session.execute(update(ScheduleRow).where(mine).values(lease_token=_TOKEN))
        record = CheckRecord(
            document_id=document_id,
            at=capture.captured_at,
            outcome="captured",
            duration_ms=0,
            correlation_id=new_id("cor"),
            planned=Planned(None, 0, None, 0, None),
            confirming=confirming,
            capture=capture,
        )
        self._records.record(record, _TOKEN)

    def _line(self, history: History, capture: RecordedCapture, snapshot_id: str) -> Line:
        with self._database.reading() as session:
            judgement = session.get_one(JudgementRow, snapshot_id)
            change = None
            if judgement.version_id:
                change = session.scalars(
                    select(ChangeRow).where(col(ChangeRow.version_id) == judgement.version_id)
                ).one_or_none()
            version = session.get(VersionRow, judgement.version_id) if judgement.version_id else None
        return Line(
            platform=history.platform,
            document=history.document,
            at=capture.at,
            file=capture.file,
            outcome=change.report["outcome"] if change else _without_change(judgement.outcome),
            alert=bool(change and change.alert),
            change=change.id if change else None,
            text=version.text_sha256 if version else None,
            severity=change.severity if change else None,
            headline=change.headline if change else None,
        )


def _without_change(outcome: str) -> str:
    """A judgement in the report's words: the first version and what led to no version changed nothing."""
    return "unusable" if outcome == "unusable" else "unchanged"


def _new_document(history: History) -> NewDocument:
    part = Part(url=f"http://{history.host}{history.path}")
    return NewDocument(
        platform=history.platform,
        type=history.document,
        declaration=Declaration(parts=(part,)),
        confirm_after_s=600,
        interval_s=3600,
    )


def _part(history: History, capture: RecordedCapture, sha256: str, at: datetime) -> StoredPart:
    url = f"http://{history.host}{history.path}"
    return StoredPart(
        url=url,
        final_url=url,
        status=200,
        redirects=(),
        request_headers=(),
        headers=(("content-type", capture.media_type),),
        media_type=capture.media_type,
        charset=None,
        sha256=sha256,
        size=capture.path.stat().st_size,
        started_at=at,
        finished_at=at,
    )

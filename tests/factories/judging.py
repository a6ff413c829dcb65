"""A document under judgement: captures are fed as the fetcher records them, and drained by the real differ."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlmodel import SQLModel, col

from services.differ.handlers.drain import Drain
from services.differ.worker import make_drain
from shared.archive import open_archive
from shared.clock import ManualClock
from shared.db.fetcher.records import Records
from shared.db.fetcher.values import CheckRecord, NewCapture, Planned, StoredPart
from shared.db.session import Database
from shared.db.sources import NewDocument, Sources
from shared.db.tables import ChangeRow, ConditionRow, HeadRow, JudgementRow, OutboxRow, ScheduleRow, VersionRow
from shared.domain.documents import Declaration, Part
from shared.ids import new_id
from shared.settings import Settings

START = datetime(2026, 4, 1, 9, tzinfo=UTC)
_TOKEN = "feed"


class Bench:
    """One watched document, its clock, and the differ that judges it."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        *,
        confirm_after_s: float = 600,
        kind: str = "Terms of Service",
        platform: str = "Acme",
        url: str = "https://acme.example/terms",
        clock: ManualClock | None = None,
    ) -> None:
        self.database = database
        self.clock = clock or ManualClock(START)
        self.archive = open_archive(str(folder / "archive"))
        self.settings = Settings(data=folder)
        self.records = Records(database)
        self._url = url
        wanted = NewDocument(
            platform=platform,
            type=kind,
            declaration=Declaration(parts=(Part(url=url),)),
            confirm_after_s=confirm_after_s,
            interval_s=3600,
        )
        [(self.document_id, _)] = Sources(database).watch([wanted], self.clock.now())
        self.drain = self.differ()

    def differ(self) -> Drain:
        """A differ of its own, as another worker would have."""
        return make_drain(self.database, self.archive, self.clock, self.settings)

    def record(self, *bodies: bytes | str, confirming: bool = False) -> str:
        """Record a snapshot (a part for each body) without judging it; its id."""
        parts = tuple(self._part(body) for body in bodies)
        snapshot = NewCapture(new_id("snp"), _joined(parts), self.clock.now(), "test", parts)
        with self.database.transaction() as session:
            mine = col(ScheduleRow.document_id) == self.document_id
            session.execute(update(ScheduleRow).where(mine).values(lease_token=_TOKEN))
        check = CheckRecord(
            document_id=self.document_id,
            at=self.clock.now(),
            outcome="captured",
            duration_ms=1,
            correlation_id=new_id("cor"),
            planned=Planned(None, 3600, None, 0, None),
            confirming=confirming,
            capture=snapshot,
        )
        self.records.record(check, _TOKEN)
        return snapshot.id

    def look(self, body: bytes | str, *, after: timedelta = timedelta(minutes=10), confirming: bool = False) -> str:
        """Let time pass, capture, and judge; what the snapshot was judged to be."""
        self.clock.advance(after)
        snapshot_id = self.record(body, confirming=confirming)
        self.drain.drain(self.document_id)
        return self.judgement(snapshot_id).outcome

    def confirm(self, body: bytes | str) -> str:
        """Two looks at the same text; what the second was judged to be."""
        self.look(body)
        return self.look(body, confirming=True)

    def judgement(self, snapshot_id: str) -> JudgementRow:
        with self.database.reading() as session:
            return session.get_one(JudgementRow, snapshot_id)

    def rows(self, table: type[SQLModel]) -> list[Any]:
        """Those of this document, where the table tells documents apart."""
        with self.database.reading() as session:
            rows = session.scalars(select(table))
            return [row for row in rows if getattr(row, "document_id", self.document_id) == self.document_id]

    @property
    def versions(self) -> list[VersionRow]:
        return sorted(self.rows(VersionRow), key=lambda version: version.sequence)

    @property
    def changes(self) -> list[ChangeRow]:
        return sorted(self.rows(ChangeRow), key=lambda change: change.sequence)

    @property
    def conditions(self) -> list[ConditionRow]:
        return self.rows(ConditionRow)

    @property
    def head(self) -> HeadRow:
        [head] = self.rows(HeadRow)
        assert isinstance(head, HeadRow)
        return head

    def events(self, name: str) -> list[dict[str, Any]]:
        payloads = [row.payload for row in self.rows(OutboxRow) if row.name == name]
        return [payload for payload in payloads if payload["document_id"] == self.document_id]

    @property
    def confirm_at(self) -> datetime | None:
        [schedule] = self.rows(ScheduleRow)
        at: datetime | None = schedule.confirm_at
        return at

    def _part(self, body: bytes | str) -> StoredPart:
        data = body.encode() if isinstance(body, str) else body
        return StoredPart(
            url=self._url,
            final_url=self._url,
            status=200,
            redirects=(),
            request_headers=(),
            headers=(("content-type", "text/html"),),
            media_type="text/html",
            charset="utf-8",
            sha256=self.archive.put(data),
            size=len(data),
            started_at=self.clock.now(),
            finished_at=self.clock.now(),
        )


def _joined(parts: tuple[StoredPart, ...]) -> str:
    return parts[0].sha256 if len(parts) == 1 else new_id("sha")


CLAUSES = (
    "These terms are a contract between you and Acme Ltd. By using the service you agree to them.",
    "You must be at least 13 years old to use the service, and you may not share your account with anyone else.",
    "We may suspend or end your account with 30 days' notice if you break these terms in a serious way.",
    "You keep all rights in what you upload. You grant us a licence to store and to show it for you.",
    "Our liability is limited to the amount that you paid us in the twelve months before the claim.",
    "We may change these terms. We will tell you about material changes at least 30 days before they take effect.",
    "These terms are governed by the laws of Ireland, and the courts of Dublin have jurisdiction.",
)


def terms(*edits: tuple[str, str], noise: str = "") -> str:
    """A page of terms, edited by replacing words; `noise` stands in its navigation and footer."""
    text = "".join(f"<h2>{n}. Clause</h2><p>{clause}</p>" for n, clause in enumerate(CLAUSES, start=1))
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return (
        f"<html lang=en><head><title>Terms of Service | Acme</title></head><body><nav><a href=/>Home {noise}</a></nav>"
        f"<main><h1>Terms of Service</h1>{text}</main><footer>© Acme {noise}</footer></body></html>"
    )


ERROR_PAGE = (
    "<html><title>Acme</title><body><main><h1>Something went wrong</h1><p>Please try again later.</p></main></body>"
)

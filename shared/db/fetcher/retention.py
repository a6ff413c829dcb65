"""Which stored bodies nobody needs any more. Hashes, headers and times of a snapshot stay for ever."""

from collections.abc import Collection, Sequence

from sqlalchemy import select, update
from sqlmodel import col

from shared.db.fetcher.values import HeldCapture
from shared.db.session import Database
from shared.db.tables import HeadRow, JudgementRow, SnapshotPartRow, SnapshotRow, VersionRow


class Holdings:
    """What the archive is kept for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def documents(self, after: str, limit: int) -> list[str]:
        """Ids of documents that have stored bodies, in order, from behind an id."""
        statement = (
            select(col(SnapshotRow.document_id))
            .where(col(SnapshotRow.document_id) > after, col(SnapshotRow.bytes_kept))
            .distinct()
            .order_by(col(SnapshotRow.document_id))
            .limit(limit)
        )
        with self._database.reading() as session:
            return list(session.scalars(statement))

    def captures(self, document_id: str) -> list[HeldCapture]:
        """A document's judged snapshots with stored bodies, in capture order."""
        statement = (
            select(
                col(SnapshotRow.id),
                col(SnapshotRow.captured_at),
                col(JudgementRow.text_sha256),
                col(JudgementRow.outcome),
            )
            .join(JudgementRow, col(JudgementRow.snapshot_id) == col(SnapshotRow.id))
            .where(col(SnapshotRow.document_id) == document_id, col(SnapshotRow.bytes_kept))
            .order_by(col(SnapshotRow.ordinal))
        )
        with self._database.reading() as session:
            head = session.get(HeadRow, document_id)
            versions = session.scalars(select(VersionRow).where(col(VersionRow.document_id) == document_id)).all()
            rows = session.execute(statement).all()
        begins = {version.snapshot_id for version in versions}
        pinned = {version.confirmed_by for version in versions} | {head.candidate_snapshot_id if head else None}
        texts = {version.text_sha256 for version in versions}
        return [
            HeldCapture(
                id=snapshot_id,
                captured_at=captured_at,
                text=text,
                unusable=outcome == "unusable",
                begins_version=snapshot_id in begins,
                shows_version=text in texts,
                pinned=snapshot_id in pinned,
            )
            for snapshot_id, captured_at, text, outcome in rows
        ]

    def let_go(self, snapshot_ids: Collection[str]) -> list[str]:
        """Record that these snapshots' bodies are kept no longer; the hashes of those bodies."""
        with self._database.transaction() as session:
            session.execute(
                update(SnapshotRow)
                .where(col(SnapshotRow.id).in_(snapshot_ids))
                .values(bytes_kept=False)
                .execution_options(synchronize_session=False)
            )
            parts = select(col(SnapshotPartRow.sha256)).where(col(SnapshotPartRow.snapshot_id).in_(snapshot_ids))
            return list(session.scalars(parts.distinct()))

    def needed(self, hashes: Sequence[str]) -> set[str]:
        """Those of the bodies that some snapshot still needs."""
        statement = (
            select(col(SnapshotPartRow.sha256))
            .join(SnapshotRow, col(SnapshotRow.id) == col(SnapshotPartRow.snapshot_id))
            .where(col(SnapshotPartRow.sha256).in_(hashes), col(SnapshotRow.bytes_kept))
            .distinct()
        )
        with self._database.reading() as session:
            return set(session.scalars(statement))

"""What the documents of a platform share and is no policy: learned from their heads, kept with a version."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from shared.db.judging import StoredChrome
from shared.db.session import Database
from shared.db.tables import ChromeBlockRow, DocumentRow, HeadRow, PlatformRow, VersionRow
from shared.db.upsert import insert_missing


def chrome_of(session: Session, platform_id: str) -> StoredChrome:
    """A platform's chrome set as it is now."""
    rows = session.execute(
        select(col(ChromeBlockRow.version), col(ChromeBlockRow.hash), col(ChromeBlockRow.dropped_at)).where(
            col(ChromeBlockRow.platform_id) == platform_id
        )
    ).all()
    if not rows:
        return StoredChrome()
    return StoredChrome(max(row.version for row in rows), frozenset(row.hash for row in rows if not row.dropped_at))


class ChromeStore:
    """Reads what there is to learn from, and keeps what was learned."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def edges_of_heads(self, platform_id: str) -> list[tuple[tuple[str, str], ...]]:
        """For each different text among the heads of a platform: (hash, text) of the blocks at its ends."""
        statement = (
            select(col(VersionRow.text_sha256), col(VersionRow.edges))
            .join(HeadRow, col(HeadRow.version_id) == col(VersionRow.id))
            .join(DocumentRow, col(DocumentRow.id) == col(HeadRow.document_id))
            .where(col(DocumentRow.platform_id) == platform_id)
        )
        with self._database.reading() as session:
            edges = {text: edges for text, edges in session.execute(statement) if edges}
        return [tuple((value, text) for value, text in blocks) for blocks in edges.values()]

    def learn(self, platform_id: str, blocks: Iterable[tuple[str, str]], now: datetime) -> int:
        """Add (hash, text) of blocks to a platform's set, as its next version; how many were new to it."""
        with self._database.transaction() as session:
            newest = select(func.max(col(ChromeBlockRow.version))).where(col(ChromeBlockRow.platform_id) == platform_id)
            version = (session.scalar(newest) or 0) + 1
            return sum(
                insert_missing(
                    session,
                    ChromeBlockRow,
                    {"platform_id": platform_id, "hash": value, "version": version, "text": text, "learned_at": now},
                )
                for value, text in blocks
            )

    def learned(self, platform_slug: str | None = None) -> list[tuple[str, str, datetime]]:
        """(platform, text, when) of every block that is left out today, of one platform or of all."""
        statement = (
            select(col(PlatformRow.slug), col(ChromeBlockRow.text), col(ChromeBlockRow.learned_at))
            .join(PlatformRow, col(PlatformRow.id) == col(ChromeBlockRow.platform_id))
            .where(col(ChromeBlockRow.dropped_at).is_(None))
            .order_by(col(PlatformRow.slug), col(ChromeBlockRow.learned_at), col(ChromeBlockRow.hash))
        )
        if platform_slug is not None:
            statement = statement.where(col(PlatformRow.slug) == platform_slug)
        with self._database.reading() as session:
            return [(slug, text, at) for slug, text, at in session.execute(statement)]

    def drop(self, platform_slug: str, now: datetime) -> int:
        """Read again, from now on, all that was learned of a platform, and never learn it again; how many blocks."""
        platform = select(col(PlatformRow.id)).where(col(PlatformRow.slug) == platform_slug).scalar_subquery()
        learned = update(ChromeBlockRow).where(
            col(ChromeBlockRow.platform_id) == platform, col(ChromeBlockRow.dropped_at).is_(None)
        )
        with self._database.transaction() as session:
            return len(session.execute(learned.values(dropped_at=now).returning(col(ChromeBlockRow.hash))).all())

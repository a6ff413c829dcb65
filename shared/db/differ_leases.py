"""Whose turn it is to judge a document: one row each, held for a short while and renewed."""

from datetime import datetime

from sqlalchemy import delete, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from shared.db.session import Database
from shared.db.tables import DrainLeaseRow, SnapshotRow
from shared.logging import get_logger

log = get_logger()


class DrainLeases:
    """Leases on documents, each known by its holder's token."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, document_id: str) -> bool:
        """Whether the document has a snapshot that nobody has judged."""
        unjudged = select(literal(1)).where(
            col(SnapshotRow.document_id) == document_id, col(SnapshotRow.judged).is_(False)
        )
        with self._database.reading() as session:
            return session.execute(unjudged.limit(1)).first() is not None

    def take(self, document_id: str, token: str, now: datetime, until: datetime) -> bool:
        """Take the lease where nobody holds it or its time is up; whether it was taken."""
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        mine = {"token": token, "until": until}
        statement = (
            insert(DrainLeaseRow)
            .values(document_id=document_id, **mine)
            .on_conflict_do_update(index_elements=["document_id"], set_=mine, where=col(DrainLeaseRow.until) <= now)
            .returning(literal(1))
        )
        with self._database.transaction() as session:
            return session.execute(statement).first() is not None

    def renew(self, document_id: str, token: str, until: datetime) -> None:
        """Hold a lease for longer, where it is still the token's."""
        mine = update(DrainLeaseRow).where(
            col(DrainLeaseRow.document_id) == document_id, col(DrainLeaseRow.token) == token
        )
        try:
            with self._database.transaction() as session:
                session.execute(mine.values(until=until))
        except OperationalError as error:  # a lease that lapses costs double work; the head's revision is the fence
            log.warning("lease.not_renewed", document_id=document_id, error=str(error).splitlines()[0])

    def release(self, document_id: str, token: str) -> None:
        """Let the next one in."""
        mine = (col(DrainLeaseRow.document_id) == document_id) & (col(DrainLeaseRow.token) == token)
        with self._database.transaction() as session:
            session.execute(delete(DrainLeaseRow).where(mine))

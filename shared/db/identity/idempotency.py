"""What requests with an Idempotency-Key were answered, so that one sent again is not done again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, update
from sqlmodel import col

from shared.db.session import Database
from shared.db.tables import IdempotencyRow
from shared.db.upsert import insert_missing
from shared.secrets import SecretBox


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it was given. `body` is text."""

    status: int
    media_type: str | None
    body: str
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """The request that took a key. Without an answer it is under way, or was never finished."""

    request_sha256: str
    began_at: datetime
    answer: KeptAnswer | None


class IdempotencyKeys:
    """Takes keys and keeps answers. Some answers hold a secret that is shown once, so all of them are sealed."""

    def __init__(self, database: Database, box: SecretBox) -> None:
        self._database, self._box = database, box

    def begin(self, account_id: str, key: str, request_sha256: str, now: datetime) -> Earlier | None:
        """Take a key for a request: None where it is ours, else the request that took it before.

        Of two at once one takes it. Unsealable where the answer was sealed with a key that is no longer named.
        """
        values = {"account_id": account_id, "key": key, "request_sha256": request_sha256, "created_at": now}
        with self._database.transaction() as session:
            while not insert_missing(session, IdempotencyRow, values):
                row = session.get(IdempotencyRow, (account_id, key))
                if row is not None:
                    return Earlier(row.request_sha256, row.created_at, self._answer(row))
            return None

    def finish(self, account_id: str, key: str, answer: KeptAnswer) -> None:
        """Keep what the request that took the key was answered."""
        sealed = self._box.seal(answer.body).encode()
        values = {"status": answer.status, "media_type": answer.media_type, "body": sealed, "location": answer.location}
        with self._database.transaction() as session:
            session.execute(update(IdempotencyRow).where(*_one(account_id, key)).values(**values))

    def release(self, account_id: str, key: str) -> None:
        """Give the key back: nothing was done under it."""
        with self._database.transaction() as session:
            session.execute(delete(IdempotencyRow).where(*_one(account_id, key)))

    def _answer(self, row: IdempotencyRow) -> KeptAnswer | None:
        if row.status is None or row.body is None:
            return None
        return KeptAnswer(row.status, row.media_type, self._box.open(row.body.decode()), row.location)


def forget_keys(database: Database, before: datetime) -> int:
    """Forget keys that were taken before then, with their answers or without; how many."""
    with database.transaction() as session:
        gone = session.execute(delete(IdempotencyRow).where(col(IdempotencyRow.created_at) < before))
        return int(gone.rowcount)  # type: ignore[attr-defined]


def _one(account_id: str, key: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(IdempotencyRow.account_id) == account_id, col(IdempotencyRow.key) == key

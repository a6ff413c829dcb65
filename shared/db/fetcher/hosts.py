"""Host slots: never two requests at once to one host, across all workers. The rows are the truth, and expire."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, Row, and_, bindparam, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col

from shared.db.fetcher.values import KeptRobots, LeaseLost, Slot
from shared.db.session import Database
from shared.db.tables import HostRow, ScheduleRow
from shared.db.tables.columns import UtcDateTime
from shared.ids import new_id

NOW = bindparam("now", type_=UtcDateTime())
"""Statements are built once, since building one takes longer than running it; each run binds its own `now`."""

SLOT_IS_FREE = and_(
    or_(col(HostRow.slot_until).is_(None), col(HostRow.slot_until) <= NOW), col(HostRow.next_allowed_at) <= NOW
)
"""That nobody holds the host's slot, and that its delay is over."""

_HOSTS = SQLModel.metadata.tables["hosts"]


def _take(insert: Any) -> Executable:
    statement = insert(_HOSTS).values(
        host=bindparam("host"), next_allowed_at=NOW, slot_until=bindparam("until"), slot_token=bindparam("token")
    )
    taken = {"slot_until": statement.excluded.slot_until, "slot_token": statement.excluded.slot_token}
    found: Executable = statement.on_conflict_do_update(
        index_elements=["host"], set_=taken, where=SLOT_IS_FREE
    ).returning(_HOSTS)
    return found


_TAKE = {"sqlite": _take(sqlite.insert), "postgresql": _take(postgresql.insert)}

_FREE_SLOT = (
    update(_HOSTS)
    .where(col(HostRow.host) == bindparam("of_host"), col(HostRow.slot_token) == bindparam("of_token"))
    .values(slot_until=None, slot_token=None, next_allowed_at=bindparam("next_allowed_at", type_=UtcDateTime()))
)
_FREE_LEASES = (
    update(SQLModel.metadata.tables["schedules"])
    .where(col(ScheduleRow.host) == bindparam("of_host"), col(ScheduleRow.lease_token) == bindparam("of_token"))
    .values(lease_until=None, lease_token=None)
)


def take_slot(session: Session, host: str, now: datetime, lease: timedelta, token: str) -> Slot | None:
    """Take a host's slot in one statement, under a fresh fencing token; None where it is held or must rest."""
    parameters = {"host": host, "now": now, "until": now + lease, "token": token}
    connection = session.connection()
    row = connection.execute(_TAKE[connection.dialect.name], parameters).one_or_none()
    return None if row is None else Slot(host, token, now + lease, row.next_allowed_at, _robots(row))


def _robots(row: Row[Any]) -> KeptRobots | None:
    if row.robots_authority is None or row.robots_expires_at is None:
        return None
    return KeptRobots(row.robots_authority, row.robots_status, row.robots_text, row.robots_expires_at)


class HostSlots:
    """The slots that a check takes, keeps and gives back beside its claim."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, host: str, now: datetime, lease: timedelta) -> Slot | None:
        """The slot of another host (a redirect, a part elsewhere), or None where it is not to be had now."""
        with self._database.transaction() as session:
            return take_slot(session, host, now, lease, new_id("slt"))

    def renew(self, slot: Slot, until: datetime) -> None:
        """Hold a slot longer; LeaseLost where it has expired and gone to another worker."""
        with self._database.transaction() as session:
            self._update(session, slot, {"slot_until": until})

    def keep_robots(self, slot: Slot, robots: KeptRobots) -> None:
        """Store what robots.txt said; LeaseLost where the slot has gone to another worker."""
        values = {
            "robots_authority": robots.authority,
            "robots_status": robots.status,
            "robots_text": robots.text,
            "robots_expires_at": robots.expires_at,
        }
        with self._database.transaction() as session:
            self._update(session, slot, values)

    def release(self, slots: Sequence[tuple[Slot, datetime]]) -> None:
        """Give slots back, each with its next allowed time, and the document leases taken with them.

        What has gone to another worker in the meantime is left alone.
        """
        with self._database.transaction() as session:
            connection = session.connection()
            for slot, next_allowed_at in sorted(slots, key=lambda pair: pair[0].host):
                mine = {"of_host": slot.host, "of_token": slot.token}
                connection.execute(_FREE_LEASES, mine)
                connection.execute(_FREE_SLOT, {**mine, "next_allowed_at": next_allowed_at})

    def _update(self, session: Session, slot: Slot, values: dict[str, Any]) -> None:
        mine = update(HostRow).where(col(HostRow.host) == slot.host, col(HostRow.slot_token) == slot.token)
        changed = session.execute(mine.values(**values).execution_options(synchronize_session=False))
        if changed.rowcount != 1:  # type: ignore[attr-defined]
            raise LeaseLost(slot.host)

"""What plans hold back is counted in the transaction that holds it back, by account and week."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from shared.db.tables import HeldBackRow


def week_of(at: datetime) -> date:
    """The Monday of a moment's week, by UTC."""
    day = at.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def count_held_back(session: Session, counts: Mapping[tuple[str, str], int], platform: str, now: datetime) -> None:
    """Add deliveries by account and reason; in one order, so that two tellings never wait for each other."""
    if not counts:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(HeldBackRow)
    added = statement.on_conflict_do_update(
        index_elements=["account_id", "week", "reason", "platform"],
        set_={"count": HeldBackRow.__table__.c.count + statement.excluded["count"]},  # type: ignore[attr-defined]
    )
    about = {"week": week_of(now), "platform": platform}
    rows = [
        {"account_id": account_id, "reason": reason, "count": count, **about}
        for (account_id, reason), count in sorted(counts.items())
    ]
    session.connection().execute(added, rows)

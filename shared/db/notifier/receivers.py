"""What an endpoint's reader may do by a link in a message: end, confirm, and change what the endpoint is told."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col

from shared.db.notifier.suppressions import lift
from shared.db.session import Database
from shared.db.tables import DeliveryRow, EndpointRow
from shared.domain.deliveries import DeliveryState, EndpointState, Reason

UNSUBSCRIBED = "unsubscribed"
"""Why an endpoint is disabled whose reader wants no more."""


class Receivers:
    """Reads and writes one endpoint; whose it is was proven by the link."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def endpoint(self, endpoint_id: str) -> EndpointRow | None:
        """The endpoint; None where there is none of that id."""
        with self._database.reading() as session:
            return session.get(EndpointRow, endpoint_id)

    def unsubscribe(self, endpoint_id: str) -> bool:
        """Tell the endpoint nothing more, until its owner enables it again; False for an unknown id."""
        removed = col(EndpointRow.state) == EndpointState.REMOVED.value
        mine = update(EndpointRow).where(col(EndpointRow.id) == endpoint_id, ~removed)
        with self._database.transaction() as session:
            done = session.execute(mine.values(state=EndpointState.DISABLED.value, reason=UNSUBSCRIBED))
            return bool(done.rowcount)  # type: ignore[attr-defined]

    def confirm(self, endpoint_id: str, now: datetime) -> bool:
        """Let an unconfirmed endpoint be told, and let go what waited for it; whether it may be told now.

        It lifts whatever kept mail from the address, and does not bring back what was unsubscribed, paused or disabled.
        """
        unconfirmed = col(EndpointRow.id) == endpoint_id, col(EndpointRow.state) == EndpointState.UNCONFIRMED.value
        waiting = (
            col(DeliveryRow.endpoint_id) == endpoint_id,
            col(DeliveryRow.state) == DeliveryState.HELD.value,
            col(DeliveryRow.reason).in_([Reason.ENDPOINT_UNCONFIRMED.value, Reason.SUPPRESSED.value]),
        )
        with self._database.transaction() as session:
            confirmed = session.execute(
                update(EndpointRow).where(*unconfirmed).values(state=EndpointState.ACTIVE.value, reason=None)
            )
            if confirmed.rowcount:  # type: ignore[attr-defined]
                lift(session, endpoint_id, by_reader=True)
                values = {"state": DeliveryState.PENDING.value, "reason": None, "due_at": now}
                session.execute(update(DeliveryRow).where(*waiting).values(**values))
            endpoint = session.get(EndpointRow, endpoint_id)
            return endpoint is not None and endpoint.state == EndpointState.ACTIVE.value

"""Signing secrets in rotation: the old one stays beside the new one until its time is over."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col

from shared.db.session import Database
from shared.db.tables import EndpointRow
from shared.domain.deliveries import Channel


class EndpointSecrets:
    """Writes the sealed secrets of endpoints."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rotate(self, account_id: str, endpoint_id: str, sealed: str, old_until: datetime, now: datetime) -> bool:
        """Put a new secret first and let the present one sign until `old_until`; whether there was one to replace.

        A secret that was being rotated out already stops signing at once: there are never more than two.
        """
        lasts = old_until > now
        replaced = (
            update(EndpointRow)
            .where(
                col(EndpointRow.id) == endpoint_id,
                col(EndpointRow.account_id) == account_id,
                col(EndpointRow.kind) == Channel.WEBHOOK.value,
                col(EndpointRow.secret).is_not(None),
            )
            .values(
                old_secret=col(EndpointRow.secret) if lasts else None,
                old_secret_until=old_until if lasts else None,
                secret=sealed,
            )
        )
        with self._database.transaction() as session:
            return bool(session.execute(replaced).rowcount)  # type: ignore[attr-defined]

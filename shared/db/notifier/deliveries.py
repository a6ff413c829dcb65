"""What goes out: claims with a lease and a token, frozen bodies, and attempts recorded under that token."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, bindparam, case, func, or_, select, text, update
from sqlmodel import Session, col

from shared.db.notifier.bulk import insert_missing_many
from shared.db.notifier.claims import admitted, claim_of
from shared.db.notifier.digests import give_up_items, settle_digests
from shared.db.notifier.due_rows import Due, read_due
from shared.db.notifier.incidents import settle_endpoints
from shared.db.notifier.mail_events import reconcile_reported
from shared.db.notifier.records import Claim, Result
from shared.db.notifier.suppressions import settle_suppressions
from shared.db.session import Database
from shared.db.tables import AttemptRow, BodyRow, DeliveryRow
from shared.db.tables.notifier import DUE_STATES
from shared.domain.deliveries import (
    INTERRUPTIONS_ALLOWED,
    INTERRUPTIONS_DOUBTED,
    Channel,
    DeliveryState,
    Reason,
)
from shared.ids import new_id

_FINAL = frozenset({DeliveryState.DELIVERED, DeliveryState.DEAD})
_LOOKED_AT = 8
"""Due deliveries looked at for each one claimed, so that one endpoint's backlog does not fill a claim."""
_INTERRUPTIONS = col(DeliveryRow.claims) - col(DeliveryRow.attempts)


class DeliveryStore:
    """The truth about deliveries. Every write after a claim holds only for whoever still has the claim's token."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(
        self,
        now: datetime,
        *,
        lease: timedelta,
        limit: int,
        per_endpoint: int,
        channels: Collection[Channel],
        busy: Collection[str] = (),
        doubted: int = 1,
    ) -> list[Claim]:
        """Take what is due, the longest due first, at most `per_endpoint` of one endpoint and none of a busy one.

        At most `doubted` of them may be such that their workers died too often: 0 while the caller has one in hand.

        Endpoints that may not be told, channels that this installation lacks, quotas, and deliveries that keep killing
        their worker are settled here, with their reason, and not returned.
        """
        while True:
            with self._database.transaction() as session:
                ids = session.scalars(self._due_ids(now, limit, per_endpoint, busy, doubted)).all()
                granted, settled = admitted(session, read_due(session, ids), channels, now)
                for (state, reason, cadence), turned_away in settled.items():
                    _settle(session, turned_away, state, reason, cadence, now)
                    if state is DeliveryState.DEAD:
                        give_up_items(session, turned_away)
                claims = _take(session, granted, now, lease)
            if claims or not ids:
                return claims

    def bodies(self, hashes: Collection[str]) -> dict[str, bytes]:
        """Frozen bodies by their SHA-256."""
        statement = select(col(BodyRow.sha256), col(BodyRow.body)).where(col(BodyRow.sha256).in_(hashes))
        with self._database.reading() as session:
            return dict(session.execute(statement).all())

    def freeze(self, bodies: Mapping[str, bytes], uses: Mapping[str, Sequence[Claim]]) -> None:
        """Store bodies by hash, and which deliveries say them; one that says something already is left alone."""
        with self._database.transaction() as session:
            insert_missing_many(
                session, BodyRow, [{"sha256": sha256, "body": body} for sha256, body in sorted(bodies.items())]
            )
            for sha256, claims in uses.items():
                session.execute(
                    update(DeliveryRow)
                    .where(
                        col(DeliveryRow.id).in_([claim.delivery_id for claim in claims]),
                        col(DeliveryRow.lease_token).in_({claim.token for claim in claims}),
                        col(DeliveryRow.body_sha256).is_(None),
                    )
                    .values(body_sha256=sha256)
                )

    def record(self, results: Sequence[Result], now: datetime) -> list[Result]:
        """Write attempts, standings and what they mean for endpoints; the results whose claim was still held."""
        with self._database.transaction() as session:
            held = self._still_held(session, [result.claim for result in results])
            kept = [result for result in results if result.claim.delivery_id in held]
            insert_missing_many(session, AttemptRow, [_attempt(result) for result in kept])
            if kept:
                session.connection().execute(_RECORD, [_standing(result) for result in kept])
            settle_endpoints(session, kept, now)
            settle_suppressions(session, kept, now)
            settle_digests(session, kept, now)
            uncertain = [one.claim.delivery_id for one in kept if one.standing.state is DeliveryState.AMBIGUOUS]
            if uncertain:
                reconcile_reported(session, uncertain, now)
            return kept

    def release(self, claims: Sequence[Claim], now: datetime) -> None:
        """Give back claims that were never tried: due at once, for anybody."""
        with self._database.transaction() as session:
            held = self._still_held(session, claims)
            before = case(
                (col(DeliveryRow.attempts) == 0, DeliveryState.PENDING.value), else_=DeliveryState.FAILED.value
            )
            session.execute(
                update(DeliveryRow)
                .where(col(DeliveryRow.id).in_(held))
                .values(state=before, due_at=now, lease_token=None, claims=col(DeliveryRow.claims) - 1),
                execution_options={"synchronize_session": False},
            )

    def due(self, now: datetime) -> tuple[int, datetime | None]:
        """How many deliveries wait for a worker, and since when the oldest does."""
        statement = select(func.count(), func.min(col(DeliveryRow.due_at))).where(
            text(DUE_STATES), col(DeliveryRow.due_at) <= now
        )
        with self._database.reading() as session:
            count, oldest = session.execute(statement).one()
        return count, oldest

    def _due_ids(
        self, now: datetime, limit: int, per_endpoint: int, busy: Collection[str], doubted: int
    ) -> Select[str]:
        is_doubted = case((_INTERRUPTIONS.between(INTERRUPTIONS_DOUBTED, INTERRUPTIONS_ALLOWED - 1), 1), else_=0)
        looked_at = (
            select(
                col(DeliveryRow.id),
                col(DeliveryRow.endpoint_id),
                col(DeliveryRow.due_at),
                is_doubted.label("is_doubted"),
            )
            .where(text(DUE_STATES), col(DeliveryRow.due_at) <= now, col(DeliveryRow.endpoint_id).not_in(busy))
            .order_by(col(DeliveryRow.due_at))
            .limit(limit * _LOOKED_AT)
        )
        longest = (looked_at if doubted else looked_at.where(is_doubted == 0)).subquery()
        turn = func.row_number().over(partition_by=longest.c.endpoint_id, order_by=longest.c.due_at)
        doubts = func.sum(longest.c.is_doubted).over(order_by=(longest.c.due_at, longest.c.id))
        ranked = select(
            longest.c.id, longest.c.due_at, longest.c.is_doubted, turn.label("turn"), doubts.label("doubts")
        ).subquery()
        chosen = (
            select(ranked.c.id)
            .where(ranked.c.turn <= per_endpoint, or_(ranked.c.is_doubted == 0, ranked.c.doubts <= doubted))
            .order_by(ranked.c.due_at)
            .limit(limit)
        )
        return (
            select(col(DeliveryRow.id))
            .where(col(DeliveryRow.id).in_(chosen), text(DUE_STATES), col(DeliveryRow.due_at) <= now)
            .with_for_update(skip_locked=True)
        )

    def _still_held(self, session: Session, claims: Sequence[Claim]) -> set[str]:
        tokens = {claim.delivery_id: claim.token for claim in claims}
        statement = (
            select(col(DeliveryRow.id), col(DeliveryRow.lease_token))
            .where(col(DeliveryRow.id).in_(tokens), col(DeliveryRow.state) == DeliveryState.SENDING.value)
            .order_by(col(DeliveryRow.id))
            .with_for_update()
        )
        return {delivery_id for delivery_id, token in session.execute(statement) if tokens[delivery_id] == token}


_RECORD = (
    update(DeliveryRow)
    .where(col(DeliveryRow.id) == bindparam("b_id"))
    .values(
        state=bindparam("b_state"),
        reason=bindparam("b_reason"),
        due_at=bindparam("b_due_at"),
        attempts=bindparam("b_attempts"),
        claims=bindparam("b_attempts"),
        lease_token=None,
        settled_at=bindparam("b_settled_at"),
    )
)


def _take(session: Session, granted: Sequence[Due], now: datetime, lease: timedelta) -> list[Claim]:
    token, until = new_id("lse"), now + lease
    taken = {
        "state": DeliveryState.SENDING.value,
        "due_at": until,
        "lease_token": token,
        "claims": col(DeliveryRow.claims) + 1,
        "counted": True,
    }
    if granted:
        session.execute(
            update(DeliveryRow).where(col(DeliveryRow.id).in_([one.delivery_id for one in granted])).values(**taken),
            execution_options={"synchronize_session": False},
        )
    return [claim_of(one, token, until, now) for one in granted]


def _settle(
    session: Session, ids: Sequence[str], state: DeliveryState, reason: Reason, cadence: str | None, now: datetime
) -> None:
    values: dict[str, object] = {"state": state.value, "reason": reason.value, "lease_token": None, "due_at": now}
    if cadence:
        values["cadence"] = cadence
    if state in _FINAL:
        values["settled_at"] = now
    session.execute(
        update(DeliveryRow).where(col(DeliveryRow.id).in_(ids)).values(**values),
        execution_options={"synchronize_session": False},
    )


def _attempt(result: Result) -> dict[str, object]:
    return {
        "delivery_id": result.claim.delivery_id,
        "n": result.claim.attempts + 1,
        "at": result.at,
        "duration_ms": result.duration_ms,
        "outcome": result.outcome,
        "status": result.status,
        "error": result.error,
        "answer": result.answer,
    }


def _standing(result: Result) -> dict[str, object]:
    return {
        "b_id": result.claim.delivery_id,
        "b_state": result.standing.state.value,
        "b_reason": result.standing.reason,
        "b_due_at": result.standing.due_at,
        "b_attempts": result.claim.attempts + 1,
        "b_settled_at": result.at if result.standing.state in _FINAL else None,
    }

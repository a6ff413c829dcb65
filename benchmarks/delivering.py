"""Deliveries for benchmarks: rows as the notifier writes them, and what became of them."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, insert, select, update
from sqlmodel import col

from shared.db.session import Database
from shared.db.tables import AccountRow, AttemptRow, BodyRow, DeliveryRow, EndpointRow, NoticeRow
from shared.domain.signing import secret_from
from shared.secrets import secret_box
from shared.settings import Settings

BODY_BYTES = 2_048
ACCOUNT = "acc_bench"


@dataclass(frozen=True, slots=True)
class Load:
    """So many deliveries, spread evenly over so many endpoints; the first of them may never answer."""

    deliveries: int
    endpoints: int
    hangs: bool = False


def seed(database: Database, settings: Settings, url: str, load: Load) -> list[tuple[str, str, bytes]]:
    """Fill an empty database with due deliveries: (id, URL, body) of each."""
    now = datetime.now(UTC)  # noqa: TID251
    sealed = secret_box(settings).seal(secret_from(b"s" * 32))
    urls = [f"{url}/{number}" + ("/hangs" if load.hangs and number == 0 else "") for number in range(load.endpoints)]
    notices = range(-(-load.deliveries // load.endpoints))
    bodies = {f"ntc_{number}": _body(number) for number in notices}
    hashes = {notice: hashlib.sha256(body).hexdigest() for notice, body in bodies.items()}
    places = [divmod(number, load.endpoints) for number in range(load.deliveries)]
    deliveries = [
        {
            "id": f"dlv_{number:08}",
            "notice_id": f"ntc_{notice}",
            "endpoint_id": f"ep_{endpoint}",
            "account_id": ACCOUNT,
            "state": "pending",
            "body_sha256": hashes[f"ntc_{notice}"],
            "due_at": now,
            "created_at": now,
        }
        for number, (notice, endpoint) in enumerate(places)
    ]
    with database.transaction() as session:
        session.add(AccountRow(id=ACCOUNT, name="Bench", plan="compliance", created_at=now))
        session.flush()
        session.execute(
            insert(EndpointRow),
            [
                {
                    "id": f"ep_{number}",
                    "account_id": ACCOUNT,
                    "kind": "webhook",
                    "address": address,
                    "secret": sealed,
                    "created_at": now,
                }
                for number, address in enumerate(urls)
            ],
        )
        session.execute(
            insert(NoticeRow),
            [
                {
                    "id": notice,
                    "kind": "change.detected",
                    "subject": f"change:{notice}",
                    "data": {},
                    "correlation_id": "cor_bench",
                    "created_at": now,
                }
                for notice in bodies
            ],
        )
        session.execute(insert(BodyRow), [{"sha256": hashes[name], "body": body} for name, body in bodies.items()])
        session.execute(insert(DeliveryRow), deliveries)
    return [
        (str(row["id"]), urls[endpoint], bodies[f"ntc_{notice}"])
        for row, (notice, endpoint) in zip(deliveries, places, strict=True)
    ]


def record_one(database: Database, delivery_id: str, status: int) -> None:
    """An attempt and its delivery's state, one commit: what the plain loop writes."""
    now = datetime.now(UTC)  # noqa: TID251
    with database.transaction() as session:
        session.add(AttemptRow(delivery_id=delivery_id, n=1, at=now, duration_ms=1, outcome="delivered", status=status))
        session.execute(
            update(DeliveryRow).where(col(DeliveryRow.id) == delivery_id).values(state="delivered", settled_at=now)
        )


def standing(database: Database) -> tuple[int, int]:
    """How many deliveries are delivered, and how many attempts there are."""
    with database.reading() as session:
        delivered = select(func.count()).select_from(DeliveryRow).where(col(DeliveryRow.state) == "delivered")
        return session.scalar(delivered) or 0, session.scalar(select(func.count()).select_from(AttemptRow)) or 0


def _body(number: int) -> bytes:
    text = f'{{"type":"change.detected","data":{{"number":{number},"text":"'
    return (text + "x" * (BODY_BYTES - len(text) - 3) + '"}}').encode()

"""Documents that are watched."""

from datetime import datetime

from shared.db.session import Database
from shared.db.tables import DocumentRow, PlatformRow, ScheduleRow
from shared.db.upsert import insert_missing
from shared.domain.addresses import host_of
from shared.domain.documents import Declaration
from shared.ids import new_id


def watch(
    database: Database,
    declaration: Declaration,
    now: datetime,
    *,
    platform: str = "Acme",
    type: str = "Terms of Service",
    state: str = "active",
    check_every_s: float | None = None,
) -> str:
    """A document that is due at once; its id."""
    document_id = new_id("doc")
    url = declaration.parts[0].url
    with database.transaction() as session:
        slug = platform.lower()
        insert_missing(session, PlatformRow, {"id": f"plt_{slug}", "slug": slug, "name": platform, "created_at": now})
        session.add(
            DocumentRow(
                id=document_id,
                platform_id=f"plt_{slug}",
                type=type,
                url=url,
                declaration=declaration.model_dump(mode="json"),
                state=state,
                check_every_s=check_every_s,
                created_at=now,
            )
        )
        session.flush()
        session.add(ScheduleRow(document_id=document_id, host=host_of(url), next_check_at=now, interval_s=900))
    return document_id

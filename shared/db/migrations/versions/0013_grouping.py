"""What waits to be grouped is found like what waits for a digest, and what was told lately of a platform at once."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_HELD = "state = 'held' AND reason IN ({})"
_BEFORE, _NOW = _HELD.format("'digest', 'quota'"), _HELD.format("'digest', 'quota', 'grouped'")


def _index_held(condition: str) -> None:
    where = sa.text(condition)
    op.drop_index("ix_deliveries_held", table_name="deliveries")
    op.create_index("ix_deliveries_held", "deliveries", ["due_at"], sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    _index_held(_NOW)
    op.create_index("ix_notices_document_at", "notices", ["document_id", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_notices_document_at", table_name="notices")
    op.execute("UPDATE deliveries SET reason = 'digest', cadence = 'daily' WHERE state = 'held' AND reason = 'grouped'")
    _index_held(_BEFORE)

"""What a plan tells later than was wished is found like what waits for a digest."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_HELD = "state = 'held' AND reason IN ({})"
_BEFORE = _HELD.format("'digest', 'quota', 'grouped'")
_NOW = _HELD.format("'digest', 'plan-cadence', 'quota', 'grouped'")


def _index_held(condition: str) -> None:
    where = sa.text(condition)
    op.drop_index("ix_deliveries_held", table_name="deliveries")
    op.create_index("ix_deliveries_held", "deliveries", ["due_at"], sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    _index_held(_NOW)


def downgrade() -> None:
    op.execute("UPDATE deliveries SET reason = 'digest' WHERE state = 'held' AND reason = 'plan-cadence'")
    _index_held(_BEFORE)

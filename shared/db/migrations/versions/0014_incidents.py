"""How an endpoint has been failing, and what of that its owner was told."""

import sqlalchemy as sa
from alembic import op

from shared.db.tables.columns import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("endpoints", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("endpoints", sa.Column("incident", sa.String(), nullable=True))
    op.add_column("endpoints", sa.Column("incident_since", UtcDateTime(), nullable=True))


def downgrade() -> None:
    for name in ("incident_since", "incident", "failures"):
        op.drop_column("endpoints", name)

"""Captures that were judged unusable are few among all, and are listed by themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    where = sa.text("outcome = 'unusable'")
    op.create_index(
        "ix_judgements_unusable",
        "judgements",
        ["captured_at", "snapshot_id"],
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    op.drop_index("ix_judgements_unusable", "judgements")

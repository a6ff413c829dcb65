"""The tables of digests and mutes, and the quiet hours of accounts."""

import sqlalchemy as sa
from alembic import op

from shared.db.tables.columns import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_HELD = "state = 'held' AND reason IN ('digest', 'quota')"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("quiet_hours", sa.String(), nullable=True))
    op.create_table(
        "mutes",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"]),
        sa.PrimaryKeyConstraint("account_id", "document_id"),
    )
    op.create_table(
        "digests",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("endpoint_id", sa.String(), nullable=False),
        sa.Column("cadence", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("notice_id", sa.String(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoints.id"]),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("notice_id"),
        sa.UniqueConstraint("endpoint_id", "cadence", "period", name="uq_digests_period"),
    )
    op.create_table(
        "digest_items",
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("digest_id", sa.String(), nullable=False),
        sa.Column("notice_id", sa.String(), nullable=False),
        sa.Column("endpoint_id", sa.String(), nullable=False),
        sa.Column("cadence", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"]),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"]),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoints.id"]),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"]),
        sa.PrimaryKeyConstraint("delivery_id"),
        sa.UniqueConstraint("notice_id", "endpoint_id", "cadence", name="uq_digest_items_notice"),
    )
    op.create_index(op.f("ix_digest_items_digest_id"), "digest_items", ["digest_id"], unique=False)
    op.create_index(
        "ix_deliveries_held", "deliveries", ["due_at"], sqlite_where=sa.text(_HELD), postgresql_where=sa.text(_HELD)
    )


def downgrade() -> None:
    op.drop_index("ix_deliveries_held", table_name="deliveries")
    op.drop_table("digest_items")
    op.drop_table("digests")
    op.drop_table("mutes")
    op.drop_column("accounts", "quiet_hours")

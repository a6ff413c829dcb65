"""What mail providers report, and the addresses that get no more mail because of it."""

import sqlalchemy as sa
from alembic import op

from shared.db.tables.columns import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_events",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_mail_events_delivery_id"), "mail_events", ["delivery_id"], unique=False)
    op.create_index(op.f("ix_mail_events_received_at"), "mail_events", ["received_at"], unique=False)
    op.create_table(
        "suppressions",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )


def downgrade() -> None:
    op.drop_table("suppressions")
    op.drop_table("mail_events")
    op.execute("UPDATE deliveries SET reason = 'endpoint-disabled' WHERE state = 'held' AND reason = 'suppressed'")

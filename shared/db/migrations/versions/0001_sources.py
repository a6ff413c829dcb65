"""The tables of sources."""

import sqlalchemy as sa
from alembic import op

from shared.db.tables.columns import Json, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hosts",
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("next_allowed_at", UtcDateTime(), nullable=False),
        sa.Column("slot_until", UtcDateTime(), nullable=True),
        sa.Column("slot_token", sa.String(), nullable=True),
        sa.Column("robots_authority", sa.String(), nullable=True),
        sa.Column("robots_text", sa.String(), nullable=True),
        sa.Column("robots_status", sa.Integer(), nullable=True),
        sa.Column("robots_expires_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("host"),
    )
    op.create_table(
        "platforms",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slug"),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("declaration", Json, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("confirm_after_s", sa.Float(), nullable=False),
        sa.Column("check_every_s", sa.Float(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["platform_id"],
            ["platforms.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("platform_id", "type", "url", name="uq_documents_platform_type_url"),
    )
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_documents_platform_id"), ["platform_id"], unique=False)

    op.create_table(
        "schedules",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("next_check_at", UtcDateTime(), nullable=False),
        sa.Column("confirm_at", UtcDateTime(), nullable=True),
        sa.Column("interval_s", sa.Float(), nullable=False),
        sa.Column("retry_at", UtcDateTime(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("lease_token", sa.String(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_failed_at", UtcDateTime(), nullable=True),
        sa.Column("last_checked_at", UtcDateTime(), nullable=True),
        sa.Column("last_changed_at", UtcDateTime(), nullable=True),
        sa.Column("seen", Json, nullable=True),
        sa.Column("browser_needed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
        ),
        sa.PrimaryKeyConstraint("document_id"),
    )
    with op.batch_alter_table("schedules", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_schedules_confirm_at"), ["confirm_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_schedules_host"), ["host"], unique=False)
        batch_op.create_index(batch_op.f("ix_schedules_next_check_at"), ["next_check_at"], unique=False)


def downgrade() -> None:
    op.drop_table("schedules")
    op.drop_table("documents")
    op.drop_table("platforms")
    op.drop_table("hosts")

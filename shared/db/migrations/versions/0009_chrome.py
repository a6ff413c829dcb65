"""The table of chrome blocks, and the ends of each version they are learned from."""

import sqlalchemy as sa
from alembic import op

from shared.db.tables.columns import Json, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chrome_blocks",
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("learned_at", UtcDateTime(), nullable=False),
        sa.Column("dropped_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["platform_id"],
            ["platforms.id"],
        ),
        sa.PrimaryKeyConstraint("platform_id", "hash"),
    )
    op.add_column("versions", sa.Column("edges", Json, nullable=True))


def downgrade() -> None:
    op.drop_column("versions", "edges")

    op.drop_table("chrome_blocks")

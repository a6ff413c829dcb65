"""Links that make an account for whoever redeems them."""

import sqlalchemy as sa
from alembic import op

from shared.db.tables.columns import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_ups",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_sign_ups_email"), "sign_ups", ["email"])
    op.create_index(op.f("ix_sign_ups_created_at"), "sign_ups", ["created_at"])


def downgrade() -> None:
    op.drop_table("sign_ups")

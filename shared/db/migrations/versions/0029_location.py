"""Where what a POST made can be read, kept with its answer."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("idempotency_keys", sa.Column("location", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("idempotency_keys", "location")

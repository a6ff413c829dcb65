"""Who doubts a change, so that one reader has one open doubt about it; not known of those that there are."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reviews", sa.Column("reader", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("reviews", "reader")

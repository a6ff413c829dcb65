"""How far the telling of a notice has come."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notices", sa.Column("told_up_to", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("notices", "told_up_to")

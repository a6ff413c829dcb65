"""Whether what a notice tells was corrected or retracted since."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notices", sa.Column("revision", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("notices", "revision")

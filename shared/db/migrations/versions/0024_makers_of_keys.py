"""Who made an API key; not known of those that there are."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("created_by", sa.String(), nullable=True))
    op.create_index(op.f("ix_api_keys_created_by"), "api_keys", ["created_by"])


def downgrade() -> None:
    op.drop_index(op.f("ix_api_keys_created_by"), "api_keys")
    op.drop_column("api_keys", "created_by")

"""What operators changed of a document's settings, and who did."""

import sqlalchemy as sa
from alembic import op

from shared.db.tables.columns import BigKey, Json, UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "amendments",
        sa.Column("id", BigKey, nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("changed", Json, nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_amendments_document", "amendments", ["document_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_amendments_document", table_name="amendments")
    op.drop_table("amendments")

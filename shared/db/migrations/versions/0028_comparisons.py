"""The first version of a document beside its newest, compared ahead; all documents are taken in anew for it."""

import sqlalchemy as sa
from alembic import op

from shared.db.tables.columns import Json

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comparisons",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("old_version_id", sa.String(), nullable=False),
        sa.Column("new_version_id", sa.String(), nullable=False),
        sa.Column("report", Json, nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"]),
        sa.ForeignKeyConstraint(["old_version_id"], ["versions.id"]),
        sa.ForeignKeyConstraint(["new_version_id"], ["versions.id"]),
        sa.PrimaryKeyConstraint("document_id"),
    )
    op.execute("DELETE FROM registry_marks WHERE subject IN (SELECT id FROM documents)")


def downgrade() -> None:
    op.drop_table("comparisons")

"""Lists of changes are filtered and counted in an index: their rows hold whole reports, which nobody reads there."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_LISTED = ("detected_at", "id", "document_id", "alert", "severity", "direction")
_COUNTED = ("document_id", "alert", "status", "severity", "detected_at", "id")


def upgrade() -> None:
    op.create_index("ix_changes_listed", "changes", _LISTED)
    op.create_index("ix_changes_counted", "changes", _COUNTED)


def downgrade() -> None:
    op.drop_index("ix_changes_counted", "changes")
    op.drop_index("ix_changes_listed", "changes")

"""The ledger: entries and signed heads, which nobody alters; and which rows are not in it yet."""

import sqlalchemy as sa
from alembic import op

from shared.db.tables.columns import Json, UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_TABLES = ("ledger_entries", "ledger_heads")
_REFUSAL = "the ledger is append-only"


def upgrade() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("facts", Json, nullable=False),
        sa.Column("content_sha256", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("kind", "subject_id", "revision", name="uq_ledger_entries_subject"),
    )
    op.create_table(
        "ledger_heads",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    _refuse_alterations()
    _add_marks()


def downgrade() -> None:
    op.drop_index("ix_changes_unentered", "changes")
    op.drop_column("changes", "entered_revision")
    op.drop_column("changes", "revision")
    for table in ("versions", "snapshots"):
        op.drop_index(f"ix_{table}_unentered", table)
        op.drop_column(table, "entered")
    for table in reversed(_TABLES):
        op.drop_table(table)  # its triggers go with it
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_is_append_only()")


def _refuse_alterations() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
        )
        for table in _TABLES:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()"
            )
        return
    for table in _TABLES:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )


def _add_marks() -> None:
    """Rows that are there already are not in the ledger yet, and so are those that come."""
    for table, by in (("snapshots", "captured_at"), ("versions", "first_seen_at")):
        op.add_column(table, sa.Column("entered", sa.Boolean(), nullable=False, server_default=sa.false()))
        op.create_index(
            f"ix_{table}_unentered",
            table,
            [by, "id"],
            sqlite_where=sa.text("entered = 0"),
            postgresql_where=sa.text("NOT entered"),
        )
    op.add_column("changes", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("changes", sa.Column("entered_revision", sa.Integer(), nullable=False, server_default="-1"))
    op.execute("UPDATE changes SET revision = 1 WHERE status <> 'confirmed'")
    behind = sa.text("entered_revision < revision")
    op.create_index(
        "ix_changes_unentered", "changes", ["detected_at", "id"], sqlite_where=behind, postgresql_where=behind
    )

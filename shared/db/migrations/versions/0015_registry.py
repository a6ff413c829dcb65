"""What lists, search and comparison read. Each engine has an index of its own for search, kept by triggers."""

import sqlalchemy as sa
from alembic import op

from shared.db.tables.columns import BigKey, Json, UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_SQLITE = (
    """CREATE VIRTUAL TABLE search_index USING fts5(
         title, body, content='search_entries', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2')""",
    """CREATE TRIGGER search_entries_added AFTER INSERT ON search_entries BEGIN
         INSERT INTO search_index(rowid, title, body) VALUES (new.id, new.title, new.body); END""",
    """CREATE TRIGGER search_entries_removed AFTER DELETE ON search_entries BEGIN
         INSERT INTO search_index(search_index, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
       END""",
)
_POSTGRESQL = (
    """CREATE TABLE search_index (
         id bigint PRIMARY KEY REFERENCES search_entries (id) ON DELETE CASCADE, vector tsvector NOT NULL)""",
    "CREATE INDEX search_index_vector ON search_index USING gin (vector)",
    """CREATE FUNCTION search_entry_added() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         INSERT INTO search_index (id, vector) VALUES (new.id,
           setweight(to_tsvector('english', new.title), 'A') || setweight(to_tsvector('english', new.body), 'D'));
         RETURN NULL;
       END $$""",
    """CREATE TRIGGER search_entries_added AFTER INSERT ON search_entries
         FOR EACH ROW EXECUTE FUNCTION search_entry_added()""",
)


def upgrade() -> None:
    op.create_table(
        "registered_provisions",
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("provision_id", sa.String(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("version_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("path", Json, nullable=False),
        sa.Column("heading", sa.String(), nullable=True),
        sa.Column("excerpt", sa.String(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("categories", Json, nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"]),
        sa.ForeignKeyConstraint(["platform_id"], ["platforms.id"]),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"]),
        sa.PrimaryKeyConstraint("document_id", "ordinal"),
    )
    op.create_index("ix_registered_provisions_category", "registered_provisions", ["category", "platform_id"])
    op.create_index("ix_registered_provisions_platform", "registered_provisions", ["platform_id"])
    op.create_index(op.f("ix_registered_provisions_provision_id"), "registered_provisions", ["provision_id"])
    op.create_table(
        "change_terms",
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"]),
        sa.PrimaryKeyConstraint("change_id", "kind", "value"),
    )
    op.create_index("ix_change_terms_value", "change_terms", ["kind", "value"])
    op.create_table(
        "search_entries",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["platform_id"], ["platforms.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_search_entries_subject", "search_entries", ["kind", "subject"])
    op.create_index(op.f("ix_search_entries_platform_id"), "search_entries", ["platform_id"])
    op.create_table(
        "registry_marks",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.Column("rules", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER search_entries_added")
        op.execute("DROP TRIGGER search_entries_removed")
    op.execute("DROP TABLE search_index")
    for table in ("registry_marks", "search_entries", "change_terms", "registered_provisions"):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION search_entry_added")

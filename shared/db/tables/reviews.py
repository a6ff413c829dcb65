"""What readers say is wrong with an alert."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from shared.db.tables.columns import time_column


class ReviewRow(SQLModel, table=True):
    """One reader's doubt about a change, for the operator to look at; open until it is settled."""

    __tablename__ = "reviews"

    id: str = Field(primary_key=True)
    change_id: str = Field(foreign_key="changes.id", index=True)
    said: str
    reader: str | None = None
    """A member's id, or a keyed hash of a network address, while it is open: a reader has one open doubt a change."""
    created_at: datetime = Field(sa_column=time_column())
    settled_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))

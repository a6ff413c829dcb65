"""Full-text search over provisions as they stand and changes: FTS5 on SQLite, tsvector on PostgreSQL."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, text
from sqlmodel import Session

from shared.db.session import Database
from shared.domain.searching import Query, for_postgresql, for_sqlite

BEGIN, END = "\ue000", "\ue001"
"""Around what was found in an excerpt: code points of no meaning, which texts of ours do not hold."""

_MOST_RANKED = 1_000
"""Hits that are ranked at most; a query that more things fit says too little to be ranked well."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found. `subject` is a document's id (and `ordinal` the provision's) or a change's id.

    In `excerpt`, what was found stands between `BEGIN` and `END`.
    """

    kind: str
    subject: str
    ordinal: int
    platform_slug: str
    platform_name: str
    title: str
    excerpt: str


_ENTRY = "e.kind, e.subject, e.ordinal, p.slug, p.name, e.title"

_ON_SQLITE = f"""
SELECT {_ENTRY}, snippet(search_index, 1, :begin, :end, ' … ', 40)
FROM search_index JOIN search_entries e ON e.id = search_index.rowid JOIN platforms p ON p.id = e.platform_id
WHERE search_index MATCH :query AND e.kind IN :kinds AND (:platform IS NULL OR p.slug = :platform)
ORDER BY bm25(search_index, 3.0, 1.0), e.id LIMIT :limit OFFSET :offset
"""  # noqa: S608  nothing of a request is in it

_ON_POSTGRESQL = f"""
WITH asked AS (SELECT websearch_to_tsquery('english', :query) AS q),
found AS (
  SELECT e.*, i.vector FROM search_index i JOIN search_entries e ON e.id = i.id JOIN platforms p ON p.id = e.platform_id
  WHERE i.vector @@ (SELECT q FROM asked) AND e.kind IN :kinds
    AND (CAST(:platform AS text) IS NULL OR p.slug = :platform)
  LIMIT {_MOST_RANKED}
),
ranked AS (
  SELECT * FROM found ORDER BY ts_rank_cd(vector, (SELECT q FROM asked), 1) DESC, id LIMIT :limit OFFSET :offset
)
SELECT {_ENTRY}, ts_headline('english', e.body, (SELECT q FROM asked),
  'MaxFragments=2, MaxWords=40, MinWords=15, FragmentDelimiter=" … ", StartSel=' || :begin || ', StopSel=' || :end)
FROM ranked e JOIN platforms p ON p.id = e.platform_id
ORDER BY ts_rank_cd(e.vector, (SELECT q FROM asked), 1) DESC, e.id
"""  # noqa: S608


class Search:
    """Finds provisions and changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        on_engine = _ON_SQLITE if database.is_sqlite else _ON_POSTGRESQL
        self._statement = text(on_engine).bindparams(bindparam("kinds", expanding=True))

    def hits(
        self, query: Query, *, kinds: Collection[str], platform: str | None = None, limit: int, offset: int = 0
    ) -> list[Hit]:
        """What fits best first; nothing for an empty query."""
        if query.is_empty:
            return []
        values: dict[str, Any] = {
            "query": for_sqlite(query) if self._database.is_sqlite else for_postgresql(query),
            "kinds": sorted(kinds),
            "platform": platform,
            "begin": BEGIN,
            "end": END,
            "limit": limit,
            "offset": offset,
        }
        with self._database.reading() as session:
            return self._read(session, values)

    def _read(self, session: Session, values: dict[str, Any]) -> list[Hit]:
        return [Hit(*row) for row in session.connection().execute(self._statement, values)]

"""Full-text search over provisions as they stand and changes: FTS5 on SQLite, tsvector on PostgreSQL."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, text

from shared.db.session import Database
from shared.domain.searching import Query, for_postgresql, for_sqlite

BEGIN, END = "\ue000", "\ue001"
"""Around what was found in an excerpt: code points of no meaning, which texts of ours do not hold."""

KINDS = frozenset({"change", "provision"})
"""Of what can be found."""

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
WHERE search_index MATCH :query AND rank MATCH 'bm25(3.0, 1.0)'
  AND e.kind IN :kinds AND (:platform IS NULL OR p.slug = :platform)
ORDER BY rank LIMIT :limit OFFSET :offset
"""  # noqa: S608  nothing of a request is in it
"""Ordered by FTS5's own `rank` (sqlite.org/fts5.html, 5.1.1), excerpts are made of what is shown, not of all found."""

_WHOLE = "search_index i"
_NARROWED = """search_index i JOIN search_entries e ON e.id = i.id JOIN platforms p ON p.id = e.platform_id
    AND e.kind IN :kinds AND (CAST(:platform AS text) IS NULL OR p.slug = :platform)"""

_ON_POSTGRESQL = f"""
WITH asked AS (SELECT websearch_to_tsquery('english', :query) AS q),
found AS (
  SELECT i.id, ts_rank_cd(i.vector, (SELECT q FROM asked), 1) AS fit FROM {{found}}
  WHERE i.vector @@ (SELECT q FROM asked) LIMIT {_MOST_RANKED}
),
shown AS (SELECT * FROM found ORDER BY fit DESC, id LIMIT :limit OFFSET :offset)
SELECT {_ENTRY}, ts_headline('english', e.body, (SELECT q FROM asked),
  'MaxFragments=2, MaxWords=40, MinWords=15, FragmentDelimiter=" … ", StartSel=' || :begin || ', StopSel=' || :end)
FROM shown JOIN search_entries e ON e.id = shown.id JOIN platforms p ON p.id = e.platform_id
ORDER BY shown.fit DESC, e.id
"""  # noqa: S608


def _of(found: str) -> str:
    """PostgreSQL's statement: where nothing narrows the search, entries are read of what is shown alone."""
    return _ON_POSTGRESQL.format(found=found)


class Search:
    """Finds provisions and changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        narrowed = _ON_SQLITE if database.is_sqlite else _of(_NARROWED)
        self._narrowed = text(narrowed).bindparams(bindparam("kinds", expanding=True))
        self._whole = self._narrowed if database.is_sqlite else text(_of(_WHOLE))

    def hits(
        self, query: Query, *, kinds: Collection[str], platform: str | None = None, limit: int, offset: int = 0
    ) -> list[Hit]:
        """What fits best first; nothing for an empty query."""
        if query.is_empty:
            return []
        values: dict[str, Any] = {
            "query": for_sqlite(query) if self._database.is_sqlite else for_postgresql(query),
            "begin": BEGIN,
            "end": END,
            "limit": limit,
            "offset": offset,
        }
        is_narrowed = platform is not None or KINDS - set(kinds)
        statement = self._narrowed if is_narrowed else self._whole
        if statement is self._narrowed:
            values |= {"kinds": sorted(kinds), "platform": platform}
        with self._database.reading() as session:
            return [Hit(*row) for row in session.connection().execute(statement, values)]

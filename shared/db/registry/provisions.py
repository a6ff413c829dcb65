"""Provisions as they stand: by document, category and platform; how common they are; their history."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, distinct, false, func, or_, select, tuple_
from sqlmodel import col

from shared.db.remembering import Remembered
from shared.db.session import Database
from shared.db.tables import (
    DocumentRow,
    PlatformRow,
    ProvisionRow,
    RegisteredProvisionRow,
    VersionRow,
)
from shared.db.tables.columns import UtcDateTime
from shared.domain.provisions import Provision, ProvisionKind


@dataclass(frozen=True, slots=True)
class ProvisionEntry:
    """A provision of a document's newest version, with what is said of it; `excerpt` is the beginning of its text."""

    provision_id: str
    document_id: str
    version_id: str
    ordinal: int
    platform_slug: str
    platform_name: str
    document_type: str
    kind: str
    path: Sequence[str]
    heading: str | None
    excerpt: str
    words: int
    category: str | None
    categories: Sequence[str]
    severity: str
    confidence: float | None
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class Told:
    """What a provision said in one version, when that version stood, and at which place it said it."""

    version_id: str
    sequence: int
    first_seen_at: datetime
    last_seen_at: datetime
    ordinal: int
    provision: Provision


@dataclass(frozen=True, slots=True)
class Standing:
    """A version, by its sequence, and when it was last seen."""

    sequence: int
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Prevalence:
    """How many of the platforms that have a text here say something of a category."""

    platforms: int
    of: int


_ENTRY: Select[*tuple[Any, ...]] = (
    select(
        col(RegisteredProvisionRow.provision_id),
        col(RegisteredProvisionRow.document_id),
        col(RegisteredProvisionRow.version_id),
        col(RegisteredProvisionRow.ordinal),
        col(PlatformRow.slug),
        col(PlatformRow.name),
        col(DocumentRow.type),
        col(RegisteredProvisionRow.kind),
        col(RegisteredProvisionRow.path),
        col(RegisteredProvisionRow.heading),
        col(RegisteredProvisionRow.excerpt),
        col(RegisteredProvisionRow.words),
        col(RegisteredProvisionRow.category),
        col(RegisteredProvisionRow.categories),
        col(RegisteredProvisionRow.severity),
        col(RegisteredProvisionRow.confidence),
        col(RegisteredProvisionRow.reasons),
    )
    .join(DocumentRow, col(DocumentRow.id) == col(RegisteredProvisionRow.document_id))
    .join(PlatformRow, col(PlatformRow.id) == col(RegisteredProvisionRow.platform_id))
)

_NO_END = 2**31 - 1
"""Above every ordinal."""

_ordinal, _mine = (
    col(RegisteredProvisionRow.ordinal),
    col(RegisteredProvisionRow.document_id) == bindparam("document_id"),
)
_ONE = _ENTRY.where(col(RegisteredProvisionRow.provision_id) == bindparam("provision_id")).limit(1)
_OF_DOCUMENT = _ENTRY.where(_mine, _ordinal >= bindparam("first"), _ordinal < bindparam("end")).order_by(_ordinal)
_LAST = select(func.max(_ordinal)).where(_mine)
_HEADINGS = (
    select(_ordinal, col(RegisteredProvisionRow.excerpt))
    .where(_mine, col(RegisteredProvisionRow.kind) == str(ProvisionKind.HEADING))
    .order_by(_ordinal)
    .limit(bindparam("limit", type_=Integer))
)

_COUNTED = (
    select(col(RegisteredProvisionRow.category), func.count())
    .where(col(RegisteredProvisionRow.category).is_not(None))
    .group_by(col(RegisteredProvisionRow.category))
)
_COUNTED_ON = _COUNTED.where(
    col(RegisteredProvisionRow.platform_id).in_(
        select(col(PlatformRow.id)).where(col(PlatformRow.slug) == bindparam("platform"))
    )
)
_HISTORY: Select[*tuple[Any, ...]] = (
    select(
        col(VersionRow.id),
        col(VersionRow.sequence),
        col(VersionRow.first_seen_at),
        col(VersionRow.last_seen_at),
        col(ProvisionRow.ordinal),
        col(ProvisionRow.value),
    )
    .join(VersionRow, col(VersionRow.id) == col(ProvisionRow.version_id))
    .where(
        col(ProvisionRow.provision_id) == bindparam("provision_id"),
        tuple_(col(VersionRow.sequence), col(ProvisionRow.ordinal))
        > tuple_(bindparam("sequence", type_=Integer), bindparam("ordinal", type_=Integer)),
    )
    .order_by(col(VersionRow.sequence), col(ProvisionRow.ordinal))
    .limit(bindparam("limit", type_=Integer))
)
_SAID_BEFORE = (
    select(
        col(ProvisionRow.provision_id),
        func.max(col(VersionRow.sequence)),
        func.max(col(VersionRow.last_seen_at), type_=UtcDateTime),
    )
    .join(VersionRow, col(VersionRow.id) == col(ProvisionRow.version_id))
    .where(
        col(ProvisionRow.provision_id).in_(bindparam("ids", expanding=True)),  # by the index, which pairs alone are not
        tuple_(col(ProvisionRow.provision_id), col(ProvisionRow.value)["text"].as_string()).in_(
            bindparam("wordings", expanding=True)
        ),
        col(VersionRow.document_id) == bindparam("document_id"),
        col(VersionRow.sequence) < bindparam("before"),
    )
    .group_by(col(ProvisionRow.provision_id))
)
_LEAST_WORDS = 8
"""Of a provision that others are likened to; shorter ones only lead to what follows them."""

_VECTORS = (
    select(col(PlatformRow.slug), col(RegisteredProvisionRow.document_id), _ordinal, col(RegisteredProvisionRow.vector))
    .join(PlatformRow, col(PlatformRow.id) == col(RegisteredProvisionRow.platform_id))
    .where(
        col(RegisteredProvisionRow.category) == bindparam("category"),
        col(PlatformRow.slug) != bindparam("not_of"),
        col(RegisteredProvisionRow.words) >= _LEAST_WORDS,
    )
)


@lru_cache
def _of_category(given: frozenset[str]) -> Select[*tuple[Any, ...]]:
    """The statement for what is given; to make one takes as long as to run it."""
    slug, document_id = col(PlatformRow.slug), col(RegisteredProvisionRow.document_id)
    query = _ENTRY.where(col(RegisteredProvisionRow.category) == bindparam("category"))
    if "platforms" in given:
        query = query.where(slug.in_(bindparam("platforms", expanding=True)))
    if "place" in given:
        in_document = and_(document_id == bindparam("document_id"), _ordinal > bindparam("place"))
        on_platform = and_(slug == bindparam("slug"), or_(document_id > bindparam("document_id"), in_document))
        query = query.where(or_(slug > bindparam("slug"), on_platform))
    return query.order_by(slug, document_id, _ordinal).limit(bindparam("limit", type_=Integer))


class Provisions:
    """Reads the registry of provisions."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._commonness: Remembered[tuple[int, dict[str, int]]] = Remembered(database, most=1)
        """How many platforms there are, and how many of them speak of each category."""
        self._counts: Remembered[dict[str, int]] = Remembered(database, most=1)

    def of_document(self, document_id: str, *, places: tuple[int, int] | None = None) -> list[ProvisionEntry]:
        """A document's provisions in reading order; `places` is a half-open range of ordinals."""
        first, end = places or (0, _NO_END)
        return self._entries(_OF_DOCUMENT, {"document_id": document_id, "first": first, "end": end})

    def outline(self, document_id: str, *, limit: int) -> tuple[int, list[tuple[int, str]]]:
        """How many provisions a document has, and place and words of its first headings."""
        values = {"document_id": document_id, "limit": limit}
        [(last,)] = self._database.rows(_LAST, values)
        found = self._database.rows(_HEADINGS, values)
        return (0 if last is None else last + 1), [(place, words) for place, words in found]

    def one(self, provision_id: str) -> ProvisionEntry | None:
        """The provision as it stands; None where it is in no newest version."""
        found = self._entries(_ONE, {"provision_id": provision_id})
        return found[0] if found else None

    def of_category(
        self,
        category: str,
        *,
        platforms: Collection[str] = (),
        after: tuple[str, str, int] | None = None,
        limit: int,
    ) -> list[ProvisionEntry]:
        """Those whose first category it is, by platform, document and place; `after` is where a page ended."""
        values: dict[str, Any] = {"category": category}
        if platforms:
            values["platforms"] = list(platforms)
        if after is not None:
            values |= dict(zip(("slug", "document_id", "place"), after, strict=True))
        return self._entries(_of_category(frozenset(values)), {**values, "limit": limit})

    def prevalence(self, category: str) -> Prevalence:
        """How common a category is among platforms."""
        of, having = self._commonness.of(None, self._count_platforms)
        return Prevalence(having.get(category, 0), of)

    def prevalences(self) -> dict[str, Prevalence]:
        """How common each category is that any platform speaks of."""
        of, having = self._commonness.of(None, self._count_platforms)
        return {category: Prevalence(count, of) for category, count in having.items()}

    def _count_platforms(self) -> tuple[int, dict[str, int]]:
        platforms = func.count(distinct(col(RegisteredProvisionRow.platform_id)))
        category = col(RegisteredProvisionRow.category)
        with self._database.reading() as session:
            of = session.scalar(select(platforms)) or 0
            rows = session.execute(select(category, platforms).where(category.is_not(None)).group_by(category))
            return of, {str(kind): count for kind, count in rows}

    def coverage(self, *, platform: str | None = None) -> dict[str, int]:
        """How many provisions there are of each category, of one platform (slug) or of all."""
        if platform is None:
            return dict(self._counts.of(None, lambda: self._count(None)))
        return self._count(platform)

    def _count(self, platform: str | None) -> dict[str, int]:
        rows = self._database.rows(_COUNTED if platform is None else _COUNTED_ON, {"platform": platform})
        return {str(category): count for category, count in rows}

    def history(self, provision_id: str, *, after: tuple[int, int] = (-1, -1), limit: int = _NO_END) -> list[Told]:
        """What it said in each version that has it, oldest first, from above a sequence and ordinal on."""
        values = {"provision_id": provision_id, "sequence": after[0], "ordinal": after[1], "limit": limit}
        rows = self._database.rows(_HISTORY, values)
        return [Told(*(*version, Provision.from_json(value))) for *version, value in rows]

    def said_before(self, document_id: str, before: int, wordings: Mapping[str, str]) -> dict[str, Standing]:
        """Which of the provisions (reading texts by their ids) had that very text in a version below the sequence
        `before`, and the newest such version."""
        if not wordings:
            return {}
        values = {
            "ids": list(wordings),
            "wordings": list(wordings.items()),
            "document_id": document_id,
            "before": before,
        }
        rows = self._database.rows(_SAID_BEFORE, values)
        return {one: Standing(sequence, last) for one, sequence, last in rows}

    def vectors(self, category: str, *, not_of: str) -> list[tuple[str, str, int, bytes]]:
        """Platform, document, place and likeness vector of a category's provisions on other platforms than that one
        (slugs)."""
        rows = self._database.rows(_VECTORS, {"category": category, "not_of": not_of})
        return [(slug, document_id, ordinal, vector) for slug, document_id, ordinal, vector in rows]

    def at(self, places: Collection[tuple[str, int]]) -> dict[tuple[str, int], ProvisionEntry]:
        """The provisions at these places (document and ordinal)."""
        of_document, ordinal = col(RegisteredProvisionRow.document_id), col(RegisteredProvisionRow.ordinal)
        # For a list of pairs SQLite would read every provision there is; for these it looks each up.
        query = _ENTRY.where(or_(false(), *(and_(of_document == one, ordinal == place) for one, place in places)))
        found = {(entry.document_id, entry.ordinal): entry for entry in self._entries(query)}
        return {place: found[place] for place in places if place in found}

    def _entries(
        self, query: Select[*tuple[Any, ...]], values: Mapping[str, Any] | None = None
    ) -> list[ProvisionEntry]:
        return [ProvisionEntry(*row) for row in self._database.rows(query, values)]

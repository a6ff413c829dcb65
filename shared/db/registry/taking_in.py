"""Takes versions and changes into the registry: once each, anew where a change is corrected or the rules change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, func, select
from sqlmodel import Session, col

from shared.db.notifier.bulk import insert_missing_many
from shared.db.registry.versions import VersionEntry, Versions
from shared.db.session import Database
from shared.db.tables import (
    ChangeRow,
    ChangeTermRow,
    ComparisonRow,
    DocumentRow,
    HeadRow,
    RegisteredProvisionRow,
    RegistryMarkRow,
    SearchEntryRow,
)
from shared.db.upsert import insert_missing
from shared.domain.provisions import Provision


@dataclass(frozen=True, slots=True)
class DueDocument:
    """A document whose newest version is not in the registry yet."""

    document_id: str
    platform_id: str
    version_id: str


@dataclass(frozen=True, slots=True)
class DueChange:
    """A change that is not in the registry yet, or not as it stands now."""

    change_id: str
    platform_id: str
    status: str
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Searchable:
    """What is found of one thing."""

    title: str
    body: str
    ordinal: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """What changed from a document's first version to its newest."""

    old_version_id: str
    report: Mapping[str, Any]


_DOCUMENTS_DUE = (
    select(col(HeadRow.document_id), col(DocumentRow.platform_id), col(HeadRow.version_id))
    .join(DocumentRow, col(DocumentRow.id) == col(HeadRow.document_id))
    .outerjoin(RegistryMarkRow, col(RegistryMarkRow.subject) == col(HeadRow.document_id))
    .where(
        col(HeadRow.version_id).is_not(None),
        func.coalesce(col(RegistryMarkRow.stamp), "") != col(HeadRow.version_id),
    )
)
_CHANGES_DUE = (
    select(col(ChangeRow.id), col(DocumentRow.platform_id), col(ChangeRow.status))
    .join(DocumentRow, col(DocumentRow.id) == col(ChangeRow.document_id))
    .outerjoin(RegistryMarkRow, col(RegistryMarkRow.subject) == col(ChangeRow.id))
    .where(func.coalesce(col(RegistryMarkRow.stamp), "") != col(ChangeRow.status))
)


class RegistryStore:
    """Writes the registry; the differ's workers alone use it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._versions = Versions(database)

    def is_due(self) -> bool:
        """Whether anything is not in the registry yet."""
        with self._database.reading() as session:
            return any(session.execute(due.limit(1)).first() for due in (_DOCUMENTS_DUE, _CHANGES_DUE))

    def forget_other_rules(self, rules: str) -> int:
        """Have everything taken in anew that was read by other rules; how much that is."""
        with self._database.transaction() as session:
            stale = delete(RegistryMarkRow).where(col(RegistryMarkRow.rules) != rules)
            return int(session.execute(stale).rowcount)  # type: ignore[attr-defined]

    def documents_due(self, limit: int, document_id: str | None = None) -> list[DueDocument]:
        """Some of those that are due, or that one where it is."""
        statement = _DOCUMENTS_DUE.limit(limit)
        if document_id is not None:
            statement = statement.where(col(HeadRow.document_id) == document_id)
        with self._database.reading() as session:
            return [DueDocument(*row) for row in session.execute(statement)]

    def changes_due(self, limit: int, document_id: str | None = None) -> list[DueChange]:
        """Some of those that are due, with their reports; of one document where it is named."""
        statement: Select[Any] = _CHANGES_DUE.add_columns(col(ChangeRow.report)).limit(limit)
        if document_id is not None:
            statement = statement.where(col(ChangeRow.document_id) == document_id)
        with self._database.reading() as session:
            return [DueChange(*row) for row in session.execute(statement)]

    def provisions(self, version_id: str) -> list[Provision]:
        """A version's provisions, in order."""
        return self._versions.provisions(version_id)

    def ends(self, due: DueDocument) -> tuple[VersionEntry, VersionEntry] | None:
        """The document's first version and its newest, where another is between them."""
        first, newest = self._versions.first(due.document_id), self._versions.one(due.version_id)
        if first is None or newest is None or newest.sequence - first.sequence < 2:
            return None
        return first, newest

    def put_document(
        self,
        due: DueDocument,
        rows: Sequence[Mapping[str, Any]],
        found_by: Sequence[Searchable],
        compared: Compared | None,
        rules: str,
        now: datetime,
    ) -> bool:
        """Replace what the registry holds of the document; False where its newest version is another by now.

        `rows` are the columns of `RegisteredProvisionRow` that say what a provision is; whose it is is added here.
        """
        whose = {"document_id": due.document_id, "platform_id": due.platform_id, "version_id": due.version_id}
        newest = select(col(HeadRow.version_id)).where(col(HeadRow.document_id) == due.document_id).with_for_update()
        with self._database.transaction() as session:
            if session.scalar(newest) != due.version_id:
                return False
            session.execute(
                delete(RegisteredProvisionRow).where(col(RegisteredProvisionRow.document_id) == due.document_id)
            )
            insert_missing_many(session, RegisteredProvisionRow, [{**row, **whose} for row in rows])
            _replace_comparison(session, due, compared)
            _make_findable(session, "provision", due.document_id, due.platform_id, found_by)
            _mark(session, due.document_id, due.version_id, rules, now)
            return True

    def put_change(
        self, due: DueChange, terms: Iterable[tuple[str, str]], found_by: Searchable, rules: str, now: datetime
    ) -> bool:
        """Replace what the registry holds of the change; False where its status is another by now.

        `terms` are the kinds and values of `ChangeTermRow`.
        """
        mine = and_(col(ChangeRow.id) == due.change_id, col(ChangeRow.status) == due.status)
        with self._database.transaction() as session:
            if session.scalar(select(col(ChangeRow.id)).where(mine).with_for_update()) is None:
                return False
            session.execute(delete(ChangeTermRow).where(col(ChangeTermRow.change_id) == due.change_id))
            rows = [{"change_id": due.change_id, "kind": kind, "value": value} for kind, value in sorted(set(terms))]
            insert_missing_many(session, ChangeTermRow, rows)
            _make_findable(session, "change", due.change_id, due.platform_id, [found_by])
            _mark(session, due.change_id, due.status, rules, now)
            return True


def _replace_comparison(session: Session, due: DueDocument, compared: Compared | None) -> None:
    session.execute(delete(ComparisonRow).where(col(ComparisonRow.document_id) == due.document_id))
    if compared is not None:
        session.add(
            ComparisonRow(
                document_id=due.document_id,
                old_version_id=compared.old_version_id,
                new_version_id=due.version_id,
                report=dict(compared.report),
            )
        )


def _make_findable(session: Session, kind: str, subject: str, platform_id: str, found_by: Sequence[Searchable]) -> None:
    mine = (col(SearchEntryRow.kind) == kind, col(SearchEntryRow.subject) == subject)
    session.execute(delete(SearchEntryRow).where(*mine))
    session.add_all(
        SearchEntryRow(
            kind=kind,
            subject=subject,
            ordinal=one.ordinal,
            platform_id=platform_id,
            title=one.title,
            body=one.body,
        )
        for one in found_by
    )


def _mark(session: Session, subject: str, stamp: str, rules: str, now: datetime) -> None:
    values = {"subject": subject, "stamp": stamp, "rules": rules, "at": now}
    if not insert_missing(session, RegistryMarkRow, values):
        row = session.get_one(RegistryMarkRow, subject)
        row.stamp, row.rules, row.at = stamp, rules, now
        session.add(row)

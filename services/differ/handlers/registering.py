"""Takes into the registry what is not in it yet: newest versions with what is said of their provisions and with what
changed since the first one, and changes."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from services.differ.core.comparison import TooDifferent
from services.differ.core.pipeline import VersionText, build_report, compare_versions
from services.differ.core.registry import RULES, describe
from shared.clock import Clock
from shared.db.registry.feeds import EFFECTIVE, OBJECTION
from shared.db.registry.taking_in import Compared, DueChange, DueDocument, Searchable
from shared.db.registry.versions import VersionEntry
from shared.domain.provisions import Provision, ProvisionKind
from shared.logging import get_logger

log = get_logger()

Due = TypeVar("Due", DueDocument, DueChange)

_DOCUMENTS, _CHANGES = 50, 200
"""At a time, of each what fits in `_WORTH_S`: captures wait for the same worker. The scheduler calls again while there
is more."""
_WORTH_S = 3.0
_MOST_COMPARED = 200
"""Changed provisions between a document's first version and its newest; beyond that they have little in common."""
_EXCERPT = 400
"""Characters."""
_MOST_SEARCHED = 20_000
"""Characters of one provision or change that can be found by."""


class Store(Protocol):
    """What registering needs of the database; see `shared.db.registry.taking_in.RegistryStore`."""

    def forget_other_rules(self, rules: str) -> int: ...

    def documents_due(self, limit: int, document_id: str | None = None) -> list[DueDocument]: ...

    def changes_due(self, limit: int, document_id: str | None = None) -> list[DueChange]: ...

    def provisions(self, version_id: str) -> list[Provision]: ...

    def ends(self, due: DueDocument) -> tuple[VersionEntry, VersionEntry] | None: ...

    def put_document(
        self,
        due: DueDocument,
        rows: Sequence[Mapping[str, Any]],
        found_by: Sequence[Searchable],
        compared: Compared | None,
        rules: str,
        now: datetime,
    ) -> bool: ...

    def put_change(
        self, due: DueChange, terms: set[tuple[str, str]], found_by: Searchable, rules: str, now: datetime
    ) -> bool: ...


class Registrar:
    """Works off what is due. Two at once do the same work twice, and neither harms the other."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._rules_known = False

    def take_in(self) -> int:
        """What is due, up to some seconds' worth of it; how many documents and changes."""
        if not self._rules_known:
            self._store.forget_other_rules(RULES)
            self._rules_known = True
        documents = _worked_off(self._document, self._store.documents_due(_DOCUMENTS))
        changes = _worked_off(self._change, self._store.changes_due(_CHANGES))
        if documents or changes:
            log.info("registry.taken_in", documents=documents, changes=changes)
        return documents + changes

    def take_in_document(self, document_id: str) -> None:
        """All that is due of one document: for an import, whose processes have a document each."""
        for due in self._store.documents_due(1, document_id):
            self._document(due)
        while changes := self._store.changes_due(_CHANGES, document_id):
            if not sum(map(self._change, changes)):
                return

    def _document(self, due: DueDocument) -> bool:
        provisions = self._store.provisions(due.version_id)
        rows = [_row(provision) for provision in provisions]
        found_by, compared = list(_searchable(provisions)), self._compared(due, provisions)
        return self._store.put_document(due, rows, found_by, compared, RULES, self._clock.now())

    def _compared(self, due: DueDocument, provisions: Sequence[Provision]) -> Compared | None:
        """What changed since the first version, unless a change record says so or they have little in common."""
        ends = self._store.ends(due)
        if ends is None:
            return None
        first, newest = ends
        old, new = VersionText.kept(first, self._store.provisions(first.id)), VersionText.kept(newest, provisions)
        try:
            report = build_report(compare_versions(old, new, most=_MOST_COMPARED))
        except TooDifferent:
            return None
        return Compared(first.id, report.to_json())

    def _change(self, due: DueChange) -> bool:
        return self._store.put_change(due, _terms(due.report), _told(due.report), RULES, self._clock.now())


def _worked_off(work: Callable[[Due], bool], due: Sequence[Due]) -> int:
    """How much was done, at least of one, in the time that there is."""
    done, deadline = 0, time.monotonic() + _WORTH_S
    for one in due:
        done += work(one)
        if time.monotonic() > deadline:
            break
    return done


def excerpt(text: str, limit: int = _EXCERPT) -> str:
    """The beginning of a text, cut between words and then with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[:limit]
    return cut[: cut.rfind(" ") if " " in cut else limit].rstrip(" ,;:") + " …"


def _row(provision: Provision) -> dict[str, Any]:
    said = describe(provision)
    return {
        "ordinal": provision.ordinal,
        "provision_id": provision.id,
        "kind": str(provision.kind),
        "path": list(provision.path),
        "heading": provision.heading,
        "excerpt": excerpt(provision.text),
        "words": len(provision.text.split()),
        "category": said.category,
        "categories": list(said.categories),
        "severity": said.severity,
        "confidence": said.confidence,
        "reasons": list(said.reasons),
        "vector": said.vector,
    }


def _searchable(provisions: Sequence[Provision]) -> Iterator[Searchable]:
    for provision in provisions:
        if provision.kind is not ProvisionKind.HEADING:
            yield Searchable(" › ".join(provision.path), provision.text[:_MOST_SEARCHED], provision.ordinal)


def _terms(report: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Categories, regulations and provisions that a report's changes touch, those without meaning left out; and the
    days that the document states."""
    stated = ((kind, report["dates"][kind]) for kind in (EFFECTIVE, OBJECTION))
    terms = {(kind, date["value"]) for kind, date in stated if date}
    for provision in report["provisions"]:
        if provision["severity"] == "editorial":
            continue
        terms |= {("category", category) for category in provision["categories"]}
        terms |= {("regulation", regulation["id"]) for regulation in provision["regulations"]}
        terms.add(("provision", provision["id"]))
    return terms


def _told(report: Mapping[str, Any]) -> Searchable:
    sides = [side["text"] for one in report["provisions"] for side in (one["after"], one["before"]) if side]
    return Searchable(report["headline"]["text"] if report["headline"] else "", "\n\n".join(sides)[:_MOST_SEARCHED])

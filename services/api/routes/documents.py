"""`/documents/{id}`: what a document says, its versions on a timeline, what was kept of it, and how its checks go."""

from dataclasses import dataclass
from itertools import zip_longest

from fastapi import APIRouter, Request, Response

from services.api.frame import framed, nothing_here
from services.api.resources import Resources
from services.differ.core.taxonomy import taxonomy
from shared.db.registry.changes import ChangeEntry
from shared.db.registry.versions import VersionEntry

_VERSIONS = 20
_PROVISIONS = 40
_HEADINGS = 60
_CHECKS = 8
"""Of each on one page."""


@dataclass(frozen=True, slots=True)
class Stood:
    """A version on the timeline: the one before it, and the change that led to it, where there are such."""

    version: VersionEntry
    before: VersionEntry | None
    change: ChangeEntry | None

    @property
    def grown(self) -> int | None:
        """How many words it has more than the version before."""
        return self.version.words - self.before.words if self.before else None


def router(resources: Resources) -> APIRouter:
    """One by its id; public. `?at=` names the place of a provision to be shown, `?before=` a version's sequence."""
    routes = APIRouter()
    registry = resources.registry

    @routes.get("/documents/{document_id}")
    def document(request: Request, document_id: str) -> Response:
        entry = registry.documents.one(document_id)
        if entry is None:
            return nothing_here(resources, request, "document")
        count, headings = registry.provisions.outline(document_id, limit=_HEADINGS)
        first = min(_whole(request, "at") or 0, max(count - 1, 0)) // _PROVISIONS * _PROVISIONS
        timeline = _timeline(resources, document_id, _whole(request, "before"))
        return framed(
            resources,
            request,
            "document",
            title=f"{entry.platform_name} · {entry.type}",
            here="/platforms",
            document=entry,
            count=count,
            headings=headings,
            first=first,
            size=_PROVISIONS,
            provisions=registry.provisions.of_document(document_id, places=(first, first + _PROVISIONS)),
            labels={one.id: one.label for one in taxonomy().values()},
            timeline=timeline[:_VERSIONS],
            older=timeline[_VERSIONS - 1].version.sequence if len(timeline) > _VERSIONS else None,
            archival=registry.versions.archival(document_id),
            checks=registry.versions.checks(document_id, limit=_CHECKS),
        )

    return routes


def _timeline(resources: Resources, document_id: str, before: int | None) -> list[Stood]:
    """Versions, the newest first, one more than a page shows."""
    versions = resources.registry.versions.listed(document_id, before=before, limit=_VERSIONS + 2)
    changes = resources.registry.changes.leading_to([one.id for one in versions])
    stood = [Stood(one, earlier, changes.get(one.id)) for one, earlier in zip_longest(versions, versions[1:])]
    return stood[: _VERSIONS + 1]


def _whole(request: Request, name: str) -> int | None:
    """A number of the query; None where it gives none, or one that no list reaches."""
    given = request.query_params.get(name, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 8 else None

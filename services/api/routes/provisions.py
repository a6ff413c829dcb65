"""`/provisions/{id}`: what a provision says, what it said before, and how other platforms handle the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from services.api.frame import framed, nothing_here
from services.api.marking import redlined
from services.api.resources import Resources
from services.differ.core.likeness import Likeness, likeness_vector
from services.differ.core.render.wording import interpretive_note
from services.differ.core.taxonomy import instruments, taxonomy
from shared.db.registry.changes import ChangeFilter
from shared.db.registry.provisions import ProvisionEntry, Told

_OTHERS = 8
"""Provisions of other platforms that are shown, one of each platform."""

_LEAST_ALIKE = 0.1
_CHANGES = 20

_WORDINGS = 8
"""Of its history, the newest."""

Alike = tuple[float, ProvisionEntry]


@dataclass(frozen=True, slots=True)
class Wording:
    """What a provision said from one version to another; `words` is marked against what it said before."""

    first: Told
    last: Told
    words: Markup


def router(resources: Resources) -> APIRouter:
    """One page; public. A provision that no newest version has any more is shown by its history."""
    routes = APIRouter()
    provisions = resources.registry.provisions

    @routes.get("/provisions/{provision_id}")
    def show(request: Request, provision_id: str) -> Response:
        history = provisions.history(provision_id)
        if not history:
            return nothing_here(resources, request, "provision")
        entry, said = provisions.one(provision_id), history[-1].provision
        wordings, older = _wordings(history)
        category = taxonomy().get(entry.category) if entry and entry.category else None
        return framed(
            resources,
            request,
            "provision",
            title=" › ".join(said.path) or "A provision",
            provision=entry,
            said=said,
            category=category,
            note=interpretive_note(category, entry.severity) if entry and category else None,
            rules=[(instruments().get(rule.id, rule.id), rule) for rule in category.regulations] if category else [],
            prevalence=provisions.prevalence(category.id) if category else None,
            others=_others(resources, entry, said.text) if entry else [],
            history=wordings,
            more_history=older,
            changes=resources.registry.changes.listed(ChangeFilter(provisions=(provision_id,)), limit=_CHANGES),
        )

    return routes


def _wordings(history: Sequence[Told]) -> tuple[list[Wording], int]:
    """The history as a page shows it, the newest wording first, each marked against the one before it; and how many
    older ones there are."""
    runs = [list(run) for _, run in groupby(history, key=lambda told: told.provision.text)]
    older = max(len(runs) - _WORDINGS, 0)
    found = []
    for place in range(older, len(runs)):
        first, last = runs[place][0], runs[place][-1]
        before = runs[place - 1][0] if place else first
        found.append(Wording(first, last, redlined(before.provision.text, first.provision.text)))
    return found[::-1], older


def _others(resources: Resources, entry: ProvisionEntry, text: str) -> list[Alike]:
    """The nearest provision of the same category on each of the other platforms, the most alike first."""
    if entry.category is None:
        return []
    provisions = resources.registry.provisions
    mine = Likeness(likeness_vector(text))
    nearest: dict[str, tuple[float, str, int]] = {}
    for slug, document_id, ordinal, vector in provisions.vectors(entry.category, not_of=entry.platform_slug):
        measured = (mine.to(vector), document_id, ordinal)
        nearest[slug] = max(measured, nearest.get(slug, measured))
    shown = sorted((one for one in nearest.values() if one[0] >= _LEAST_ALIKE), reverse=True)[:_OTHERS]
    found = provisions.at([(document_id, ordinal) for _, document_id, ordinal in shown])
    entries = ((alike, found.get((document_id, ordinal))) for alike, document_id, ordinal in shown)
    return [(alike, other) for alike, other in entries if other is not None]

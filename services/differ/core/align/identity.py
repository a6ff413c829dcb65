"""Whose identity carries over."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.differ.core.align.matches import Matches
from services.differ.core.align.operations import Operation
from services.differ.core.segment import provision_id
from shared.domain.provisions import Provision


def identified(matches: Matches, operations: Iterable[Operation]) -> tuple[Provision, ...]:
    """The new provisions with the ids that carry over; an id is never used twice."""
    old, new = matches.old, matches.new
    carried: dict[int, str] = {}
    for operation in operations:
        if operation.old and operation.new:
            carried[_largest(matches, new, operation.new)] = old[_largest(matches, old, operation.old)].id
    used = set(carried.values()) | {provision.id for provision in old}
    identified = []
    for j, provision in enumerate(new):
        fresh = carried.get(j, provision.id)
        while j not in carried and fresh in used:
            fresh = provision_id(fresh, j, provision.canonical)
        used.add(fresh)
        identified.append(replace(provision, id=fresh))
    return tuple(identified)


def _largest(matches: Matches, provisions: Sequence[Provision], places: Sequence[int]) -> int:
    """The place whose provision has most words, the first of equals."""
    if len(places) == 1:
        return places[0]
    return max(places, key=lambda place: (len(matches.code(provisions[place])), -place))

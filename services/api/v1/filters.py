"""Query parameters that several routes take, and what is said of values that name nothing."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime

from services.api.v1.problems import Fault, Problem
from services.differ.core.taxonomy import instruments, taxonomy
from shared.db.registry.changes import ChangeFilter
from shared.domain.report import Direction, Severity

_MOST = 20


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("it is outside the years 1 to 9999 in UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


async def change_filter(
    platform: Annotated[list[str] | None, Query(max_length=_MOST, description="Slugs")] = None,
    document: Annotated[list[str] | None, Query(max_length=_MOST, description="Ids")] = None,
    type: Annotated[list[str] | None, Query(max_length=_MOST, description="`Terms of Service`, …")] = None,
    category: Annotated[list[str] | None, Query(max_length=_MOST, description="Ids of the taxonomy")] = None,
    regulation: Annotated[list[str] | None, Query(max_length=_MOST, description="Ids of instruments: `gdpr`")] = None,
    provision: Annotated[list[str] | None, Query(max_length=_MOST, description="Ids")] = None,
    severity: Annotated[list[Severity] | None, Query(max_length=_MOST, description="How grave it is")] = None,
    direction: Annotated[list[Direction] | None, Query(max_length=_MOST, description="For those bound")] = None,
    since: Annotated[Moment | None, Query(description="Detected then or later")] = None,
    until: Annotated[Moment | None, Query(description="Detected before")] = None,
    everything: Annotated[bool, Query(alias="all", description="Also what alerted nobody")] = False,
) -> ChangeFilter:
    """What a list of changes shows; of several values of a kind any fits, of several kinds each has to."""
    known("category", category or (), taxonomy())
    known("regulation", regulation or (), instruments())
    return ChangeFilter(
        platforms=platform or (),
        documents=document or (),
        types=type or (),
        categories=category or (),
        regulations=regulation or (),
        provisions=provision or (),
        severities=severity or (),
        directions=direction or (),
        since=since,
        until=until,
        told_only=not everything,
    )


def known(name: str, given: Iterable[str], there_are: Collection[str]) -> None:
    """Problem 422 for a value of the parameter that is none of these."""
    faults = [
        Fault(where=f"query.{name}", why=f"there is no {name} {one!r}: GET /{_PLURALS[name]} lists them")
        for one in given
        if one not in there_are
    ]
    if faults:
        raise Problem("invalid", "; ".join(f"{fault.where}: {fault.why}" for fault in faults[:3]), faults=faults)


_PLURALS = {"category": "categories", "regulation": "regulations"}

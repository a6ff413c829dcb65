"""New settings for a document that is watched already, what they changed, and who asked for them."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from shared.db.tables import AmendmentRow, ApiKeyRow, DocumentRow, MemberRow, ScheduleRow
from shared.domain.addresses import host_of
from shared.domain.documents import Declaration, Part, Selector

ADAPTIVE: Final = "adaptive"
"""In place of an interval: by how often the text changes."""


class WatchedTwice(Exception):
    """Another document of the platform is of that type and begins at that address."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """What somebody asks to have changed; None leaves a setting as it is. Times in seconds.

    `urls` are all of a document's. One that takes another's place is read as that one was; selectors and `javascript`
    hold for every part. `type` names the document from now on; what was told of it keeps the name it was told under.
    """

    type: str | None = None
    urls: tuple[str, ...] | None = None
    select: tuple[Selector, ...] | None = None
    remove: tuple[Selector, ...] | None = None
    javascript: bool | None = None
    confirm_after_s: float | None = None
    check_every_s: float | Literal["adaptive"] | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """One setting before and after; `url` names the part, where the setting is one's."""

    setting: str
    before: Any
    after: Any
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Amended:
    """What was changed at once. `by`: a member's address or a key's name, their id once they are gone, None for a
    command."""

    at: datetime
    by: str | None
    changed: tuple[Changed, ...]


def amend(session: Session, document_id: str, wanted: Amendment, now: datetime, by: str | None = None) -> list[Changed]:
    """Change a document's settings; what that changed, nothing where all was so already. `by`: a member's or key's id.

    Where what is read has changed, what was last seen is forgotten, so that the next check, due now, captures it whole
    even where the site's bytes are the same, and the differ reads them by the new declaration. A check under way loses
    its lease: it asked by the old one. WatchedTwice where the document would be another one's double.
    """
    row = session.get_one(DocumentRow, document_id)
    old = Declaration.model_validate(row.declaration)
    new = _amended(old, wanted)
    read_anew = list(_read_otherwise(old, new))
    own, times = list(_own(row, wanted, ("type",))), list(_own(row, wanted, ("confirm_after_s", "check_every_s")))
    for change in (*own, *times):
        setattr(row, change.setting, change.after)
    row.declaration, row.url = new.model_dump(mode="json"), new.parts[0].url
    session.add(row)
    try:
        session.flush()
    except IntegrityError:  # uq_documents_platform_type_url
        raise WatchedTwice(document_id) from None
    schedule: dict[str, Any] = {"next_check_at": now} if read_anew or times else {}
    if read_anew:
        schedule |= {"seen": None, "retry_at": None, "lease_until": None, "lease_token": None, "host": host_of(row.url)}
    if row.check_every_s is not None and any(change.setting == "check_every_s" for change in times):
        schedule["interval_s"] = row.check_every_s
    if schedule:
        mine = update(ScheduleRow).where(col(ScheduleRow.document_id) == document_id)
        session.execute(mine.values(**schedule))
    changed = [*own, *read_anew, *times]
    if changed:
        session.add(AmendmentRow(document_id=document_id, at=now, by=by, changed=[asdict(one) for one in changed]))
    return changed


def newest_amendments(session: Session, document_id: str, limit: int) -> list[Amended]:
    """What was changed of a document's settings, newest first."""
    by = col(AmendmentRow.by)
    query = (
        select(AmendmentRow, func.coalesce(col(MemberRow.email), col(ApiKeyRow.name), by))
        .join(MemberRow, col(MemberRow.id) == by, isouter=True)
        .join(ApiKeyRow, col(ApiKeyRow.id) == by, isouter=True)
        .where(col(AmendmentRow.document_id) == document_id)
        .order_by(col(AmendmentRow.id).desc())
        .limit(limit)
    )
    found = session.execute(query)
    return [Amended(row.at, who, tuple(Changed(**one) for one in row.changed)) for row, who in found]


def _own(row: DocumentRow, wanted: Amendment, settings: tuple[str, ...]) -> Iterator[Changed]:
    """What is said of the document itself, and was not so yet."""
    for setting in settings:
        before, after = getattr(row, setting), getattr(wanted, setting)
        if after is not None and before != (after := None if after == ADAPTIVE else after):
            yield Changed(setting, before, after)


def _amended(old: Declaration, wanted: Amendment) -> Declaration:
    given = {"select": wanted.select, "remove": wanted.remove, "javascript": wanted.javascript}
    said = {name: value for name, value in given.items() if value is not None}
    urls = wanted.urls or tuple(part.url for part in old.parts)
    return Declaration(parts=tuple(part.model_copy(update=said) for part in _at(old, urls)))


def _at(old: Declaration, urls: Sequence[str]) -> Iterator[Part]:
    """The parts at those addresses: as they were, as the one was whose place an address takes, or new ones."""
    known = {part.url: part for part in old.parts}
    for place, url in enumerate(urls):
        before = old.parts[place] if place < len(old.parts) else Part(url=url)
        is_replaced = before.url not in urls
        yield known.get(url) or (before.model_copy(update={"url": url}) if is_replaced else Part(url=url))


def _read_otherwise(old: Declaration, new: Declaration) -> Iterator[Changed]:
    before_urls, now_urls = ([part.url for part in declaration.parts] for declaration in (old, new))
    if before_urls != now_urls:
        yield Changed("urls", before_urls, now_urls)
    for was, part in zip(_at(old, now_urls), new.parts, strict=True):
        before, now = (one.model_dump(mode="json", exclude_none=True) for one in (was, part))
        for setting in ("select", "remove", "javascript"):
            if before[setting] != now[setting]:
                yield Changed(setting, before[setting], now[setting], part.url)

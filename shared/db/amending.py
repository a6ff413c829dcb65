"""New settings for a document that is watched already, and what they changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col

from shared.db.tables import DocumentRow, ScheduleRow
from shared.domain.documents import Declaration, Part, Selector


@dataclass(frozen=True, slots=True)
class Amendment:
    """What somebody asks to have changed; None leaves a setting as it is. Times in seconds.

    `urls` are all of a document's, the first as it is known by. Selectors and `javascript` hold for every part.
    """

    urls: tuple[str, ...] | None = None
    select: tuple[Selector, ...] | None = None
    remove: tuple[Selector, ...] | None = None
    javascript: bool | None = None
    confirm_after_s: float | None = None
    check_every_s: float | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """One setting before and after; `url` names the part, where the setting is one's."""

    setting: str
    before: Any
    after: Any
    url: str | None = None


def amend(session: Session, document_id: str, wanted: Amendment, now: datetime) -> list[Changed]:
    """Change a document's settings; what that changed, nothing where all was so already.

    Where what is read has changed, what was last seen is forgotten, so that the next check, due now, captures it whole
    even where the site's bytes are the same, and the differ reads them by the new declaration.
    """
    row = session.get_one(DocumentRow, document_id)
    old = Declaration.model_validate(row.declaration)
    new = _amended(old, wanted)
    read_anew = list(_read_otherwise(old, new))
    times = [
        Changed(name, getattr(row, name), value)
        for name, value in (("confirm_after_s", wanted.confirm_after_s), ("check_every_s", wanted.check_every_s))
        if value is not None and getattr(row, name) != value
    ]
    row.declaration = new.model_dump(mode="json")
    for change in times:
        setattr(row, change.setting, change.after)
    session.add(row)
    schedule: dict[str, Any] = {"next_check_at": now} if read_anew or times else {}
    if read_anew:
        schedule |= {"seen": None, "retry_at": None}
    if any(change.setting == "check_every_s" for change in times):
        schedule["interval_s"] = wanted.check_every_s
    if schedule:
        mine = update(ScheduleRow).where(col(ScheduleRow.document_id) == document_id)
        session.execute(mine.values(**schedule))
    return [*read_anew, *times]


def _amended(old: Declaration, wanted: Amendment) -> Declaration:
    known = {part.url: part for part in old.parts}
    given = {"select": wanted.select, "remove": wanted.remove, "javascript": wanted.javascript}
    said = {name: value for name, value in given.items() if value is not None}
    urls = wanted.urls or tuple(part.url for part in old.parts)
    return Declaration(parts=tuple(known.get(url, Part(url=url)).model_copy(update=said) for url in urls))


def _read_otherwise(old: Declaration, new: Declaration) -> Iterator[Changed]:
    before_urls, now_urls = ([part.url for part in declaration.parts] for declaration in (old, new))
    if before_urls != now_urls:
        yield Changed("urls", before_urls, now_urls)
    known = {part.url: part.model_dump(mode="json", exclude_none=True) for part in old.parts}
    for part in new.parts:
        now = part.model_dump(mode="json", exclude_none=True)
        before = known.get(part.url, {**now, "select": [], "remove": [], "javascript": False})
        for setting in ("select", "remove", "javascript"):
            if before[setting] != now[setting]:
                yield Changed(setting, before[setting], now[setting], part.url)

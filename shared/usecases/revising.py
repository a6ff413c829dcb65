"""A wrong alert is corrected or retracted: told once to those who received it, withdrawn from those who wait for it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from shared.clock import Clock
from shared.db.notifier.revisions import Revision
from shared.domain.notices import NoticeKind
from shared.domain.revising import Wish, revised
from shared.ids import new_id


class Store(Protocol):
    """Where changes and deliveries are; see `shared.db.notifier.revisions.RevisionStore`."""

    def revise(
        self,
        change_id: str,
        kind: NoticeKind,
        revised: Callable[[Mapping[str, Any]], dict[str, Any]],
        *,
        correlation_id: str,
        now: datetime,
    ) -> Revision: ...


class Reviser:
    """Corrects and retracts changes."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def retract(self, change_id: str, why: str) -> Revision:
        """Take a change back. CannotRevise where there is nothing to take back, UnknownChange where there is none."""
        return self._revise(change_id, Wish(NoticeKind.CHANGE_RETRACTED, why))

    def correct(
        self, change_id: str, why: str, *, severity: str | None = None, direction: str | None = None
    ) -> Revision:
        """Say what was wrong, and what is right. CannotRevise or UnknownChange as for a retraction."""
        return self._revise(change_id, Wish(NoticeKind.CHANGE_CORRECTED, why, severity, direction))

    def _revise(self, change_id: str, wish: Wish) -> Revision:
        return self._store.revise(
            change_id,
            wish.kind,
            partial(revised, wish=wish),
            correlation_id=new_id("cor"),
            now=self._clock.now(),
        )

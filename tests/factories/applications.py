"""One application for all tests of a process: to build its hundred routes takes longer than most of them."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from services.api.app import make_app
from services.api.guard import Guard
from services.api.resources import Operated, Owned, Registry, Resources


class _Current:
    """Stands for a part of the resources that the application works with now."""

    def __init__(self, find: Callable[[], Any]) -> None:
        self._find = find

    def __getattr__(self, name: str) -> Any:
        part = self._find()
        found = getattr(part, name)
        is_group = isinstance(part, Registry | Owned | Operated) and not isinstance(found, int | float)
        return _Current(lambda: getattr(self._find(), name)) if is_group else found

    def __call__(self, *given: Any, **named: Any) -> Any:
        return self._find()(*given, **named)


class _Application:
    """An application whose resources can be taken for others."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        parts = {field.name: self._current(field.name) for field in fields(Resources)}
        self.app = make_app(Resources(**{**parts, "event_key": resources.event_key and parts["event_key"]}))

    def _current(self, name: str) -> Any:
        return _Current(lambda: getattr(self.resources, name))


_made: dict[bool, _Application] = {}
"""By whether SendGrid's reports are believed, which the application is built by."""


def application_of(resources: Resources) -> Guard:
    """The application, which works with those resources from now on. For tests alone, one after another."""
    believes = resources.event_key is not None
    if believes not in _made:
        _made[believes] = _Application(resources)
    _made[believes].resources = resources
    return _made[believes].app

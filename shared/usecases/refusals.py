"""Why something that was asked for is not done, said once for every door that it can be asked at."""

from typing import Literal, TypeAlias

RefusedKind: TypeAlias = Literal[
    "address",
    "archive",
    "confirmed",
    "disabled",
    "invalid",
    "last-owner",
    "maker-gone",
    "member-already",
    "no-secret",
    "not-found",
    "not-repeatable",
    "not-yet",
    "nothing-to-accept",
    "operators-only",
    "paused",
    "plan",
    "plan-skipped",
    "reader-said-no",
    "unconfirmed",
]
"""What can stand in the way; `services/api/v1/problem_kinds.py` explains each."""


class Refused(Exception):
    """It is not done, and the message tells whoever asked how to mend that.

    `kind` names what stands in the way: `invalid` (then `field` names what of the request is wrong), `not-found`,
    `plan`, or a state of things such as `paused`.
    """

    def __init__(self, kind: RefusedKind, said: str, *, field: str = "") -> None:
        super().__init__(said)
        self.kind, self.field = kind, field


def invalid(field: str, why: str) -> Refused:
    """What stands in that field cannot be."""
    return Refused("invalid", why, field=field)


def none_such(what: str) -> Refused:
    """The one answer to what is not there and what is another's."""
    return Refused("not-found", f"there is no such {what}")

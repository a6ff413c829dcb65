"""Who asks, and what they may do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from starlette.requests import Request
from starlette.types import Scope


class Role(StrEnum):
    """What a member or a key may do in an account, least first."""

    READ_ONLY = "read-only"
    """Reads what the account owns."""
    MEMBER = "member"
    """Also changes subscriptions, endpoints and deliveries."""
    OWNER = "owner"
    """Also members, keys and the plan."""

    def includes(self, other: "Role") -> bool:
        """Whether whoever has this role may do what the other may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. Without an account it is anybody, who may read what is public.

    `is_operator` is who runs the installation, whatever their role in an account. `by_session` is whether a browser's
    cookie said so, and a request that changes something must then prove that a page of ours made it (CSRF).
    """

    account_id: str | None = None
    role: Role | None = None
    plan: str = "free"
    is_operator: bool = False
    member_id: str | None = None
    key_id: str | None = None
    by_session: bool = False

    @property
    def is_known(self) -> bool:
        return self.account_id is not None

    @property
    def known_by(self) -> str | None:
        """The id of the member or of the key that asks."""
        return self.member_id or self.key_id

    def may(self, role: Role) -> bool:
        """Whether the account's things are theirs to treat as that role does."""
        return self.role is not None and self.role.includes(role)


ANYBODY = Principal()

_SCOPE = "clausewatch.principal"


def remember(scope: Scope, principal: Principal) -> None:
    """Who asks, for what comes after in this request."""
    scope[_SCOPE] = principal


def remembered(scope: Scope) -> Principal | None:
    """Who asks, where that was found out before."""
    principal: Principal | None = scope.get(_SCOPE)
    return principal


class BadCredentials(Exception):
    """A key or session that is not, or no longer, good. Nothing is said about which."""


class Identity(Protocol):
    """Tells who asks."""

    def identify(self, request: Request) -> Principal:
        """By API key (`Authorization: Bearer …`) or session cookie; ANYBODY without either, BadCredentials for a
        key that is no good. A session that ran out is nobody's: ANYBODY. Looked up once for each request."""
        ...

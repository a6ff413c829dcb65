"""How many requests one may make: the policy for whoever asks, and what they are told of it. Pure.

The headers are those of draft-ietf-httpapi-ratelimit-headers-10 (structured fields, RFC 9651).
"""

from dataclasses import dataclass
from math import ceil

from services.api.counting import Counted, Counts
from services.api.principals import Principal
from shared.domain.plans import plan_named

WINDOW_S = 60


@dataclass(frozen=True, slots=True)
class Limits:
    """What of an installation decides how many requests one may make."""

    counts: Counts
    anonymous_per_minute: int
    trusted_proxies: int


@dataclass(frozen=True, slots=True)
class Policy:
    """So many requests a minute, counted together under `counted_as`."""

    name: str
    """In the headers: `account` or `address`."""
    counted_as: str
    quota: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a request leaves whoever made it."""

    policy: Policy
    remaining: int
    reset_s: int
    """Whole seconds until the window ends, rounded up."""
    is_over: bool

    @property
    def headers(self) -> dict[str, str]:
        """What every answer says of it; Retry-After where the request was refused."""
        name = self.policy.name
        said = {
            "RateLimit-Policy": f'"{name}";q={self.policy.quota};w={WINDOW_S}',
            "RateLimit": f'"{name}";r={self.remaining};t={self.reset_s}',
        }
        return {**said, "Retry-After": str(self.reset_s)} if self.is_over else said


def policy_for(principal: Principal, address: str, anonymous_per_minute: int) -> Policy:
    """All keys and sessions of an account count together, by its plan; anybody counts by address."""
    if principal.account_id is None:
        return Policy("address", f"address:{address}", anonymous_per_minute)
    return Policy("account", f"account:{principal.account_id}", plan_named(principal.plan).requests_per_minute)


def standing(policy: Policy, counted: Counted) -> Standing:
    """What so many requests in this window mean. The one that uses the quota up is still answered."""
    remaining = max(0, policy.quota - counted.count)
    return Standing(policy, remaining, max(1, ceil(counted.left_s)), counted.count > policy.quota)

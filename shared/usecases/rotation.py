"""What an owner does about a signing secret: replace it, with an overlap in which receivers may know either."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from shared.clock import Clock
from shared.domain import signing
from shared.usecases.accounts import SECRET_BYTES, Unknown

OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=30)


class Secrets(Protocol):
    """Where secrets are kept; see `shared.db.notifier.rotation.EndpointSecrets`."""

    def rotate(self, account_id: str, endpoint_id: str, sealed: str, old_until: datetime, now: datetime) -> bool: ...


class Box(Protocol):
    """Seals secrets; see `shared.secrets.SecretBox`."""

    def seal(self, secret: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Rotated:
    """The new secret, the one time it is shown, and until when the old one signs too."""

    secret: str
    old_signs_until: datetime


class Rotation:
    """Replaces signing secrets. `random_bytes` gives the bytes of new ones."""

    def __init__(self, secrets: Secrets, box: Box, clock: Clock, random_bytes: Callable[[int], bytes]) -> None:
        self._secrets, self._box, self._clock, self._random_bytes = secrets, box, clock, random_bytes

    def rotate(self, account_id: str, endpoint_id: str, overlap: timedelta = OVERLAP) -> Rotated:
        """A new secret; deliveries are signed with both for `overlap`, with the new one alone where that is zero.

        Unknown where the account has no such endpoint, or it has no secret; ValueError for an overlap out of bounds.
        """
        if not timedelta() <= overlap <= LONGEST_OVERLAP:
            raise ValueError(f"an overlap is between nothing and {LONGEST_OVERLAP.days} days")
        now = self._clock.now()
        secret = signing.secret_from(self._random_bytes(SECRET_BYTES))
        if not self._secrets.rotate(account_id, endpoint_id, self._box.seal(secret), now + overlap, now):
            raise Unknown(f"{endpoint_id} of {account_id} has no signing secret")
        return Rotated(secret, now + overlap)

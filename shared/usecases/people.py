"""What an owner does about the people and the programs of an account."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from shared.clock import Clock
from shared.db.identity.keys import ApiKey, ApiKeys, MakerGone
from shared.db.identity.members import LastOwner, Member, Members, NotAMember
from shared.domain.addresses import EgressPolicy
from shared.domain.deliveries import Channel
from shared.domain.endpoint_addresses import UnusableAddress, usable
from shared.usecases.refusals import Refused, none_such

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class People:
    """Each use case raises Refused where it does nothing."""

    members: Members
    keys: ApiKeys
    policy: EgressPolicy
    clock: Clock

    def let_in(self, account_id: str, email: str, role: str) -> Member:
        """Make somebody a member; they sign in with their address alone."""
        try:
            address = usable(Channel.EMAIL, email, self.policy)
        except UnusableAddress as error:
            raise Refused("address", str(error), field="email") from None
        member, is_new = self.members.add(account_id, address, role, self.clock.now())
        if not is_new:
            raise Refused("member-already", "that address belongs to an account already")
        return member

    def set_role(self, account_id: str, member_id: str, role: str) -> None:
        """Let a member do more, or less."""
        _changed(lambda: self.members.set_role(account_id, member_id, role))

    def let_out(self, account_id: str, member_id: str) -> int:
        """Let a member in no more: their browsers are signed out at once, and the keys that they made are revoked.

        How many keys that are.
        """
        return _changed(lambda: self.members.remove(account_id, member_id, self.clock.now()))

    def make_key(
        self,
        account_id: str,
        name: str,
        role: str,
        *,
        is_operator: bool = False,
        by_operator: bool = False,
        member_id: str | None = None,
        key_id: str | None = None,
    ) -> tuple[ApiKey, str]:
        """A key with its secret, which nobody reads again. `by_operator`: whether its maker runs the installation.

        `member_id` or `key_id` is who asks: the key ends with that member, or the one who made that key.
        """
        if is_operator and not by_operator:
            raise Refused("operators-only", "only who runs this installation may make a key that does")
        now, asked_by = self.clock.now(), {"member_id": member_id, "key_id": key_id}
        try:
            return self.keys.make(account_id, name, role, now, is_operator=is_operator, **asked_by)
        except MakerGone:
            raise Refused("maker-gone", "you were removed from the account, or your key was revoked") from None

    def revoke(self, account_id: str, key_id: str) -> None:
        """End a key, at once."""
        if not self.keys.revoke(account_id, key_id, self.clock.now()):
            raise none_such("key")


def _changed(change: Callable[[], Done]) -> Done:
    try:
        return change()
    except NotAMember:
        raise none_such("member") from None
    except LastOwner:
        raise Refused("last-owner", "an account keeps an owner: make somebody else one first") from None

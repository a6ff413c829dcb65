"""Signing in by a mailed link: for members, and where the installation says so for whoever comes."""

from shared.clock import Clock
from shared.db.identity.mailing import SignInMails
from shared.db.identity.members import Member, Members
from shared.db.identity.newcomers import Newcomers


class SigningIn:
    """Mails links and redeems them. Without `newcomers` an address that is no member's gets nothing."""

    def __init__(self, members: Members, newcomers: Newcomers | None, mails: SignInMails, clock: Clock) -> None:
        self._members, self._newcomers = members, newcomers
        self._mails, self._clock = mails, clock

    @property
    def takes_newcomers(self) -> bool:
        """Whether who signs in for the first time gets an account."""
        return self._newcomers is not None

    def mail_link(self, address: str) -> None:
        """Have a link mailed there; nothing for who may not come in, or was sent enough within the hour."""
        now = self._clock.now()
        member = self._members.by_email(address)
        if member:
            link_id = self._members.link_to_mail(member.id, now)
            if link_id:
                self._mails.send(member, link_id, now)
        elif self._newcomers:
            link_id = self._newcomers.link_to_mail(address, now)
            if link_id:
                self._mails.send_newcomer(address, link_id, now)

    def redeem(self, link_id: str) -> Member | None:
        """Whom a link signs in: once, and before it runs out; that it is ours was proven by its token."""
        now = self._clock.now()
        found = self._members.redeem(link_id, now)
        return found or (self._newcomers.redeem(link_id, now) if self._newcomers else None)

"""Addresses, checked when they are entered: the words of a refusal go to whoever typed them."""

import re

from shared.domain.addresses import EgressPolicy, check_url
from shared.domain.deliveries import Channel

_MAILBOX = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{1,253}\Z)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+\Z"
)


class UnusableAddress(ValueError):
    """An address that nothing can be sent to: why."""


def usable(channel: Channel, address: str, policy: EgressPolicy) -> str:
    """The address, trimmed; UnusableAddress says what is wrong with it.

    Where a name leads is checked when it is connected to, not here: it may lead somewhere else by then.
    """
    address = address.strip()
    if channel is Channel.EMAIL:
        if not _MAILBOX.match(address) or ".." in address:
            raise UnusableAddress(f"{address!r} is no email address")
        return address
    verdict = check_url(address, policy)
    if not verdict.allowed:
        raise UnusableAddress(f"{address!r} cannot be told: {verdict.why}")
    return address

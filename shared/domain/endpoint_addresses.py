"""Addresses, checked when they are entered: the words of a refusal go to whoever typed them."""

import hashlib
import re
from collections.abc import Collection
from urllib.parse import urlsplit

from shared.domain.addresses import SLACK_HOSTS, EgressPolicy, check_url
from shared.domain.deliveries import Channel

_MAILBOX = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{1,253}\Z)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+\Z"
)
_OPEN_PART = re.compile(r"(https?://[^/?#]*)(/services/T\w+/B\w+/(?=.))?", re.ASCII)
_INCOMING = re.compile(r"https://[^/:]+/services/T\w+/B\w+/\w+", re.ASCII)


class UnusableAddress(ValueError):
    """An address that nothing can be sent to: why."""


def usable(channel: Channel, address: str, policy: EgressPolicy, slack_hosts: Collection[str] = SLACK_HOSTS) -> str:
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
        shown = "that Slack URL" if channel is Channel.SLACK else repr(address)
        raise UnusableAddress(f"{shown} cannot be told: {verdict.why}")
    if channel is Channel.SLACK:
        _check_slack(address, slack_hosts)
    return address


def listed(channel: Channel, address: str) -> str:
    """The address as it is stored in the open and shown. A Slack URL is a secret: host, workspace and a digest stay.

    The digest tells one URL from another; Slack's 24 random characters cannot be found from it.
    """
    if channel is not Channel.SLACK:
        return address
    digest = hashlib.sha256(address.encode()).hexdigest()[:12]
    open_part = _OPEN_PART.match(address)
    host, workspace = open_part.groups() if open_part else ("", None)
    return f"{host.lower()}{workspace or '/'}…{digest}"


def slack_host(address: str, allowed: Collection[str]) -> bool:
    """Whether a URL is at one of the hosts that Slack endpoints may be at."""
    return (urlsplit(address).hostname or "") in {host.lower() for host in allowed}


def _check_slack(address: str, hosts: Collection[str]) -> None:
    """A host that is Slack's own, or the operator's word, and there the path that incoming webhooks have."""
    if not slack_host(address, hosts):
        raise UnusableAddress(f"a Slack endpoint is at {' or '.join(hosts)}, not at {urlsplit(address).hostname}")
    if urlsplit(address).hostname in SLACK_HOSTS and not _INCOMING.fullmatch(address):
        raise UnusableAddress("an incoming webhook of Slack is https://hooks.slack.com/services/T…/B…/…, without more")

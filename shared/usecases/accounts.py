"""What an account's owner does: add an endpoint, subscribe, send a test. The plan decides first."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from shared.clock import Clock
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.consent import Consent
from shared.db.notifier.records import NewNotice
from shared.db.tables import AccountRow, EndpointRow
from shared.domain import signing
from shared.domain.addresses import SLACK_HOSTS, EgressPolicy
from shared.domain.consent import Asked
from shared.domain.deliveries import Channel
from shared.domain.endpoint_addresses import listed, usable
from shared.domain.notices import NoticeKind, trial_subject
from shared.domain.plans import AddEndpoint, Denied, Subscribe, decide, plan_named
from shared.domain.subscriptions import Subscription
from shared.ids import new_id
from shared.secrets import SecretBox

SECRET_BYTES = 32


class NotAllowed(Exception):
    """The account's plan does not include it; the message says so to the owner."""


class Unknown(Exception):
    """No account or endpoint has that id."""


@dataclass(frozen=True, slots=True)
class AddedEndpoint:
    """The endpoint, and its signing secret the one time it is shown: a new webhook's, None for any other.

    `asked` is what came of asking a new mailbox for its consent, None where none was asked.
    """

    endpoint: EndpointRow
    secret: str | None
    asked: Asked | None = None
    is_new: bool = True


class Accounts:
    """Use cases around `AccountStore`. `random_bytes` gives the bytes of new secrets.

    Where mail leaves this machine, `consent` sees to it that mailboxes agree before they are told.
    """

    def __init__(
        self,
        store: AccountStore,
        box: SecretBox,
        policy: EgressPolicy,
        clock: Clock,
        random_bytes: Callable[[int], bytes],
        slack_hosts: Collection[str] = SLACK_HOSTS,
        consent: Consent | None = None,
    ) -> None:
        self._store, self._box, self._policy, self._consent = store, box, policy, consent
        self._clock, self._random_bytes, self._slack_hosts = clock, random_bytes, slack_hosts

    def add_endpoint(self, account_id: str, channel: Channel, address: str) -> AddedEndpoint:
        """Add an endpoint, or find the one at that address. UnusableAddress, NotAllowed or Unknown otherwise."""
        account = self._account(account_id)
        url = usable(channel, address, self._policy, self._slack_hosts)
        address = listed(channel, url)
        known = next(
            (e for e in self._store.endpoints(account_id) if (e.kind, e.address) == (channel.value, address)), None
        )
        if known:
            return AddedEndpoint(known, None, is_new=False)
        _check(decide(plan_named(account.plan), self._store.usage(account_id), AddEndpoint(channel)))
        if channel is Channel.EMAIL and self._consent:
            mailbox, _, asked = self._consent.add_mailbox(account_id, address, self._clock.now())
            return AddedEndpoint(mailbox, None, asked)
        secret = signing.secret_from(self._random_bytes(SECRET_BYTES)) if channel is Channel.WEBHOOK else None
        kept = url if channel is Channel.SLACK else secret
        sealed = self._box.seal(kept) if kept else None
        endpoint, created = self._store.add_endpoint(account_id, channel, address, sealed, self._clock.now())
        return AddedEndpoint(endpoint, secret if created else None, is_new=created)

    def ask_again(self, account_id: str, endpoint_id: str) -> Asked:
        """Ask an unconfirmed mailbox for its consent once more. Unknown where the account has none of that id."""
        own = {endpoint.id for endpoint in self._store.endpoints(account_id)}
        asked = (
            self._consent.ask_again(endpoint_id, self._clock.now()) if self._consent and endpoint_id in own else None
        )
        if asked is None:
            raise Unknown(f"{endpoint_id} is no unconfirmed mailbox of {account_id}")
        return asked

    def subscribe(self, account_id: str, subscription: Subscription, endpoint_ids: Sequence[str]) -> str:
        """Subscribe some of the account's endpoints; the subscription's id. NotAllowed or Unknown otherwise."""
        self.check(account_id, subscription, endpoint_ids)
        return self._store.subscribe(account_id, subscription, endpoint_ids, self._clock.now())

    def check(
        self, account_id: str, subscription: Subscription, endpoint_ids: Sequence[str], *, instead_of: str = ""
    ) -> None:
        """NotAllowed where the plan does not include such a subscription, Unknown for an endpoint not the account's.

        `instead_of` is the subscription that it would replace.
        """
        account = self._account(account_id)
        own = {endpoint.id: endpoint for endpoint in self._store.endpoints(account_id)}
        for endpoint_id in endpoint_ids:
            if endpoint_id not in own:
                raise Unknown(f"{endpoint_id} is no endpoint of {account_id}")
        channels = frozenset(Channel(own[endpoint_id].kind) for endpoint_id in endpoint_ids)
        wish = Subscribe(subscription.platforms, channels, subscription.cadence, subscription.by_provision)
        _check(decide(plan_named(account.plan), self._store.usage(account_id, besides=instead_of), wish))

    def test_endpoint(self, account_id: str, endpoint_id: str) -> str:
        """Send the endpoint a test; the delivery's id. Unknown where it is not the account's."""
        endpoint = next((e for e in self._store.endpoints(account_id) if e.id == endpoint_id), None)
        if endpoint is None:
            raise Unknown(f"{endpoint_id} is no endpoint of {account_id}")
        data: dict[str, Any] = {"endpoint": {"id": endpoint.id, "kind": endpoint.kind}}
        notice = NewNotice(NoticeKind.ENDPOINT_TEST, trial_subject(new_id("tst")), new_id("cor"), data=data)
        return self._store.send_notice(endpoint, notice, self._clock.now())

    def _account(self, account_id: str) -> AccountRow:
        account = self._store.account(account_id)
        if account is None:
            raise Unknown(f"there is no account {account_id}")
        return account


def _check(verdict: object) -> None:
    if isinstance(verdict, Denied):
        raise NotAllowed(verdict.detail)

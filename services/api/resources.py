"""What the routes work with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from services.api.assets import Assets
from services.api.comparisons import Comparisons
from services.api.evidence.exporting import Exporter
from services.api.identity import KnownBy
from services.api.outbox import Outbox
from services.api.pages import Pages
from services.api.v1.limits import Limits
from services.api.v1.selectors import is_selector
from services.differ.core.taxonomy import taxonomy
from shared.archive import Archive
from shared.clock import Clock
from shared.db.backlog import Backlog
from shared.db.captures import Captures
from shared.db.changes import Changes
from shared.db.differ_accepting import accept_unusable
from shared.db.held import Held
from shared.db.identity.idempotency import IdempotencyKeys
from shared.db.identity.keys import ApiKeys
from shared.db.identity.members import Members
from shared.db.ledger.reading import Ledger
from shared.db.notifier.accounts import AccountStore
from shared.db.notifier.digests import DigestStore
from shared.db.notifier.endings import Endings
from shared.db.notifier.mail_events import MailEvents
from shared.db.notifier.overview import Overview
from shared.db.notifier.plan_changes import PlanStore
from shared.db.notifier.preferences import Preferences
from shared.db.notifier.receivers import Receivers
from shared.db.notifier.replay import Wanted, replay_many
from shared.db.notifier.revisions import RevisionStore
from shared.db.notifier.subscriptions import SubscriptionStore
from shared.db.notifier.suppressions import Suppressions
from shared.db.outbox import OutboxStore
from shared.db.registry.changes import ChangeList
from shared.db.registry.documents import Documents
from shared.db.registry.feeds import Feeds
from shared.db.registry.platforms import Platforms
from shared.db.registry.provisions import Provisions
from shared.db.registry.search import Search
from shared.db.registry.standing import Standings
from shared.db.registry.versions import Versions
from shared.db.reviews import Reviews
from shared.db.session import Database
from shared.db.sources import Sources
from shared.domain.addresses import EgressPolicy
from shared.links import Links
from shared.settings import Settings
from shared.usecases.accounts import Accounts
from shared.usecases.endpoints import Endpoints
from shared.usecases.making import make_accounts, make_rotation
from shared.usecases.people import People
from shared.usecases.revising import Reviser
from shared.usecases.rotation import Rotation
from shared.usecases.signing_in import SigningIn
from shared.usecases.subscribing import Subscribing
from shared.usecases.watching import Watching


@dataclass(frozen=True, slots=True)
class Registry:
    """What anybody may read of documents and their changes."""

    documents: Documents
    versions: Versions
    comparisons: Comparisons
    provisions: Provisions
    changes: ChangeList
    search: Search
    standings: Standings
    ledger: Ledger

    @classmethod
    def of(cls, database: Database) -> Self:
        """The stores of that database."""
        versions = Versions(database)
        return cls(
            Documents(database),
            versions,
            Comparisons(versions),
            Provisions(database),
            ChangeList(database),
            Search(database),
            Standings(database),
            Ledger(database),
        )


@dataclass(frozen=True, slots=True)
class Owned:
    """What accounts own, and what their people do about it."""

    store: AccountStore
    accounts: Accounts
    rotation: Rotation
    subscriptions: SubscriptionStore
    subscribing: Subscribing
    endpoints: Endpoints
    people: People
    overview: Overview
    endings: Endings
    plans: PlanStore
    suppressions: Suppressions
    replay: Callable[[Wanted, datetime], int]

    @classmethod
    def of(cls, settings: Settings, database: Database, clock: Clock) -> Self:
        """Those of that installation."""
        store, accounts = AccountStore(database), make_accounts(settings, database, clock)
        subscriptions, endings, plans = SubscriptionStore(database), Endings(database), PlanStore(database)
        rotation, suppressions = make_rotation(settings, database, clock), Suppressions(database)
        replay = partial(replay_many, database)
        return cls(
            store,
            accounts,
            rotation,
            subscriptions,
            Subscribing(
                store,
                accounts,
                endings,
                subscriptions,
                plans,
                Sources(database),
                Documents(database),
                frozenset(taxonomy()),
                clock,
            ),
            Endpoints(store, accounts, rotation, endings, suppressions, replay, clock),
            People(Members(database), ApiKeys(database), settings.egress(), clock),
            Overview(database),
            endings,
            plans,
            suppressions,
            replay,
        )


@dataclass(frozen=True, slots=True)
class Operated:
    """What who runs the installation sees and does."""

    sources: Sources
    watching: Watching
    backlog: Backlog
    captures: Captures
    reviser: Reviser
    outbox: OutboxStore
    policy: EgressPolicy
    """What documents may be read from."""

    @classmethod
    def of(cls, settings: Settings, database: Database, clock: Clock) -> Self:
        """Those of that installation."""
        sources, policy = Sources(database), settings.egress()
        accept, times = partial(accept_unusable, database), (settings.confirm_after_s, settings.check_interval_min_s)
        return cls(
            sources,
            Watching(sources, policy, accept, is_selector, *times, clock),
            Backlog(database),
            Captures(database),
            Reviser(RevisionStore(database), clock),
            OutboxStore(database),
            policy,
        )


@dataclass(frozen=True, slots=True)
class Resources:
    """One process's; shared by its requests."""

    receivers: Receivers
    preferences: Preferences
    changes: Changes
    digests: DigestStore
    platforms: Platforms
    registry: Registry
    owned: Owned
    operated: Operated
    archive: Archive
    exporter: Exporter
    feeds: Feeds
    reviews: Reviews
    links: Links
    clock: Clock
    identity: KnownBy
    members: Members
    signing_in: SigningIn
    limits: Limits
    idempotency: IdempotencyKeys
    pages: Pages
    assets: Assets
    mail_events: MailEvents
    outbox: Outbox
    event_key: EllipticCurvePublicKey | None
    """Proves SendGrid's reports; without one none is believed."""
    is_healthy: Callable[[], bool]
    hold: Callable[[], Held]

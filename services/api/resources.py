"""What the routes work with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from services.api.assets import Assets
from services.api.identity import KnownBy
from services.api.pages import Pages
from shared.archive import Archive
from shared.clock import Clock
from shared.db.changes import Changes
from shared.db.notifier.digests import DigestStore
from shared.db.notifier.mail_events import MailEvents
from shared.db.notifier.preferences import Preferences
from shared.db.notifier.receivers import Receivers
from shared.db.registry.changes import ChangeList
from shared.db.registry.documents import Documents
from shared.db.registry.feeds import Feeds
from shared.db.registry.platforms import Platforms
from shared.db.registry.provisions import Provisions
from shared.db.registry.search import Search
from shared.db.registry.versions import Versions
from shared.db.reviews import Reviews
from shared.db.session import Database
from shared.links import Links


@dataclass(frozen=True, slots=True)
class Registry:
    """What anybody may read of documents and their changes."""

    documents: Documents
    versions: Versions
    provisions: Provisions
    changes: ChangeList
    search: Search

    @classmethod
    def of(cls, database: Database) -> Self:
        """The stores of that database."""
        return cls(
            Documents(database), Versions(database), Provisions(database), ChangeList(database), Search(database)
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
    archive: Archive
    feeds: Feeds
    reviews: Reviews
    links: Links
    clock: Clock
    identity: KnownBy
    pages: Pages
    assets: Assets
    mail_events: MailEvents
    event_key: EllipticCurvePublicKey | None
    """Proves SendGrid's reports; without one none is believed."""
    is_healthy: Callable[[], bool]

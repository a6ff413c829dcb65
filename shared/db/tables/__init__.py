"""Every table; importing this package fills SQLModel's metadata."""

from shared.db.tables.captures import CheckRow, SnapshotPartRow, SnapshotRow
from shared.db.tables.digests import DigestItemRow, DigestRow, MuteRow
from shared.db.tables.events import EventFailureRow, EventHandledRow, OutboxRow
from shared.db.tables.identity import ApiKeyRow, IdempotencyRow, MemberRow, SessionRow, SignInRow, SignUpRow
from shared.db.tables.ledger import LedgerEntryRow, LedgerHeadRow
from shared.db.tables.mail import MailEventRow, SuppressionRow
from shared.db.tables.notifier import (
    AccountRow,
    AttemptRow,
    BodyRow,
    DeliveryRow,
    EndpointRow,
    HeldBackRow,
    NoticeRow,
    QuotaRow,
    SubscriptionEndpointRow,
    SubscriptionRow,
    SubscriptionTermRow,
)
from shared.db.tables.registry import (
    ChangeTermRow,
    ComparisonRow,
    RegisteredProvisionRow,
    RegistryMarkRow,
    SearchEntryRow,
)
from shared.db.tables.reviews import ReviewRow
from shared.db.tables.sources import AmendmentRow, DocumentRow, HostRow, PlatformRow, ScheduleRow
from shared.db.tables.versions import (
    ChangeRow,
    ChromeBlockRow,
    ConditionRow,
    DrainLeaseRow,
    HeadRow,
    JudgementRow,
    ProvisionRow,
    VersionRow,
)

__all__ = [
    "AccountRow",
    "AmendmentRow",
    "ApiKeyRow",
    "AttemptRow",
    "BodyRow",
    "ChangeRow",
    "ChangeTermRow",
    "CheckRow",
    "ChromeBlockRow",
    "ComparisonRow",
    "ConditionRow",
    "DeliveryRow",
    "DigestItemRow",
    "DigestRow",
    "DocumentRow",
    "DrainLeaseRow",
    "EndpointRow",
    "EventFailureRow",
    "EventHandledRow",
    "HeadRow",
    "HeldBackRow",
    "HostRow",
    "IdempotencyRow",
    "JudgementRow",
    "LedgerEntryRow",
    "LedgerHeadRow",
    "MailEventRow",
    "MemberRow",
    "MuteRow",
    "NoticeRow",
    "OutboxRow",
    "PlatformRow",
    "ProvisionRow",
    "QuotaRow",
    "RegisteredProvisionRow",
    "RegistryMarkRow",
    "ReviewRow",
    "ScheduleRow",
    "SearchEntryRow",
    "SessionRow",
    "SignInRow",
    "SignUpRow",
    "SnapshotPartRow",
    "SnapshotRow",
    "SubscriptionEndpointRow",
    "SubscriptionRow",
    "SubscriptionTermRow",
    "SuppressionRow",
    "VersionRow",
]

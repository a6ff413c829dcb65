"""The cast: Alice watches on the compliance plan, Bob on watcher, Charlie on free. And what there is to watch."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from shared.db.tables import (
    ChangeRow,
    ConditionRow,
    DocumentRow,
    PlatformRow,
    RegisteredProvisionRow,
    SnapshotRow,
    VersionRow,
)
from shared.domain.deliveries import Channel
from shared.domain.subscriptions import Subscription
from shared.events import ChangeDetected
from tests.factories.reports import report

START = datetime(2026, 4, 10, 8, tzinfo=UTC)
PLANS = {"alice": "compliance", "bob": "watcher", "charlie": "free"}


def add_document(database: Database, *, platform: str = "acme", number: int = 1, kind: str = "Terms of Service") -> str:
    """A platform's document; its id."""
    document_id = f"doc_{platform}_{number}"
    with database.transaction() as session:
        if session.get(PlatformRow, f"plt_{platform}") is None:
            session.add(PlatformRow(id=f"plt_{platform}", slug=platform, name=platform.title(), created_at=START))
            session.flush()
        session.add(
            DocumentRow(
                id=document_id,
                platform_id=f"plt_{platform}",
                type=kind,
                url=f"https://{platform}.example/{number}",
                declaration={"parts": [{"url": f"https://{platform}.example/{number}"}]},
                created_at=START,
            )
        )
    return document_id


def add_change(database: Database, document_id: str, number: int = 1, **changed: Any) -> str:
    """A confirmed change of a document, with the versions it stands between; its id."""
    change_id = f"chg_{document_id}_{number}"
    with database.transaction() as session:
        for ordinal in (2 * number - 1, 2 * number):
            snapshot_id, version_id = f"snp_{document_id}_{ordinal}", f"ver_{document_id}_{ordinal}"
            session.add(
                SnapshotRow(
                    id=snapshot_id,
                    document_id=document_id,
                    ordinal=ordinal,
                    captured_at=START,
                    sha256="0" * 64,
                    fetcher_version="test",
                    event_id=f"evt_{snapshot_id}",
                    correlation_id="cor_test",
                )
            )
            session.flush()
            session.add(
                VersionRow(
                    id=version_id,
                    document_id=document_id,
                    sequence=ordinal,
                    text_sha256=f"{ordinal:064d}",
                    fingerprint="test",
                    dates=[],
                    snapshot_id=snapshot_id,
                    confirmed_by=snapshot_id,
                    first_seen_at=START,
                    last_seen_at=START,
                )
            )
            session.flush()
        session.add(
            ChangeRow(
                id=change_id,
                document_id=document_id,
                sequence=2 * number,
                old_version_id=f"ver_{document_id}_{2 * number - 1}",
                version_id=f"ver_{document_id}_{2 * number}",
                outcome="changed",
                alert=True,
                severity="high",
                direction="worse",
                headline="Notice before termination is shorter",
                report=report(**{"id": change_id, **changed}),
                detected_at=START,
            )
        )
    return change_id


def add_provision(database: Database, document_id: str, provision_id: str, ordinal: int = 1) -> str:
    """A provision that the document's newest version, which `add_change` makes, says in the registry; its id."""
    with database.transaction() as session:
        session.add(
            RegisteredProvisionRow(
                document_id=document_id,
                ordinal=ordinal,
                provision_id=provision_id,
                platform_id=session.get_one(DocumentRow, document_id).platform_id,
                version_id=f"ver_{document_id}_2",
                kind="clause",
                path=["Termination"],
                excerpt="We give notice before we end the service.",
                words=8,
                categories=["contract.termination"],
                severity="medium",
                reasons=[],
                vector=b"",
            )
        )
    return provision_id


def add_condition(database: Database, document_id: str, kind: str = "unreachable") -> str:
    """An open condition of a document; its id."""
    condition_id = f"con_{document_id}_{kind}"
    with database.transaction() as session:
        session.add(
            ConditionRow(id=condition_id, document_id=document_id, kind=kind, detail="http-status: 503", began_at=START)
        )
    return condition_id


def change_event(change_id: str, document_id: str = "doc_acme_1", **changed: Any) -> ChangeDetected:
    """The announcement of a change."""
    values: dict[str, Any] = {
        "change_id": change_id,
        "document_id": document_id,
        "document_type": "Terms of Service",
        "platform_slug": "acme",
        "sequence": 2,
        "alert": True,
        "outcome": "changed",
        "headline": "Notice before termination is shorter",
        "severity": "high",
        "direction": "worse",
        "counts": {},
        "categories": (),
        "provision_ids": (),
    }
    return ChangeDetected(**{**values, **changed})


def add_endpoint(store: AccountStore, owner: str, channel: Channel, address: str, *, secret: str | None = None) -> str:
    """One of the cast's endpoints; its id."""
    store.ensure_account(f"acc_{owner}", owner.title(), PLANS[owner], START)
    return store.add_endpoint(f"acc_{owner}", channel, address, secret, START)[0].id


def subscribe(store: AccountStore, owner: str, endpoints: Sequence[str], **wanted: Any) -> str:
    """A subscription of one of the cast; its id."""
    return store.subscribe(f"acc_{owner}", Subscription(**wanted), endpoints, START)

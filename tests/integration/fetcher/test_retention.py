"""Stored bodies go when no rule keeps them; rows stay."""

from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col

from services.fetcher.handlers.retention import Retention
from shared.db.fetcher.retention import Holdings
from shared.db.tables import JudgementRow, SnapshotRow, VersionRow
from tests.fakes.site import Site
from tests.integration.fetcher.conftest import START, Fetcher

WEEK = timedelta(days=7)


def capture(fetcher: Fetcher, site: Site, document_id: str, body: bytes) -> SnapshotRow:
    """A capture of these bytes, judged: its text is the first word."""
    site.put(body)
    fetcher.clock.advance(timedelta(hours=1))
    fetcher.check_now(document_id)
    snapshot = fetcher.snapshots()[-1]
    with fetcher.database.transaction() as session:
        session.execute(update(SnapshotRow).where(col(SnapshotRow.id) == snapshot.id).values(judged=True))
        session.add(
            JudgementRow(
                snapshot_id=snapshot.id,
                document_id=document_id,
                captured_at=snapshot.captured_at,
                outcome="unchanged",
                text_sha256=body.split()[0].decode(),
            )
        )
    return snapshot


def version(fetcher: Fetcher, first: SnapshotRow, confirming: SnapshotRow, text: str) -> None:
    with fetcher.database.transaction() as session:
        session.add(
            VersionRow(
                id=f"ver_{text}",
                document_id=first.document_id,
                sequence=1,
                text_sha256=text,
                fingerprint="1",
                dates=[],
                snapshot_id=first.id,
                confirmed_by=confirming.id,
                first_seen_at=first.captured_at,
                last_seen_at=confirming.captured_at,
            )
        )


def retention(fetcher: Fetcher) -> Retention:
    return Retention(Holdings(fetcher.database), fetcher.archive, fetcher.clock, keep=WEEK)


def test_bodies_between_a_versions_ends_go_after_a_week(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.url())
    stays = [capture(fetcher, site, document_id, b"terms at 1"), capture(fetcher, site, document_id, b"terms at 2")]
    goes = [capture(fetcher, site, document_id, b"terms at 3"), capture(fetcher, site, document_id, b"terms at 4")]
    stays.append(capture(fetcher, site, document_id, b"terms at 5"))
    version(fetcher, stays[0], stays[1], "terms")

    assert retention(fetcher).run() == 0
    fetcher.clock.at = START + 2 * WEEK
    assert retention(fetcher).run() == 2
    assert retention(fetcher).run() == 0

    assert {s.id: s.bytes_kept for s in fetcher.snapshots()} == {
        **{s.id: True for s in stays},
        **{s.id: False for s in goes},
    }
    assert sorted(fetcher.archive.keys()) == sorted(s.sha256 for s in stays)
    assert [part.sha256 for part in fetcher.parts(goes[0])] == [goes[0].sha256]


def test_bytes_that_another_snapshot_needs_stay(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.url())
    bodies = (b"x same", b"x other", b"x same")
    first, *_, last = [capture(fetcher, site, document_id, body) for body in bodies]
    fetcher.clock.at = START + 2 * WEEK

    assert retention(fetcher).run() == 1

    assert first.sha256 == last.sha256
    assert list(fetcher.archive.keys()) == [last.sha256]


def test_what_is_not_judged_yet_stays(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.put(b"x 1"))
    fetcher.run()
    site.put(b"x 2")
    fetcher.check_now(document_id)
    fetcher.clock.at = START + 2 * WEEK

    assert retention(fetcher).run() == 0
    assert len(list(fetcher.archive.keys())) == 2

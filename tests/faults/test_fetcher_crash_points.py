"""Where a fetcher may die: a check is whole or was never made, and at worst a blob is left that `doctor` counts."""

from datetime import datetime

import pytest
from sqlmodel import Session

from services.fetcher.worker import manners_of
from shared.db.doctor import Findings
from shared.db.fetcher.records import Records
from shared.db.fetcher.values import CheckRecord
from tests.fakes.site import Site
from tests.integration.fetcher.conftest import Fetcher

TEXT = b"<p>You may cancel at any time.</p>"


class Died(BaseException):
    """The process ended here; nothing of ours may catch it."""


def _nothing_but_a_blob(fetcher: Fetcher) -> None:
    assert (fetcher.checks(), fetcher.snapshots(), fetcher.announced("snapshot.captured")) == ([], [], [])
    [orphan] = fetcher.archive.keys()
    assert Findings(fetcher.database).unreferenced([orphan]) == [orphan]


def _the_next_makes_it_whole(fetcher: Fetcher) -> None:
    assert fetcher.run() == 0, "the dead one's lease holds"
    fetcher.clock.advance(manners_of(fetcher.settings).lease)
    assert fetcher.run() == 1
    [snapshot] = fetcher.snapshots()
    assert [check.outcome for check in fetcher.checks()] == ["captured"]
    assert [event.payload["snapshot_id"] for event in fetcher.announced("snapshot.captured")] == [snapshot.id]
    assert Findings(fetcher.database).unreferenced(list(fetcher.archive.keys())) == []


def test_death_between_blob_and_row(fetcher: Fetcher, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    fetcher.watch(site.put(TEXT))

    def die(_records: Records, _check: CheckRecord, _token: str) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(Records, "record", die)
        with pytest.raises(Died):
            fetcher.run()

    _nothing_but_a_blob(fetcher)
    _the_next_makes_it_whole(fetcher)


def test_death_in_the_middle_of_the_row(fetcher: Fetcher, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event, the snapshot and the schedule are written; the transaction is not committed."""
    fetcher.watch(site.put(TEXT))
    capture = Records._capture

    def write_and_die(records: Records, session: Session, *rest: object) -> None:
        capture(records, session, *rest)  # type: ignore[arg-type]
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(Records, "_capture", write_and_die)
        with pytest.raises(Died):
            fetcher.run()

    _nothing_but_a_blob(fetcher)
    _the_next_makes_it_whole(fetcher)


def test_death_after_the_commit_costs_nothing(fetcher: Fetcher, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wake-up call is lost with its worker; the database says that this check was made."""
    document_id = fetcher.watch(site.put(TEXT))
    record = Records.record

    def commit_and_die(records: Records, check: CheckRecord, token: str) -> None:
        record(records, check, token)
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(Records, "record", commit_and_die)
        with pytest.raises(Died):
            fetcher.run()

    assert [check.outcome for check in fetcher.checks()] == ["captured"]
    assert len(fetcher.snapshots()) == len(fetcher.announced("snapshot.captured")) == 1
    planned = fetcher.schedule(document_id)
    assert planned.lease_token is None
    assert isinstance(planned.next_check_at, datetime)
    fetcher.clock.at = max(planned.next_check_at, fetcher.clock.now() + manners_of(fetcher.settings).lease)
    assert fetcher.run() == 1
    assert len(fetcher.snapshots()) == 1, "equal bytes are no second snapshot"

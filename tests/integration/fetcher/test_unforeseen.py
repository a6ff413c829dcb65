"""Errors that nobody foresaw: a failed check of kind internal, and the next document's turn."""

from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from sqlmodel import Session
from structlog.testing import capture_logs

from shared.archive import Archive, ArchiveError
from shared.db.fetcher.records import Records
from tests.fakes.site import Site
from tests.integration.fetcher.conftest import START, Fetcher

TEXT = b"<p>We may change these terms.</p>"


def _failed() -> float:
    return REGISTRY.get_sample_value("clausewatch_checks_total", {"outcome": "failed"}) or 0.0


def _block_archive(fetcher: Fetcher) -> Path:
    """A file where the archive's folder belongs."""
    in_the_way = fetcher.settings.data / "archive"
    in_the_way.touch()
    return in_the_way


def test_an_archive_that_fails_is_a_failed_check_and_is_tried_again(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.put(TEXT))
    in_the_way, failed_before = _block_archive(fetcher), _failed()

    with capture_logs() as logs:
        assert fetcher.run() == 1

    (check,) = fetcher.checks()
    assert (check.outcome, check.failure, check.snapshot_id) == ("failed", "internal", None)
    assert check.detail is not None
    assert check.detail.startswith("ArchiveError: blob ")
    schedule, host = fetcher.schedule(document_id), fetcher.host()
    assert (schedule.failures, schedule.lease_token, host.slot_token) == (1, None, None)
    assert schedule.retry_at is not None
    assert timedelta(seconds=24) <= schedule.retry_at - START <= timedelta(seconds=36)
    assert _failed() == failed_before + 1
    assert [(entry["event"], entry.get("exc_info")) for entry in logs] == [
        ("check.broke", True),
        ("check.failed", None),
    ]

    in_the_way.unlink()
    fetcher.clock.at = schedule.retry_at
    assert fetcher.run() == 1
    assert [one.outcome for one in fetcher.checks()] == ["failed", "captured"]
    assert fetcher.schedule(document_id).failures == 0


def test_other_documents_of_the_host_go_on(fetcher: Fetcher, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first document's rows are refused half way; nothing of them stays."""
    ids = [fetcher.watch(site.put(TEXT, f"/{n}"), type=f"Policy {n}") for n in range(3)]
    capture = Records._capture

    def break_at_the_first(records: Records, session: Session, *rest: object) -> None:
        capture(records, session, *rest)  # type: ignore[arg-type]
        if not seen:
            seen.append(True)
            raise ZeroDivisionError("division\x00by zero\nand more")

    seen: list[bool] = []
    monkeypatch.setattr(Records, "_capture", break_at_the_first)

    assert fetcher.run() == 3

    checks = {check.document_id: check for check in fetcher.checks()}
    outcomes = sorted(checks[one].outcome for one in ids)
    (broken,) = [check for check in checks.values() if check.outcome == "failed"]
    assert outcomes == ["captured", "captured", "failed"]
    assert (broken.failure, broken.detail) == ("internal", "ZeroDivisionError: division by zero")
    assert len(fetcher.snapshots()) == len(fetcher.announced("snapshot.captured")) == 2
    assert fetcher.host().slot_token is None


def test_a_document_that_keeps_breaking_becomes_unreachable(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.put(TEXT))
    _block_archive(fetcher)

    for _ in range(3):
        fetcher.check_now(document_id)

    (began,) = fetcher.announced("condition.began")
    assert began.payload["kind"] == "unreachable"


class _SecondPutFails:
    """A real archive whose disk is full after the first blob."""

    def __init__(self, archive: Archive) -> None:
        self._archive, self._puts = archive, 0

    def put(self, data: bytes) -> str:
        self._puts += 1
        if self._puts > 1:
            raise ArchiveError("the disk is full")
        return self._archive.put(data)


def test_an_archive_that_fails_after_the_row_does_not_undo_the_check(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.put(TEXT))
    fetcher.archive = _SecondPutFails(fetcher.archive)  # type: ignore[assignment]

    with capture_logs() as logs:
        assert fetcher.run() == 1

    assert [check.outcome for check in fetcher.checks()] == ["captured"]
    assert fetcher.schedule(document_id).failures == 0
    assert "archive.failed" in [entry["event"] for entry in logs]

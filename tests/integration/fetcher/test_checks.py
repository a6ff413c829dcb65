"""What a check brings, from the request to the rows."""

from datetime import timedelta

import pytest

from services.fetcher.core.parts import snapshot_sha256
from services.fetcher.handlers.check import NEEDS_BROWSER
from shared.db.tables import ScheduleRow
from shared.domain.documents import Declaration, Part
from tests.factories.watched import watch
from tests.fakes.site import Page, Site
from tests.integration.fetcher.conftest import START, Fetcher

OLD, NEW = b"<p>We keep logs for 30 days.</p>", b"<p>We keep logs for 90 days.</p>"
MODIFIED = "Mon, 02 Mar 2026 08:00:00 GMT"


def test_the_first_look_captures_and_announces(fetcher: Fetcher, site: Site) -> None:
    url = site.put(Page(OLD, etag='"1"', headers={"X-Served-By": "unit-7"}))
    document_id = fetcher.watch(url)

    assert fetcher.run() == 1

    (snapshot,) = fetcher.snapshots()
    (part,) = fetcher.parts(snapshot)
    (event,) = fetcher.announced("snapshot.captured")
    (check,) = fetcher.checks()
    assert (snapshot.document_id, snapshot.ordinal, snapshot.confirming) == (document_id, 1, False)
    assert event.id == snapshot.event_id
    assert event.payload == {"version": 1, "document_id": document_id, "snapshot_id": snapshot.id}
    assert event.correlation_id == snapshot.correlation_id
    assert fetcher.archive.get(part.sha256) == OLD
    assert (part.media_type, part.charset, part.status, part.size) == ("text/html", "utf-8", 200, len(OLD))
    assert ["x-served-by", "unit-7"] in part.headers
    assert ["user-agent", part.request_headers[-3][1]] in part.request_headers
    assert (check.outcome, check.status, check.snapshot_id) == ("captured", 200, snapshot.id)
    schedule = fetcher.schedule(document_id)
    assert schedule.lease_token is None
    assert timedelta(minutes=13) < schedule.next_check_at - START < timedelta(minutes=17)


@pytest.mark.parametrize(
    ("page", "sent"),
    [
        (Page(OLD, etag='W/"1"'), {"if-none-match": 'W/"1"'}),
        (Page(OLD, last_modified=MODIFIED), {"if-modified-since": MODIFIED}),
        (Page(OLD, etag='"1"', last_modified=MODIFIED), {"if-none-match": '"1"', "if-modified-since": MODIFIED}),
    ],
)
def test_a_second_pass_is_answered_304(fetcher: Fetcher, site: Site, page: Page, sent: dict[str, str]) -> None:
    document_id = fetcher.watch(site.put(page))
    fetcher.run()

    check = fetcher.check_now(document_id)

    assert (check.outcome, check.status, check.snapshot_id) == ("not-modified", 304, None)
    asked = site.requests("/terms")[-1].headers
    assert {name: asked.get(name) for name in ("if-none-match", "if-modified-since") if name in asked} == sent
    assert len(fetcher.snapshots()) == 1


def test_equal_bytes_leave_a_check_only(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.put(OLD))
    fetcher.run()

    assert fetcher.check_now(document_id).outcome == "same-bytes"
    assert len(fetcher.announced("snapshot.captured")) == 1


def test_a_new_validator_for_equal_bytes_is_remembered(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.put(Page(OLD, etag='"1"')))
    fetcher.run()
    site.put(Page(OLD, etag='"2"'))

    assert fetcher.check_now(document_id).outcome == "same-bytes"
    assert fetcher.check_now(document_id).outcome == "not-modified"


def test_other_bytes_are_the_next_snapshot(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.put(Page(OLD, etag='"1"')))
    fetcher.run()
    site.put(Page(NEW, etag='"2"'))

    fetcher.check_now(document_id)

    first, second = fetcher.snapshots()
    assert (first.ordinal, second.ordinal) == (1, 2)
    assert [fetcher.archive.get(s.sha256) for s in (first, second)] == [OLD, NEW]
    assert [row.id for row in fetcher.announced("snapshot.captured")] == [first.event_id, second.event_id]


def test_a_confirming_check_is_unconditional_and_told_even_for_equal_bytes(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.put(Page(OLD, etag='"1"')))
    fetcher.run()

    check = fetcher.confirm_now(document_id)

    assert (check.outcome, check.confirming, check.status) == ("captured", True, 200)
    assert "if-none-match" not in site.requests("/terms")[-1].headers
    first, second = fetcher.snapshots()
    assert (second.confirming, second.sha256) == (True, first.sha256)
    assert len(fetcher.announced("snapshot.captured")) == 2
    assert fetcher.schedule(document_id).confirm_at is None


def test_a_confirmation_asked_for_meanwhile_stays_to_be_made(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.put(OLD))
    fetcher.run()
    later = START + timedelta(minutes=10)
    site.before_answer = lambda host, path: fetcher.schedule(document_id, confirm_at=later) and None

    fetcher.confirm_now(document_id)

    assert fetcher.schedule(document_id).confirm_at == later


def test_a_part_not_modified_beside_a_changed_one_reuses_its_bytes(fetcher: Fetcher, site: Site) -> None:
    first = site.put(Page(OLD, etag='"1"', headers={"X-Served-By": "unit-7"}), "/terms")
    second = site.put(Page(OLD, etag='"a"'), "/annex")
    document_id = fetcher.watch(first, second)
    fetcher.run()
    site.put(Page(NEW, etag='"b"'), "/annex")

    fetcher.check_now(document_id)

    snapshot = fetcher.snapshots()[-1]
    kept, fresh = fetcher.parts(snapshot)
    assert (kept.reused, kept.status, fetcher.archive.get(kept.sha256)) == (True, 304, OLD)
    assert (kept.media_type, kept.url) == ("text/html", first)
    assert ["x-served-by", "unit-7"] in kept.headers
    assert (fresh.reused, fresh.status, fetcher.archive.get(fresh.sha256)) == (False, 200, NEW)
    assert snapshot.sha256 == snapshot_sha256([kept.sha256, fresh.sha256])

    assert fetcher.check_now(document_id).outcome == "not-modified"


def test_a_failed_part_fails_the_check(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.put(OLD, "/terms"), site.url("/annex"))

    fetcher.run()

    (check,) = fetcher.checks()
    assert (check.outcome, check.failure, check.status) == ("failed", "http-status", 404)
    assert fetcher.snapshots() == []
    assert fetcher.schedule(document_id).seen is None


@pytest.mark.parametrize(
    ("page", "failure"),
    [
        (Page(b"PK\x03\x04", media_type="application/zip"), "unsupported-type"),
        (Page(b"broken", status=500), "http-status"),
        (Page(b"", status=302, headers={"Location": "/terms"}), "too-many-redirects"),
        (Page(b"", status=302, headers={"Location": "http://10.1.2.3/"}), "blocked-address"),
        (Page(b"", status=302, headers={"Location": "http://127.0.0.1:1/"}), "connect"),
        (Page(b"x" * 3000), "too-large"),
    ],
)
def test_failures_are_typed(fetcher: Fetcher, site: Site, page: Page, failure: str) -> None:
    fetcher.watch(site.put(page))

    fetcher.run(max_body_bytes=2000)

    (check,) = fetcher.checks()
    assert (check.outcome, check.failure) == ("failed", failure)
    assert check.detail


def test_a_host_that_never_answered_fails_as_what_it_is(fetcher: Fetcher) -> None:
    fetcher.watch("http://127.0.0.1:1/terms")

    fetcher.run()

    assert fetcher.checks()[0].failure == "connect"


def test_failing_backs_off_becomes_unreachable_once_and_recovers_once(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.put(Page(b"", status=503)))
    waits = []
    for _ in range(4):
        assert fetcher.run() == 1
        schedule = fetcher.schedule(document_id)
        assert schedule.retry_at is not None
        waits.append((schedule.retry_at - fetcher.clock.now()).total_seconds())
        assert fetcher.run() == 0, "the back-off holds"
        fetcher.clock.at = schedule.retry_at
    assert [30 * 2**n * 0.8 <= wait <= 30 * 2**n * 1.2 for n, wait in enumerate(waits)] == [True] * 4
    assert fetcher.schedule(document_id).first_failed_at == START
    (began,) = fetcher.announced("condition.began")
    assert began.payload["kind"] == "unreachable"

    site.put(OLD)
    assert fetcher.run() == 1
    assert fetcher.check_now(document_id).outcome == "same-bytes"

    (ended,) = fetcher.announced("condition.ended")
    assert ended.payload["condition_id"] == began.payload["condition_id"]
    schedule = fetcher.schedule(document_id)
    assert (schedule.failures, schedule.retry_at, schedule.first_failed_at) == (0, None, None)


def test_a_confirming_check_that_fails_is_soon_made_again(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.put(OLD))
    fetcher.run()
    site.put(Page(b"", status=502))

    assert fetcher.confirm_now(document_id).outcome == "failed"

    schedule = fetcher.schedule(document_id)
    assert schedule.confirm_at == START
    assert schedule.retry_at is not None
    fetcher.clock.at = schedule.retry_at
    site.put(OLD)
    assert fetcher.run() == 1
    assert (fetcher.checks()[-1].confirming, fetcher.checks()[-1].outcome) == (True, "captured")


def test_a_fixed_interval_is_kept_to(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.put(OLD), check_every_s=60)

    fetcher.run()

    assert fetcher.schedule(document_id).next_check_at == START + timedelta(seconds=60)


def test_a_text_that_stands_long_is_looked_at_less_often(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.put(OLD))
    fetcher.clock.advance(timedelta(days=4))

    fetcher.run()

    schedule: ScheduleRow = fetcher.schedule(document_id)
    assert schedule.interval_s == timedelta(hours=2).total_seconds()


def test_what_is_paused_is_left_alone(fetcher: Fetcher, site: Site) -> None:
    fetcher.watch(site.put(OLD), state="paused")

    assert fetcher.run() == 0
    assert site.asked == []


def test_a_shell_without_the_browser_extra_is_read_plainly_and_says_so(fetcher: Fetcher, site: Site) -> None:
    declaration = Declaration(parts=(Part(url=site.put(OLD), javascript=True),))
    document_id = watch(fetcher.database, declaration, START)
    fetcher.schedule(document_id, browser_needed=True)

    fetcher.run()

    (check,) = fetcher.checks()
    assert (check.outcome, check.detail) == ("captured", NEEDS_BROWSER)

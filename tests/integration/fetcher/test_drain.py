"""How a drain ends: taken over, told to stop, or interrupted; and what it tells meanwhile."""

import threading
from datetime import timedelta

from structlog.testing import capture_logs

from services.fetcher.worker import make_due_checks
from shared.db.amending import Amendment
from shared.db.sources import Sources
from tests.fakes.site import Page, Site
from tests.integration.fetcher.conftest import START, Fetcher

TEXT = b"<p>We may change these terms.</p>"


def test_whoever_was_overtaken_writes_nothing(fetcher: Fetcher, site: Site) -> None:
    document_id = fetcher.watch(site.put(TEXT))

    def overtake(_host: str, path: str) -> None:
        if path == "/terms":
            fetcher.schedule(document_id, lease_token="slt_another", lease_until=START + timedelta(hours=1))

    site.before_answer = overtake
    with capture_logs() as logs:
        assert fetcher.run() == 0

    assert [entry["event"] for entry in logs] == ["lease.lost"]
    assert (fetcher.checks(), fetcher.snapshots(), fetcher.announced("snapshot.captured")) == ([], [], [])
    assert fetcher.schedule(document_id).lease_token == "slt_another"


def test_a_check_under_way_when_its_document_gets_another_address_is_dropped(fetcher: Fetcher, site: Site) -> None:
    old, new = site.put(TEXT), site.put(b"<p>We may change these rules.</p>", "/rules")
    document_id = fetcher.watch(old)
    fetcher.run()
    [before] = fetcher.snapshots()
    fetcher.schedule(document_id, next_check_at=fetcher.clock.now())
    amendment = Amendment(type="House Rules", urls=(new,))

    def amend(_host: str, path: str) -> None:
        if path == "/terms":
            Sources(fetcher.database).amend(document_id, amendment, fetcher.clock.now())

    site.before_answer = amend
    fetcher.clock.advance(timedelta(minutes=1))
    with capture_logs() as logs:
        assert fetcher.run() == 1, "it is due at once"
    assert "lease.lost" in [entry["event"] for entry in logs]
    kept, captured = fetcher.snapshots()
    assert kept == before
    assert [part.url for part in fetcher.parts(captured)] == [new]


def test_told_to_stop_it_ends_after_the_document_at_hand(fetcher: Fetcher, site: Site) -> None:
    for n in range(3):
        fetcher.watch(site.put(TEXT, f"/{n}"), type=f"Policy {n}")
    stopping = threading.Event()
    use_case = make_due_checks(
        fetcher.settings, fetcher.database, fetcher.archive, fetcher.client, fetcher.clock, stopping=stopping
    )
    site.before_answer = lambda host, path: stopping.set()

    assert use_case.run() == 1

    site.before_answer = lambda host, path: None
    assert fetcher.run() == 2, "the others' leases were given back"


def test_a_document_that_takes_long_shows_as_stuck_until_it_is_done(fetcher: Fetcher, site: Site) -> None:
    fetcher.watch(site.put(TEXT))
    use_case = fetcher.use_case()
    shown: list[float] = []

    def take_long(_host: str, path: str) -> None:
        if path == "/terms":
            fetcher.clock.advance(timedelta(seconds=40))
            shown.append(use_case.stuck_for())

    site.before_answer = take_long
    use_case.run()

    assert (shown, use_case.stuck_for()) == ([40.0], 0.0)


def test_checks_are_told_with_what_a_live_display_needs(fetcher: Fetcher, site: Site) -> None:
    fetcher.watch(site.put(TEXT), platform="Acme")
    fetcher.watch(site.put(Page(status=404), "/gone"), type="Privacy Policy", platform="Acme")

    with capture_logs() as logs:
        fetcher.run()

    done = next(entry for entry in logs if entry["event"] == "check.done")
    failed = next(entry for entry in logs if entry["event"] == "check.failed")
    wanted = {"platform": "Acme", "document": "Terms of Service", "outcome": "captured", "status": 200}
    assert {**done, **wanted, "confirming": False, "ms": 0} == done
    assert (failed["document"], failed["failure"], failed["status"]) == ("Privacy Policy", "http-status", 404)
    assert "404" in failed["detail"]

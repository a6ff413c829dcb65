"""One request at a time to a host, with its delay, by its robots.txt, wherever a request comes from."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.fetcher.worker import make_client, make_due_checks, manners_of
from shared.clock import SystemClock
from shared.db.fetcher.hosts import HostSlots
from tests.fakes.site import Page, Site
from tests.integration.fetcher.conftest import START, Fetcher

TEXT = b"<p>We may change these terms.</p>"
POLITE = {"delay_exempt_hosts": ()}


def test_four_workers_never_ask_a_host_twice_at_once(fetcher: Fetcher, site: Site) -> None:
    clock = SystemClock()
    fetcher.clock.at = clock.now()
    settings = fetcher.settings.model_copy(update={"delay_exempt_hosts": ("localhost",)})
    for host in ("acme", "bolt", "cord"):
        for n in range(12):
            url = site.put(TEXT, f"/{n}", host)
            if n % 3 == 0:
                site.put(Page(status=302, headers={"Location": site.url("/0", "acme")}), f"/{n}", host)
                site.put(TEXT, "/0", "acme")
            fetcher.watch(url, type=f"Policy {n}", platform=host)

    def worker() -> int:
        with make_client(settings, clock) as client:
            stopping = threading.Event()
            use_case = make_due_checks(settings, fetcher.database, fetcher.archive, client, clock, stopping=stopping)
            checked = 0
            while done := use_case.run():
                checked += done
            return checked

    with ThreadPoolExecutor(4) as pool:
        checked = sum(future.result() for future in [pool.submit(worker) for _ in range(4)])

    outcomes = {check.outcome for check in fetcher.checks()}
    assert checked == 36
    assert outcomes == {"captured"}
    assert dict(site.most_at_once) == {"acme.localhost": 1, "bolt.localhost": 1, "cord.localhost": 1}


def test_a_host_rests_for_the_delay_between_two_documents(fetcher: Fetcher, site: Site) -> None:
    for n in range(2):
        fetcher.watch(site.put(TEXT, f"/{n}"), type=f"Policy {n}")

    assert fetcher.run(**POLITE) == 1
    assert fetcher.host().next_allowed_at == fetcher.clock.now() + timedelta(seconds=2)
    fetcher.clock.advance(timedelta(seconds=1.9))
    assert fetcher.run(**POLITE) == 0
    fetcher.clock.advance(timedelta(seconds=0.1))
    assert fetcher.run(**POLITE) == 1


def test_requests_of_one_check_wait_their_turn_inside_the_slot(fetcher: Fetcher, site: Site) -> None:
    site.put(Page(status=302, headers={"Location": "/moved"}), "/terms")
    site.put(TEXT, "/moved")
    fetcher.watch(site.url("/terms"), site.put(TEXT, "/annex"))

    fetcher.run(**POLITE)

    assert [asked.path for asked in site.asked] == ["/robots.txt", "/terms", "/moved", "/annex"]
    assert fetcher.paused == [2, 2, 2]


def test_an_exempt_host_is_not_made_to_wait(fetcher: Fetcher, site: Site) -> None:
    for n in range(30):
        fetcher.watch(site.put(TEXT, f"/{n}"), type=f"Policy {n}")

    assert fetcher.run() == 30
    assert fetcher.paused == []
    assert fetcher.host().next_allowed_at == START


def test_robots_txt_is_obeyed_and_read_once_a_day(fetcher: Fetcher, site: Site) -> None:
    site.put(Page(b"User-agent: *\nDisallow: /private\n", media_type="text/plain"), "/robots.txt")
    allowed = fetcher.watch(site.put(TEXT, "/terms"))
    fetcher.watch(site.put(TEXT, "/private/terms"), type="Policy")

    fetcher.run()
    fetcher.check_now(allowed)

    assert sorted((check.outcome, check.failure) for check in fetcher.checks()) == [
        ("captured", None),
        ("failed", "robots"),
        ("same-bytes", None),
    ]
    assert site.requests("/private/terms") == []
    assert len(site.requests("/robots.txt")) == 1
    fetcher.clock.advance(timedelta(days=1))
    fetcher.run()
    assert len(site.requests("/robots.txt")) == 2


def test_robots_txt_of_a_redirects_host_is_obeyed(fetcher: Fetcher, site: Site) -> None:
    site.put(Page(b"User-agent: *\nDisallow: /\n", media_type="text/plain"), "/robots.txt", "bolt")
    url = site.put(Page(status=301, headers={"Location": site.put(TEXT, "/terms", "bolt")}))
    fetcher.watch(url)

    fetcher.run()

    assert fetcher.checks()[0].failure == "robots"
    assert site.requests("/terms", "bolt") == []
    assert fetcher.host("bolt").slot_token is None


def test_a_crawl_delay_is_kept_between_checks(fetcher: Fetcher, site: Site) -> None:
    site.put(Page(b"User-agent: *\nCrawl-delay: 7\n", media_type="text/plain"), "/robots.txt")
    for n in range(2):
        fetcher.watch(site.put(TEXT, f"/{n}"), type=f"Policy {n}")

    assert fetcher.run() == 1
    assert fetcher.host().next_allowed_at == fetcher.clock.now() + timedelta(seconds=7)


def test_an_unavailable_robots_txt_lets_the_copy_we_have_serve_on(fetcher: Fetcher, site: Site) -> None:
    site.put(Page(b"User-agent: *\nDisallow: /private\n", media_type="text/plain"), "/robots.txt")
    document_id = fetcher.watch(site.put(TEXT))
    fetcher.run()
    site.put(Page(status=503), "/robots.txt")
    fetcher.clock.advance(timedelta(days=2))

    assert fetcher.check_now(document_id).outcome == "same-bytes"
    assert "Disallow: /private" in (fetcher.host().robots_text or "")


def test_without_any_robots_txt_to_go_by_a_broken_one_stops_us(fetcher: Fetcher, site: Site) -> None:
    site.put(Page(status=500), "/robots.txt")
    fetcher.watch(site.put(TEXT))

    fetcher.run()

    assert fetcher.checks()[0].failure == "robots"
    assert site.requests("/terms") == []


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_rests_the_host_and_the_document(fetcher: Fetcher, site: Site, status: int) -> None:
    other = fetcher.watch(site.put(TEXT, "/other"), type="Policy")
    document_id = fetcher.watch(site.put(Page(status=status, headers={"Retry-After": "300"})))
    fetcher.schedule(other, next_check_at=START + timedelta(seconds=1))

    fetcher.run()
    fetcher.clock.advance(timedelta(seconds=1))
    fetcher.run()

    until = START + timedelta(seconds=300)
    assert fetcher.host().next_allowed_at == until
    assert fetcher.schedule(document_id).retry_at == until
    assert site.requests("/other") == []
    fetcher.clock.at = until
    fetcher.run()
    assert len(site.requests("/other")) == 1


def test_a_redirect_to_a_busy_host_comes_back_soon_and_is_no_failure(fetcher: Fetcher, site: Site) -> None:
    url = site.put(Page(status=301, headers={"Location": site.put(TEXT, "/terms", "bolt")}))
    document_id = fetcher.watch(url)
    slots = HostSlots(fetcher.database)
    slot = slots.take("bolt.localhost", START, timedelta(minutes=5))
    assert slot is not None

    fetcher.run()

    (check,) = fetcher.checks()
    assert (check.failure, fetcher.schedule(document_id).failures) == ("host-busy", 0)
    assert sum(fetcher.paused) == pytest.approx(manners_of(fetcher.settings).longest_wait_for_a_slot.total_seconds())
    assert site.requests("/terms", "bolt") == []

    slots.release([(slot, fetcher.clock.now())])
    retry_at = fetcher.schedule(document_id).retry_at
    assert retry_at is not None
    fetcher.clock.at = retry_at
    assert fetcher.run() == 1
    assert fetcher.checks()[-1].outcome == "captured"

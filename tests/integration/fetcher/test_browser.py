"""Rendering with a real Chromium, its pages on loopback; skipped where none is installed."""

import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from sqlmodel import select

from services.differ.worker import make_drain
from services.fetcher.adapters.browser import RENDERED, PlaywrightBrowser, find_chromium
from services.fetcher.adapters.chromium import Chromium
from services.fetcher.adapters.forward_proxy import ForwardProxy
from services.fetcher.handlers.check import NEEDS_BROWSER
from services.fetcher.worker import make_browser, make_client, make_due_checks, make_web
from shared.clock import SystemClock
from shared.db.tables import CheckRow, JudgementRow, VersionRow
from shared.domain.captures import FailureKind, FetchFailed, Response
from shared.domain.documents import Declaration, Part
from shared.settings import Settings
from tests.factories.policies import as_html, policy
from tests.factories.watched import watch
from tests.fakes.site import Page, Site, running_site
from tests.integration.fetcher.conftest import Fetcher
from tests.servers.waiting import eventually

needs_chromium = pytest.mark.skipif(
    find_chromium(Settings().browser_path) is None,
    reason="no Chromium on PATH or at CLAUSEWATCH_BROWSER_PATH (apt-get install --no-install-recommends chromium)",
)
NO_SCRIPT = "<noscript>You need to enable JavaScript to read this page.</noscript>"
SECRET = "CLAUSEWATCH_SECRET_KEY"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site() as running:
        yield running


@pytest.fixture(scope="module")
def settings(site: Site) -> Settings:
    """Loopback is allowed at the site's port alone."""
    return Settings(allow_loopback=True, loopback_ports=(site.port,))


@pytest.fixture(scope="module")
def browser(settings: Settings) -> Iterator[PlaywrightBrowser]:
    clock = SystemClock()
    with pytest.MonkeyPatch.context() as environment, make_client(settings, clock) as client:
        environment.setenv(SECRET, "not for a page's process")
        made = make_browser(settings, client, clock)
        assert made is not None
        yield made
        made.close()


def written(site: Site, script: str, path: str, *, around: str = NO_SCRIPT) -> str:
    """A page that is empty but for this script; its URL."""
    site.put(Page(script.encode(), media_type="text/javascript"), f"{path}.js")
    shell = f'<!doctype html><title>Terms</title>{around}<div id="root"></div><script src="{path}.js"></script>'
    return site.put(Page(shell.encode(), etag='"shell"', last_modified="Mon, 02 Mar 2026 09:00:00 GMT"), path)


def anywhere(url: str) -> None:
    """The gate of a host without rules."""


def chromiums() -> list[psutil.Process]:
    """The browsers that this process started."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it ends while we look
            parent = process.parent()
            if parent and "chrom" in process.name() and "chrom" not in parent.name():
                found.append(process)
    return found


@needs_chromium
def test_what_a_script_writes_is_captured_and_marked(browser: PlaywrightBrowser, site: Site) -> None:
    final = written(site, "root.innerHTML = '<p>Terms with an ümlaut</p>'", "/written")
    moved = site.put(Page(status=302, headers={"Location": "/written"}), "/moved")
    gate: list[str] = []

    answer = browser.render(moved, on_hop=gate.append)

    assert '<div id="root"><p>Terms with an ümlaut</p></div>' in answer.body.decode()
    assert answer.body.startswith(b"<!DOCTYPE html>")
    assert (answer.url, answer.final_url, answer.status) == (moved, final, 200)
    assert [hop.location for hop in answer.redirects] == [final]
    assert gate == [moved, final]
    assert str(answer.header(RENDERED)).startswith("chromium/")
    assert answer.header("content-type") == "text/html; charset=utf-8"
    assert (answer.header("etag"), answer.header("last-modified"), answer.header("content-length")) == (None,) * 3
    assert [asked.headers["user-agent"].partition("/")[0] for asked in site.requests("/written")] == ["Clausewatch"]
    assert "Clausewatch/" in site.requests("/written.js")[0].headers["user-agent"]


FORBIDDEN = """
const tries = {
  fetch: () => fetch("http://127.0.0.1:OTHER/secret"),
  other_name: () => fetch("http://bolt.localhost:OTHER/secret"),
  no_cors: () => fetch("http://127.0.0.1:OTHER/secret", {mode: "no-cors"}).then(r => { if (!r.status) throw 0 }),
  metadata: () => fetch("http://169.254.169.254/latest/meta-data/"),
  redirected: () => fetch("/to-other"),
  socket: () => new Promise((yes, no) => {
    const it = new WebSocket("ws://127.0.0.1:OTHER/secret"); it.onopen = yes; it.onerror = no; }),
  transport: () => new WebTransport("https://127.0.0.1:UDP/").ready,
  worker: () => navigator.serviceWorker.register("/forbidden.js").then(it => { if (!it) throw 0 }),
  file: () => fetch("file:///etc/passwd"),
  location: () => new Promise((yes, no) => navigator.geolocation.getCurrentPosition(yes, no)),
};
const peer = new RTCPeerConnection({iceServers: [{urls: "stun:127.0.0.1:UDP"}]});
peer.createDataChannel("x");
const gathered = new Promise(done => {
  peer.onicegatheringstatechange = () => peer.iceGatheringState == "complete" && done(); });
peer.createOffer().then(offer => peer.setLocalDescription(offer));
Promise.all(Object.entries(tries).map(([name, go]) =>
  Promise.resolve().then(go).then(() => name + " got through", () => name + " failed")
)).then(async results => { await gathered; root.textContent = results.join("; ") });
"""


@needs_chromium
def test_a_page_reaches_nothing_that_the_installation_forbids(browser: PlaywrightBrowser, site: Site) -> None:
    with running_site() as other, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.setblocking(False)
        secret = Page(b"secret", headers={"Access-Control-Allow-Origin": "*"})
        other.pages["127.0.0.1", "/secret"] = other.pages["bolt.localhost", "/secret"] = secret
        site.put(Page(status=302, headers={"Location": f"http://127.0.0.1:{other.port}/secret"}), "/to-other")
        script = FORBIDDEN.replace("OTHER", str(other.port)).replace("UDP", str(udp.getsockname()[1]))
        frame = f'<iframe src="http://127.0.0.1:{other.port}/secret"></iframe>'

        page = browser.render(written(site, script, "/forbidden", around=frame), on_hop=anywhere).body.decode()

        assert page.count(" failed") == FORBIDDEN.count(": () => "), page
        assert "got through" not in page
        assert other.asked == []
        with pytest.raises(BlockingIOError):
            udp.recv(1)
    assert site.requests("/to-other"), "what is allowed was asked for"


@needs_chromium
def test_no_rules_are_passed_over_by_a_script_that_moves_the_page(browser: PlaywrightBrowser, site: Site) -> None:
    there = written(site, "root.textContent = 'moved here'", "/there")
    here = written(site, "location.replace('/there')", "/here")

    def gate(url: str) -> None:
        if url == there:
            raise FetchFailed(FailureKind.ROBOTS, "disallowed")

    with pytest.raises(FetchFailed, match="robots"):
        browser.render(here, on_hop=gate)
    assert site.requests("/there") == []

    answer = browser.render(here, on_hop=anywhere)
    assert "moved here" in answer.body.decode()
    assert (answer.url, answer.final_url) == (here, there)
    assert [(hop.url, hop.location) for hop in answer.redirects] == [(here, there)]


@needs_chromium
def test_a_page_that_moves_on_and_on_is_given_up(browser: PlaywrightBrowser, site: Site) -> None:
    first, *_ = [written(site, f"location = '/round{n + 1}'", f"/round{n}") for n in range(6)]

    with pytest.raises(FetchFailed) as failed:
        browser.render(first, on_hop=anywhere)

    assert failed.value.kind is FailureKind.TOO_MANY_REDIRECTS
    assert site.requests("/round5") == []


@needs_chromium
def test_what_is_no_page_and_what_failed_never_meets_the_browser(browser: PlaywrightBrowser, site: Site) -> None:
    plain = browser.render(site.put(Page(b"# Terms", media_type="text/markdown"), "/plain"), on_hop=anywhere)
    assert (plain.body, plain.header(RENDERED)) == (b"# Terms", None)

    with pytest.raises(FetchFailed, match="http-status"):
        browser.render(site.url("/missing"), on_hop=anywhere)


@needs_chromium
def test_the_browser_is_started_anew_after_a_crash(browser: PlaywrightBrowser, site: Site) -> None:
    url = written(site, "root.textContent = 'still here'", "/crash")
    browser.render(url, on_hop=anywhere)
    (process,) = chromiums()
    assert SECRET in os.environ
    assert SECRET not in process.environ()

    process.kill()
    eventually(lambda: process not in chromiums(), why="the browser did not die")
    with suppress(FetchFailed):  # it may be at this page that the death is noticed
        browser.render(url, on_hop=anywhere)
    answer = browser.render(url, on_hop=anywhere)

    assert "still here" in answer.body.decode()


@needs_chromium
def test_pages_that_never_end_or_grow_too_large_are_given_up(settings: Settings, site: Site) -> None:
    endless = answered(settings, written(site, "for (;;);", "/endless"))
    huge = answered(settings, written(site, "root.textContent = 'x'.repeat(10_001)", "/huge"))
    fine = answered(settings, written(site, "root.textContent = 'fine'", "/fine"))
    chromium = Chromium(str(find_chromium()), lambda: ForwardProxy(settings.egress()), "test", max_bytes=10_000)
    before = chromiums()

    with pytest.raises(FetchFailed) as failed:
        chromium.show(endless, deadline_s=6)
    assert failed.value.kind is FailureKind.TIMEOUT
    with pytest.raises(FetchFailed) as failed:
        chromium.show(huge, deadline_s=40)
    assert failed.value.kind is FailureKind.TOO_LARGE
    assert "fine" in chromium.show(fine, deadline_s=40).html

    assert len(chromiums()) > len(before)
    chromium.close()
    assert chromiums() == before
    with pytest.raises(FetchFailed, match="host-busy"):
        chromium.show(fine, deadline_s=1)


@needs_chromium
def test_pages_take_turns(browser: PlaywrightBrowser, site: Site) -> None:
    urls = [written(site, f"root.textContent = 'page {n}'", f"/turn{n}") for n in range(3)]
    answers: dict[str, Response] = {}

    def render(url: str) -> None:
        answers[url] = browser.render(url, on_hop=anywhere)

    threads = [threading.Thread(target=render, args=(url,)) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [f"page {n}" in answers[url].body.decode() for n, url in enumerate(urls)] == [True] * 3


def answered(settings: Settings, url: str) -> Response:
    clock = SystemClock()
    with make_client(settings, clock) as client:
        return make_web(settings, client).capture(url, None)


@needs_chromium
def test_a_shell_is_read_plainly_first_and_rendered_once_it_is_judged_one(
    fetcher: Fetcher, browser: PlaywrightBrowser, site: Site
) -> None:
    script = f"root.innerHTML = {json.dumps(as_html(policy()))}"
    document_id = watched(fetcher, written(site, script, "/policy"))
    drain = make_drain(fetcher.database, fetcher.archive, fetcher.clock, fetcher.settings)
    asked_before = len(site.requests("/policy.js"))

    check(fetcher, browser, document_id)
    drain.drain(document_id)
    assert fetcher.schedule(document_id).browser_needed
    assert len(site.requests("/policy.js")) == asked_before

    check(fetcher, browser, document_id)
    drain.drain(document_id)
    confirm_at = fetcher.schedule(document_id).confirm_at
    assert confirm_at is not None
    fetcher.clock.at = confirm_at
    check(fetcher, browser, document_id)
    drain.drain(document_id)

    with fetcher.database.reading() as session:
        judgements = {row.snapshot_id: row for row in session.scalars(select(JudgementRow))}
        (version,) = session.scalars(select(VersionRow)).all()
    snapshots = fetcher.snapshots()
    assert [judgements[snapshot.id].outcome for snapshot in snapshots] == ["unusable", "candidate", "confirmed"]
    assert judgements[snapshots[0].id].reason in {"blank", "no-text"}
    assert version.sequence == 1
    parts = [part for snapshot in snapshots for part in fetcher.parts(snapshot)]
    marks = [[value for name, value in part.headers if name == RENDERED] for part in parts]
    assert [len(mark) for mark in marks] == [0, 1, 1]


def watched(fetcher: Fetcher, url: str) -> str:
    return watch(fetcher.database, Declaration(parts=(Part(url=url, javascript=True),)), fetcher.clock.now())


def check(fetcher: Fetcher, browser: PlaywrightBrowser | None, document_id: str) -> CheckRow:
    """Make the document due, and look at it as a worker with this browser would."""
    fetcher.schedule(document_id, next_check_at=fetcher.clock.now(), retry_at=None)
    due = make_due_checks(
        fetcher.settings,
        fetcher.database,
        fetcher.archive,
        fetcher.client,
        fetcher.clock,
        stopping=threading.Event(),
        pause=fetcher.pause,
        browser=browser,
    )
    assert due.run() == 1
    return fetcher.checks()[-1]


def test_without_the_extra_or_a_chromium_there_is_no_browser_and_the_check_says_so(
    fetcher: Fetcher, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace_path(fetcher.settings, tmp_path / "no-chromium")
    without_chromium = make_browser(settings, fetcher.client, fetcher.clock)
    monkeypatch.setitem(sys.modules, "playwright", None)
    without_extra = make_browser(replace_path(settings, Path(sys.executable)), fetcher.client, fetcher.clock)
    assert (without_chromium, without_extra) == (None, None)

    document_id = watched(fetcher, written(site, "root.textContent = 'terms'", "/unrendered"))
    fetcher.schedule(document_id, browser_needed=True)

    assert check(fetcher, without_extra, document_id).detail == NEEDS_BROWSER


def replace_path(settings: Settings, path: Path) -> Settings:
    return settings.model_copy(update={"browser_path": str(path)})

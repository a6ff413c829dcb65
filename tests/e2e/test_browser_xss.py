"""Stored scripts in a real Chromium: every GET route over an installation in which all that strangers write is hostile.

The routes are the application's own, so one that is added is visited without anything being written here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING
from xml.etree.ElementTree import fromstring

import httpx
import pytest
import uvicorn

from services.api.app import make_app, make_resources
from services.api.identity import COOKIE
from services.api.serving import config_of
from services.cli.opening import open_installation
from services.fetcher.adapters.browser import find_chromium
from shared.settings import Settings
from tests.e2e import hostile_texts as hostile
from tests.e2e.browsing import chromium, serving, signed_in
from tests.e2e.hostile_addresses import EACH, addresses
from tests.e2e.hostile_site import seed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Request

EXECUTABLE = find_chromium(Settings().browser_path)
pytestmark = pytest.mark.skipif(
    EXECUTABLE is None or find_spec("playwright") is None,
    reason="no Chromium on PATH, or no Playwright: stored scripts are not tested in a browser (make chromium)",
)

STOPPED = "Content Security Policy"
"""In what Chromium says of what our policy stopped."""

RAN = "a script ran"
_PUBLIC = """
/ /changes /changes/{change_id} /changes/{change_id}/redline /changes/{change_id}/wrong /compare
/categories/{category_id} /digests/{digest_id} /documents/{document_id} /documents/{document_id}/compare
/documents/{document_id}/changes.atom /feeds/changes.atom /p/{endpoint_id}/{token} /u/{endpoint_id}/{token}
/confirm/{endpoint_id}/{expires}/{token} /platforms /platforms/{slug} /platforms/{slug}/changes.atom
/provisions/{provision_id} /search /status /api/v1/changes/{change_id}/redline
"""
_OWNED = """
/account /account/subscriptions /account/subscriptions/{subscription_id} /account/endpoints
/account/endpoints/{endpoint_id} /account/keys /account/members /account/outbox /account/outbox/{name}
/operator /operator/documents/{document_id} /operator/documents/{document_id}/selectors /operator/quarantine
/operator/reviews /operator/changes/{change_id} /operator/queues
"""
SHOWING = {False: set(_PUBLIC.split()), True: set(_OWNED.split())}
"""Routes on which hostile words must be seen, by whether who asks is known: or the test would prove nothing."""

CONTAINED = {"/account/outbox/{name}", "/account/outbox/{name}/html"}
"""They show a mail's own HTML, whatever it is, in a sandbox: of these what got out of it counts."""

HTML, FEED = "text/html", "application/atom+xml"
HARMLESS = {"application/json", "application/problem+json", "application/octet-stream", "application/zip"}
HARMLESS |= {"text/plain", "text/calendar", "application/pdf", "application/schema+json", "application/x-pem-file"}
"""Types that no browser runs scripts of, where it may not guess at another (nosniff)."""

OURS = {("/favicon.ico", "image/svg+xml")}
"""Files that come with the service: no words of others are in them."""

LISTENING = """
window.broken = [];
document.addEventListener("securitypolicyviolation", event => window.broken.push(event.violatedDirective));
"""
# What of a page could act and is not ours: handlers, addresses that run, elements that load, links that tell of us.
INSPECTED = r"""() => {
  const found = window.hit === undefined ? [] : ["RAN"];
  found.push(...window.broken.map(one => `against the policy: ${one}`));
  const tells = (document.body?.innerText ?? "").includes("window.hit");
  if (document.contentType !== "text/html") return [found, tells];  // a browser's own way to show a feed
  const addresses = new Set(["href", "src", "action", "formaction", "data", "poster", "ping", "xlink:href", "srcset"]);
  const never = "iframe:not([sandbox=''][src^='/']), frame, object, embed, base, applet, meta[http-equiv], math";
  for (const one of document.querySelectorAll("*")) {
    for (const {name, value} of one.attributes) {
      const bare = value.replace(/[\u0000-\u0020]/g, "").toLowerCase();
      if (/^on|^hx-on|^style$|^srcdoc$/i.test(name)) found.push(`${one.tagName} ${name}=${value}`);
      if (addresses.has(name) && !/^(https?:\/\/|webcal:\/\/|\/(?!\/)|#|\?|$)/.test(bare))
        found.push(`${one.tagName} ${name}=${value}`);
      if (/^hx-(get|post|put|patch|delete)$/.test(name) && !bare.startsWith("/")) found.push(`${name}=${value}`);
    }
    if (one.matches(never)) found.push(one.tagName);
    if (/^(SCRIPT|IMG)$/i.test(one.tagName) && !/^\/static\//.test(one.getAttribute("src") || ""))
      found.push(`${one.tagName} of theirs`);
    if (one.tagName === "A" && one.origin !== location.origin && !one.relList.contains("noopener"))
      found.push(`a link without rel=noopener: ${one.href}`);
  }
  return [found, tells];
}""".replace("RAN", RAN)


@dataclass(frozen=True)
class Site:
    """The hostile installation, served."""

    base: str
    token: str
    paths: dict[str, list[str]]
    """Addresses by route."""

    def cookies(self, *, known: bool) -> dict[str, str]:
        return {COOKIE: self.token} if known else {}

    def answers(self, paths: Iterable[str], *, known: bool) -> dict[str, httpx.Response]:
        """What each address answers to anybody, or to an owner who is the operator. Redirects are not followed."""
        with httpx.Client(base_url=self.base, cookies=self.cookies(known=known)) as client:
            return {path: client.get(path) for path in paths}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data = tmp_path_factory.mktemp("hostile") / "data"
    settings = Settings(data=data, database_url="", redis_url="", api_anonymous_per_minute=100_000)
    with open_installation(settings) as opened:
        seed(opened)
        app = make_app(make_resources(opened.settings, opened.database))
        with serving(uvicorn.Server(config_of(app))) as base:
            yield Site(base, signed_in(opened), addresses(opened))


@pytest.fixture(scope="module")
def answers(site: Site) -> dict[bool, dict[str, httpx.Response]]:
    """By address, what anybody is answered (False), and the operator where that is no page for everybody (True)."""
    anybody = site.answers((path for paths in site.paths.values() for path in paths), known=False)
    private = [path for path, answer in anybody.items() if not _is_shown(answer)]
    return {False: anybody, True: site.answers(private, known=True)}


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with chromium(str(EXECUTABLE)) as browser:
        yield browser


def test_only_pages_and_feeds_are_what_a_browser_acts_on(answers: dict[bool, dict[str, httpx.Response]]) -> None:
    wrong, feeds = [], 0
    for path, answer in (one for answered in answers.values() for one in answered.items()):
        kind, headers = _kind(answer), answer.headers
        if answer.content and kind not in HARMLESS | {HTML, FEED} and (path, kind) not in OURS:
            wrong.append((path, f"is {kind}"))
        if headers.get("x-content-type-options") != "nosniff":
            wrong.append((path, "may be guessed at"))
        if not headers.get("content-security-policy", "").removeprefix("sandbox; ").startswith("default-src 'none'"):
            wrong.append((path, "has no policy"))
        if path.endswith("/raw") and not headers.get("content-disposition", "attachment").startswith("attachment"):
            wrong.append((path, "is shown"))
        if kind == FEED:
            feeds += fromstring(answer.content).tag == "{http://www.w3.org/2005/Atom}feed"
        assert answer.status_code < 500, path
    assert wrong == []
    assert feeds > EACH


@pytest.mark.parametrize("known", [False, True], ids=["anybody", "operator"])
def test_nothing_that_strangers_wrote_runs(
    site: Site, browser: "Browser", answers: dict[bool, dict[str, httpx.Response]], known: bool
) -> None:
    chosen = {
        route: _telling({path: answers[known][path] for path in paths if path in answers[known]})
        for route, paths in site.paths.items()
    }
    found, telling = _visited(site, browser, chosen, known)
    assert found == {}
    assert telling >= SHOWING[known]


def _visited(
    site: Site, browser: "Browser", chosen: Mapping[str, Sequence[str]], known: bool
) -> tuple[dict[str, list[str]], set[str]]:
    """What was found at each address that is not as it should be, and the routes that showed hostile words."""
    found: dict[str, list[str]] = {}
    telling = set()
    with browser.new_context(base_url=site.base, reduced_motion="reduce") as context:
        context.add_init_script(LISTENING)
        context.add_cookies([{"name": n, "value": v, "url": site.base} for n, v in site.cookies(known=known).items()])
        page = context.new_page()
        heard: list[str] = []
        page.on("dialog", lambda dialog: (heard.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
        for end in ("requestfinished", "requestfailed"):
            page.on(end, lambda asked: _may_be_asked(asked, site) or heard.append(f"asked {asked.url}"))
        page.on("pageerror", lambda error: heard.append(f"an error: {error}"))
        page.on("console", lambda line: heard.append(line.text) if STOPPED in line.text else None)
        for route, paths in chosen.items():
            for path in paths:
                heard.clear()
                page.goto(path, wait_until="load")
                faults, tells = page.evaluate(INSPECTED)
                if route in CONTAINED:
                    faults = [fault for fault in faults if fault == RAN]
                    heard[:] = [line for line in heard if STOPPED not in line]
                if heard or faults:
                    found[path] = [*heard, *faults]
                if tells:
                    telling.add(route)
    return found, telling


def _may_be_asked(asked: "Request", site: Site) -> bool:
    """What is ours, or was stopped by our policy before anything was sent."""
    return asked.url.startswith((f"{site.base}/", "data:")) or asked.failure == "csp"


def _telling(answers: Mapping[str, httpx.Response]) -> list[str]:
    """Addresses that a browser is sent to, those first that have hostile words to show."""
    pages = [path for path, answer in answers.items() if _is_shown(answer)]
    return sorted(pages, key=lambda path: hostile.HIT not in answers[path].text)[:EACH]


def _is_shown(answer: httpx.Response) -> bool:
    return answer.status_code == 200 and _kind(answer) in {HTML, FEED}


def _kind(answer: httpx.Response) -> str:
    return answer.headers.get("content-type", "").partition(";")[0]

"""One headless Chromium, driven by Playwright on a thread of its own: what scripts make of an answered page.

The main document is handed in; whatever else the page asks for goes through the forward proxy. Playwright is an extra,
so it is imported where the browser is started and nowhere else.
"""

import asyncio
import contextlib
import os
import tempfile
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from services.fetcher.adapters.forward_proxy import ForwardProxy
from services.fetcher.adapters.visit import Visit
from shared.domain.captures import FailureKind, FetchFailed, Response

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page, Playwright

T = TypeVar("T")
_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--js-flags=--max-old-space-size=512",
    # Nothing but the proxy is connected to, and no name is looked up: neither by WebRTC nor by a prefetch.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
)
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR")
"""Of our environment, which holds secrets; a page's process must not."""

_START_S = 15.0
_STOP_S = 5.0
_LOAD_S = 15.0
_QUIET_S = 5.0

# In a world of its own, where no script of the page has changed what these words mean.
_WRITTEN = """(() => {
  const type = document.doctype ? new XMLSerializer().serializeToString(document.doctype) : "";
  const html = type + (document.documentElement ? document.documentElement.outerHTML : "");
  return html.length > LIMIT ? html.length : html;
})()"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A page after its scripts ran: its HTML and address; or where a script sent the browser instead, without HTML."""

    html: str
    url: str
    moved_to: str | None
    version: str


@dataclass(slots=True)
class _Running:
    playwright: "Playwright"
    browser: "Browser"
    home: "tempfile.TemporaryDirectory[str]"


class _Loop:
    """An event loop on a daemon thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="browser", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Chromium:
    """Started on first use, one page at a time, dropped and started anew after whatever goes wrong in it."""

    def __init__(self, executable: str, make_proxy: Callable[[], ForwardProxy], agent: str, *, max_bytes: int) -> None:
        self._executable = executable
        self._make_proxy = make_proxy
        self._agent = agent
        self._max_bytes = max_bytes
        self._turn = threading.Lock()
        self._loop: _Loop | None = None
        self._proxy: ForwardProxy | None = None
        self._running: _Running | None = None
        self._closed = False

    def show(self, answer: Response, *, deadline_s: float) -> Shown:
        """The page that an answer becomes, within `deadline_s`, of which waiting for one's turn is a part.

        Raises FetchFailed: host-busy where the turn does not come, timeout, too-large (characters of HTML), protocol
        where the browser fails.
        """
        if not self._turn.acquire(timeout=deadline_s / 2):
            raise FetchFailed(FailureKind.HOST_BUSY, "the browser is rendering other pages")
        try:
            if self._closed:
                raise FetchFailed(FailureKind.HOST_BUSY, "the browser is closed")
            self._loop = self._loop or _Loop()
            return self._loop.run(self._show_or_drop(answer, deadline_s / 2))
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the browser and its proxy, after the page that is being rendered."""
        with self._turn:
            self._closed = True
            if self._loop is not None:
                self._loop.run(self._drop())
                self._loop.close()
                self._loop = None
            if self._proxy is not None:
                self._proxy.close()

    async def _show_or_drop(self, answer: Response, seconds: float) -> Shown:
        """Drop the browser on any failure: a page that hung or crashed may have left it in any state."""
        import playwright.async_api as api  # noqa: PLC0415  # an extra

        failed: FetchFailed
        try:
            running = await self._ready()
            async with asyncio.timeout(seconds):
                return await self._show(running.browser, answer)
        except TimeoutError:
            failed = FetchFailed(FailureKind.TIMEOUT, f"{answer.final_url[:200]} was not rendered in {seconds:g} s")
        except FetchFailed as error:
            failed = error
        except (api.Error, OSError) as error:
            why = str(error).strip().partition("\n")[0][:200]
            failed = FetchFailed(FailureKind.PROTOCOL, f"the browser failed at {answer.final_url[:200]}: {why}")
        await self._drop()
        raise failed

    async def _ready(self) -> _Running:
        if self._running is None or not self._running.browser.is_connected():
            await self._drop()
            async with asyncio.timeout(_START_S):
                await self._start()
        assert self._running is not None
        return self._running

    async def _start(self) -> None:
        from playwright.async_api import async_playwright  # noqa: PLC0415  # an extra

        if self._proxy is None:
            proxy = self._make_proxy()
            proxy.start()
            self._proxy = proxy
        home = tempfile.TemporaryDirectory(prefix="clausewatch-browser-", ignore_cleanup_errors=True)
        playwright = await async_playwright().start()
        try:
            browser = await playwright.chromium.launch(
                executable_path=self._executable,
                args=list(_FLAGS),
                chromium_sandbox=False,  # it needs user namespaces, which containers refuse
                env={"HOME": home.name, **{name: os.environ[name] for name in _PASSED_ON if name in os.environ}},
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
                proxy={
                    "server": f"http://127.0.0.1:{self._proxy.port}",
                    "bypass": "<-loopback>",
                    "username": self._proxy.username,
                    "password": self._proxy.password,
                },
            )
        except BaseException:
            await playwright.stop()
            home.cleanup()
            raise
        self._running = _Running(playwright, browser, home)

    async def _drop(self) -> None:
        running, self._running = self._running, None
        if running is None:
            return
        import playwright.async_api as api  # noqa: PLC0415  # an extra

        for stop in (running.browser.close, running.playwright.stop):
            with contextlib.suppress(TimeoutError, api.Error):
                async with asyncio.timeout(_STOP_S):
                    await stop()
        running.home.cleanup()

    async def _show(self, browser: "Browser", answer: Response) -> Shown:
        visit = Visit(answer, asyncio.get_running_loop().create_future())
        engine = f"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{browser.version} Safari/537.36"
        context = await browser.new_context(
            user_agent=f"{engine} {self._agent}",
            accept_downloads=False,
            service_workers="block",
            permissions=[],
            locale="en",
        )
        await context.route(lambda _: True, lambda route: visit.decide(route))  # it writes to a bound method's object
        page = await context.new_page()
        await page.goto(answer.final_url, wait_until="commit", timeout=0)
        await _settled(page, visit)
        moved_to = visit.moved_to.result() if visit.moved_to.done() else None
        html = "" if moved_to else await self._html(context, page)
        url = page.url.partition("#")[0]
        await context.close()
        is_web = url.startswith(("http://", "https://"))
        return Shown(html, url if is_web else answer.final_url, moved_to, browser.version)

    async def _html(self, context: "BrowserContext", page: "Page") -> str:
        tools = await context.new_cdp_session(page)
        frame = (await tools.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        world = await tools.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "clausewatch"})
        asked = {
            "expression": _WRITTEN.replace("LIMIT", str(self._max_bytes)),
            "contextId": world["executionContextId"],
            "returnByValue": True,
        }
        html = (await tools.send("Runtime.evaluate", asked))["result"].get("value")
        if isinstance(html, str):
            return html
        raise FetchFailed(FailureKind.TOO_LARGE, f"the rendered page has {html} characters")


async def _settled(page: "Page", visit: Visit) -> None:
    """Wait until a script moves the page, or until it is loaded and asks for nothing more; but only for so long."""
    quiet = asyncio.create_task(_quiet(page))
    visit.moved_to.add_done_callback(lambda _: quiet.cancel())
    try:
        await asyncio.wait({quiet})
    finally:
        quiet.cancel()
    if not quiet.cancelled():
        quiet.result()


async def _quiet(page: "Page") -> None:
    from playwright.async_api import TimeoutError as NotInTime  # noqa: PLC0415  # an extra

    with contextlib.suppress(NotInTime):
        await page.wait_for_load_state("load", timeout=_LOAD_S * 1000)
        await page.wait_for_load_state("networkidle", timeout=_QUIET_S * 1000)

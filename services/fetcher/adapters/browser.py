"""The `Browser` of the use cases: our client asks for the document, Chromium runs its scripts."""

import importlib.util
import shutil
from dataclasses import replace

from services.fetcher.adapters.chromium import Chromium, Shown
from services.fetcher.adapters.forward_proxy import ForwardProxy
from services.fetcher.core.media import media_of
from services.fetcher.handlers.ports import OnHop, Web
from shared.clock import Clock
from shared.domain.addresses import EgressPolicy
from shared.domain.captures import FailureKind, FetchFailed, Redirect, Response
from shared.logging import get_logger

RENDERED = "x-clausewatch-rendered"
"""A header field of ours on a stored part: which browser wrote its bytes."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_LONGEST_RENDERING_S = 45.0
"""Waiting for the browser's turn included; a host's slot outlasts a capture by a minute at least."""
_MOST_MOVES = 3
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_OF_OTHER_BYTES = frozenset(
    {"content-encoding", "content-length", "content-type", "etag", "last-modified", "transfer-encoding", RENDERED}
)

log = get_logger()


class PlaywrightBrowser:
    """Renders pages. Threads may share it; their pages take turns.

    The document itself is asked for by `web`, so it passes `on_hop` at every hop, as without a browser; so does where a
    script then sends the browser. Scripts, styles and what scripts ask for go through the forward proxy, images and
    fonts are not asked for.
    """

    def __init__(self, web: Web, chromium: Chromium, clock: Clock) -> None:
        self._web = web
        self._chromium = chromium
        self._clock = clock

    def render(self, url: str, *, on_hop: OnHop) -> Response:
        """The page after its scripts ran, as UTF-8 HTML that says so in `RENDERED`; what is no HTML, as it is.

        The answer keeps no validators: they belong to the bytes before rendering. Raises FetchFailed as `Web` does, and
        host-busy, timeout, too-large or protocol for the browser's part.
        """
        first = answer = self._web.capture(url, None, on_hop=on_hop)
        redirects = first.redirects
        for _ in range(_MOST_MOVES + 1):
            if not _is_html(answer):
                return replace(answer, url=url, redirects=redirects, started_at=first.started_at)
            shown = self._chromium.show(answer, deadline_s=_LONGEST_RENDERING_S)
            if shown.moved_to is None:
                rendered = _rendered(answer, shown)
                ends = self._clock.now()
                return replace(rendered, url=url, redirects=redirects, started_at=first.started_at, finished_at=ends)
            redirects += (Redirect(answer.final_url, answer.status, shown.moved_to),)
            answer = self._web.capture(shown.moved_to, None, on_hop=on_hop)
            redirects += answer.redirects
        detail = f"scripts moved the page more than {_MOST_MOVES} times, the last to {answer.url[:200]}"
        raise FetchFailed(FailureKind.TOO_MANY_REDIRECTS, detail, status=answer.status)

    def close(self) -> None:
        """End the browser's processes."""
        self._chromium.close()


def open_browser(
    path: str, web: Web, policy: EgressPolicy, clock: Clock, *, agent: str, max_bytes: int
) -> PlaywrightBrowser | None:
    """A browser to be started when first needed; None, and a line in the log, where the extra or Chromium is missing.

    `path` is the setting `browser_path`; where it is empty, the usual names are looked for on PATH.
    """
    executable = find_chromium(path)
    has_extra = importlib.util.find_spec("playwright") is not None
    if executable is None or not has_extra:
        log.info("browser.absent", playwright=has_extra, chromium=executable, browser_path=path or None)
        return None
    chromium = Chromium(executable, lambda: ForwardProxy(policy), agent, max_bytes=max_bytes)
    return PlaywrightBrowser(web, chromium, clock)


def find_chromium(path: str = "") -> str | None:
    """The executable that `path` names, or the first of the usual ones on PATH."""
    return next((found for name in ([path] if path else _NAMES) if (found := shutil.which(name))), None)


def _is_html(answer: Response) -> bool:
    return media_of(answer.header("content-type"), answer.body).media_type in _HTML_TYPES


def _rendered(answer: Response, shown: Shown) -> Response:
    kept = tuple((name, value) for name, value in answer.headers if name not in _OF_OTHER_BYTES)
    ours = (("content-type", "text/html; charset=utf-8"), (RENDERED, f"chromium/{shown.version}"))
    return replace(answer, final_url=shown.url, headers=kept + ours, body=shown.html.encode("utf-8", "replace"))

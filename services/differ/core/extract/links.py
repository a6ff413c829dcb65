"""Canonical link targets: host and path, and a query only where it names the document."""

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urljoin, urlsplit

from services.differ.core.extract.wordsets import word_set

_NAMING_KEYS = word_set(
    """
    id p page page_id pageid doc docid document documentid article articleid answer topic q v slug name key
    file path view section item entry post node nodeid cid pid aid policy policyid uri contentid
    """
)
"""Query keys that select a document. All others (tracking, session, build, language of the shell) are dropped."""

_REDIRECT_KEYS = ("url", "q", "u", "target", "to", "dest", "destination", "redirect", "redirect_uri", "link", "goto")
_REDIRECT_PATH = re.compile(
    r"/(?:url|l\.php|redirect|redir|out|away|goto|linkfilter|link|leaving|exit)/?$", re.IGNORECASE
)
_RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$|[0-9a-f]{24,}$", re.IGNORECASE)
_REDIRECT_SEGMENT = re.compile(r"/(?:redirect|redir|r|click|track|go|out)/", re.IGNORECASE)
_RANDOM_SEGMENT = re.compile(
    r"/[^/]*[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}[^/]*(?=/|$)", re.IGNORECASE
)
_OTHER_SCHEMES = ("javascript:", "data:", "blob:", "about:", "vbscript:")
_MAX_UNWRAPS = 3


class LinkResolver:
    """Turns `href` values of one part into canonical targets. `base` is None where the page's address is unknown."""

    def __init__(self, base: str | None) -> None:
        self._base = base
        self._known: dict[str, str | None] = {}
        self._document = None if base is None else canonical_target(base)

    def resolve(self, href: str) -> str | None:
        """The canonical target, or None where the link leads nowhere or into the same document."""
        if href not in self._known:
            self._known[href] = self._resolve(href)
        return self._known[href]

    def _resolve(self, href: str) -> str | None:
        href = href.strip()
        if not href or href.startswith("#") or href.lower().startswith(_OTHER_SCHEMES):
            return None
        try:
            target = canonical_target(urljoin(self._base, href) if self._base else href)
        except ValueError:
            return None
        return None if target == self._document else target


_SESSION = re.compile(r";(?:jsession|php?sess|s|sess(?:ion)?)_?id=[^/;]*", re.IGNORECASE)
"""A session in a path parameter (RFC 3986, section 3.3), given by servers that cannot count on cookies."""


def canonical_target(url: str) -> str | None:
    """Host and path of a URL: no scheme, no `www.`, no fragment, no trailing slash, no tracking.

    A redirector that carries its destination in the query is replaced by the destination; its random identifiers
    in the path go. Of the query only the keys that select a document stay. `mailto:` and `tel:` keep their scheme
    and lose their query.
    Raises ValueError for what is no URL (RFC 3986).
    """
    for _ in range(_MAX_UNWRAPS):
        split = urlsplit(url.strip())
        inner = _destination(split)
        if inner is None:
            break
        url = inner
    else:
        split = urlsplit(url)
    if split.scheme in {"mailto", "tel", "sms"}:
        return f"{split.scheme}:{unquote(split.path).strip().lower()}" if split.path.strip() else None
    if "cdn-cgi/l/email-protection" in split.path:
        return None  # Its fragment is the address, enciphered anew at each request; the text names it.
    host = (split.hostname or "").removeprefix("www.")
    path = _SESSION.sub("", re.sub(r"/{2,}", "/", split.path)).rstrip("/")
    if _REDIRECT_SEGMENT.search(path):
        path = _RANDOM_SEGMENT.sub("", path)
    return (host + path + _naming_query(split)) or "/"


def _destination(split: SplitResult) -> str | None:
    if not split.query or not _REDIRECT_PATH.search(split.path):
        return None
    values = dict(parse_qsl(split.query))
    return next(
        (values[key] for key in _REDIRECT_KEYS if values.get(key, "").startswith(("http://", "https://"))), None
    )


def _naming_query(split: SplitResult) -> str:
    kept = sorted(
        (key, value)
        for key, value in parse_qsl(split.query)
        if key.lower() in _NAMING_KEYS and value and not _RANDOM.match(value)
    )
    return "?" + "&".join(f"{key}={value}" for key, value in kept) if kept else ""

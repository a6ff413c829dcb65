"""A web site on loopback whose pages a test sets, and which remembers how it was asked."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Page:
    """An answer. With `etag` or `last_modified` a request that names the same gets a 304."""

    body: bytes = b""
    status: int = 200
    media_type: str | None = "text/html; charset=utf-8"
    etag: str | None = None
    last_modified: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A request as it came, and the status it was answered with."""

    host: str
    path: str
    headers: Mapping[str, str]
    status: int


class Site:
    """Answers as any `*.localhost` name. A path without a page is 404, which for robots.txt means: no rules."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.pages: dict[tuple[str, str], Page] = {}
        self.asked: list[Asked] = []
        self.most_at_once: Counter[str] = Counter()
        self.before_answer: Callable[[str, str], None] = lambda host, path: None
        self._in_flight: Counter[str] = Counter()
        self._changed = threading.Condition()

    def url(self, path: str = "/terms", host: str = "acme") -> str:
        return f"http://{host}.localhost:{self.port}{path}"

    def put(self, page: Page | bytes, path: str = "/terms", host: str = "acme") -> str:
        """Set a page; its URL."""
        self.pages[f"{host}.localhost", path] = page if isinstance(page, Page) else Page(page)
        return self.url(path, host)

    def requests(self, path: str, host: str = "acme") -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path and asked.host == f"{host}.localhost"]

    def answer(self, host: str, path: str, headers: Mapping[str, str]) -> Page:
        with self._changed:
            self._in_flight[host] += 1
            self.most_at_once[host] = max(self.most_at_once[host], self._in_flight[host])
            self._changed.notify_all()
            # Stay a moment, so that a second request that somebody dared to send is still met here.
            self._changed.wait_for(lambda: self._in_flight[host] > 1, timeout=0.005)
        try:
            self.before_answer(host, path)
            page = self.pages.get((host, path), Page(b"not here", status=404, media_type="text/plain"))
            if _is_known(page, headers):
                page = Page(status=304, media_type=None, etag=page.etag, last_modified=page.last_modified)
        finally:
            with self._changed:
                self._in_flight[host] -= 1
                self.asked.append(Asked(host, path, headers, page.status))
        return page


def _is_known(page: Page, headers: Mapping[str, str]) -> bool:
    if page.etag and "if-none-match" in headers:
        return headers["if-none-match"] == page.etag
    return bool(page.last_modified) and headers.get("if-modified-since") == page.last_modified


@contextmanager
def running_site() -> Iterator[Site]:
    """A site on a free port for the length of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            page = site.answer(headers.get("host", "").partition(":")[0], self.path, headers)
            self.send_response(page.status)
            known = {"Content-Type": page.media_type, "ETag": page.etag, "Last-Modified": page.last_modified}
            for name, value in {**known, **page.headers}.items():
                if value is not None:
                    self.send_header(name, value)
            if page.status != 304:
                self.send_header("Content-Length", str(len(page.body)))
            self.end_headers()
            self.wfile.write(page.body)

        def log_message(self, format: str, *args: object) -> None:
            """A test's site is quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that goes away is no error of the site's."""

    server = Server(("127.0.0.1", 0), Handler)
    site = Site(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""A small site with four policy documents of three revisions each, published a few seconds apart."""

import hashlib
import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from services.cli.sample.page import COMPANY, ERROR_FRAGMENT, page

TEXTS = Path(__file__).resolve().parents[3] / "deploy" / "sample"
REVISIONS = 3
HOST = f"{COMPANY.lower()}.localhost"


class NoTexts(Exception):
    """The sample's texts are not where they belong."""


@dataclass(frozen=True, slots=True)
class SampleDocument:
    """One document. A `stable` one has the same bytes at every request, and an ETag."""

    slug: str
    title: str
    stable: bool = False

    @property
    def path(self) -> str:
        return f"/legal/{self.slug}"


DOCUMENTS = (
    SampleDocument("terms", "Terms of Service"),
    SampleDocument("privacy", "Privacy Policy"),
    SampleDocument("acceptable-use", "Acceptable Use Policy"),
    SampleDocument("api-terms", "API Terms", stable=True),
)


class SamplePlatform:
    """What is published now. It moves on by `publish` alone, so that a test can go step by step."""

    def __init__(self, texts: Path = TEXTS, *, seed: int | None = None) -> None:
        self._texts = {
            (document.slug, revision): _read(texts / f"{document.slug}.{revision}.html")
            for document in DOCUMENTS
            for revision in range(1, REVISIONS + 1)
        }
        self._lock = threading.Lock()
        self._revision = {document.slug: 1 for document in DOCUMENTS}
        self._broken: set[str] = set()
        self._flapping: Counter[str] = Counter()
        self._requests: Counter[str] = Counter()
        self._chance = random.Random(seed)  # noqa: S311  noise, not secrets

    def publish(self, slug: str, revision: int) -> None:
        """Show a revision (1–3) of a document from now on; KeyError where there is none."""
        self._texts[slug, revision]
        with self._lock:
            self._revision[slug] = revision

    def show_error(self, slug: str, on: bool) -> None:
        """Answer requests for a document with an error page on HTTP 200, or stop doing so."""
        with self._lock:
            (self._broken.add if on else self._broken.discard)(slug)

    def flap_once(self, slug: str) -> None:
        """Show an altered text at the next request alone."""
        with self._lock:
            self._flapping[slug] += 1

    def revision(self, slug: str) -> int:
        """Which revision of a document is shown."""
        with self._lock:
            return self._revision[slug]

    def requests(self, path: str) -> int:
        """How often a path was asked for."""
        with self._lock:
            return self._requests[path]

    def answer(self, path: str, etag: str | None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body for a request."""
        with self._lock:
            self._requests[path] += 1
            document = next((one for one in DOCUMENTS if one.path == path), None)
            if path == "/robots.txt":
                return 200, {"Content-Type": "text/plain"}, b"User-agent: *\nAllow: /\n"
            if document is None:
                return self._elsewhere(path)
            chance = random.Random(document.slug) if document.stable else self._chance  # noqa: S311
            body = page(document.title, self._fragment(document.slug), _LINKS, chance)
        headers = {"Content-Type": "text/html; charset=utf-8"}
        if document.stable:
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if etag == headers["ETag"]:
                return 304, headers, b""
        return 200, headers, body

    def _fragment(self, slug: str) -> str:
        if slug in self._broken:
            return ERROR_FRAGMENT
        text = self._texts[slug, self._revision[slug]]
        if self._flapping[slug]:
            self._flapping[slug] -= 1
            return text.replace(" may ", " may sometimes ", 3)
        return text

    def _elsewhere(self, path: str) -> tuple[int, dict[str, str], bytes]:
        if path != "/":
            return 404, {"Content-Type": "text/plain"}, b"There is nothing here.\n"
        listed = "".join(f"<li><a href='{link}'>{name}</a></li>" for link, name in _LINKS)
        body = page("Legal", f"<h1>Legal</h1><ul>{listed}</ul>", _LINKS, self._chance)
        return 200, {"Content-Type": "text/html; charset=utf-8"}, body


_LINKS = [(document.path, document.title) for document in DOCUMENTS]


class RunningSite:
    """A served site; `close` ends it."""

    def __init__(self, answer: Callable[[str, str | None], tuple[int, dict[str, str], bytes]], port: int = 0) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30
            wbufsize = -1  # one packet an answer: a second small one would wait for the first's acknowledgement

            def do_GET(self) -> None:
                status, headers, body = answer(urlsplit(self.path).path, self.headers.get("If-None-Match"))
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """The supervisor tells what matters."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://{HOST}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="sample site", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise NoTexts(f"the sample's text {file} cannot be read ({error.strerror}); start with --no-sample") from None

"""A small registry of made-up policies, served as it is in earnest, and a Chromium to look at it with."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import uvicorn

from benchmarks.page_routes import Target, targets
from benchmarks.page_texts import lay_out
from services.api.app import make_app, make_resources, make_routes
from services.api.identity import COOKIE
from services.api.serving import config_of
from services.cli.account import LOCAL_ACCOUNT, local_accounts
from services.cli.importing.command import results
from services.cli.importing.index import read_index
from services.cli.importing.texts import Job
from services.cli.importing.unpacking import unpacked
from services.cli.opening import Opened, open_installation
from shared.db.identity.members import Members
from shared.db.identity.sessions import Sessions
from shared.db.tables import AttemptRow, DeliveryRow
from shared.domain.deliveries import Channel, DeliveryState
from shared.domain.subscriptions import Subscription
from shared.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext


_TWO_VIEWS = {"/changes/{change_id}", "/documents/{document_id}/compare", "/compare"}
"""Pages that are looked at by the first two of their addresses: marked text and side by side, without and with a
query."""


@dataclass(frozen=True, slots=True)
class Browsed:
    """A running site: its address, the session of an owner who runs it, and what can be asked of it."""

    base: str
    token: str
    targets: tuple[Target, ...]

    def pages(self) -> list[str]:
        """An address of every page of ours: what a browser shows, not what it saves, where it is sent on from, or
        what is refused."""
        first = [path for target in self.targets for path in target.paths[: 2 if target.route in _TWO_VIEWS else 1]]
        with httpx.Client(base_url=self.base, cookies={COOKIE: self.token}) as client:
            answers = {path: client.get(path) for path in first}
        shown = {path: answer for path, answer in answers.items() if answer.status_code == 200}
        return [path for path, answer in shown.items() if "text/html" in answer.headers.get("content-type", "")]

    def context(self, browser: "Browser", *, width: int = 1280, dark: bool = False) -> "BrowserContext":
        """A browser's window of that width in CSS pixels, signed in."""
        scheme = "dark" if dark else "light"
        context = browser.new_context(
            base_url=self.base, viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        context.add_cookies([{"name": COOKIE, "value": self.token, "url": self.base}])
        return context


@contextmanager
def browsed_site(data: Path, *, documents: int, versions: int) -> Iterator[Browsed]:
    """Seed an installation in a new folder and serve it from a thread of this process."""
    lay_out(data.parent / "given", documents, versions)
    with open_installation(Settings(data=data, database_url="", redis_url="")) as opened:
        with unpacked(data.parent / "given") as archive:
            index = read_index(archive, opened.clock.now())
            jobs = [Job(document, texts) for document, texts in index.documents.items()]
            assert not [fault for done in results(jobs, opened, 1) for fault in done.faults]
        resources = make_resources(opened.settings, opened.database)
        with serving(uvicorn.Server(config_of(make_app(resources)))) as base:
            token = signed_in(opened)
            live_in(opened)
            yield Browsed(base, token, tuple(targets(make_routes(resources), opened.database)))


@contextmanager
def chromium(executable: str) -> Iterator["Browser"]:
    """A headless browser, started anew."""
    from playwright.sync_api import sync_playwright  # an extra: imported where a browser is wanted and nowhere else

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


def signed_in(opened: Opened) -> str:
    """A session of the local account's owner, who also runs the installation."""
    local_accounts(opened)
    now = opened.clock.now()
    owner, _ = Members(opened.database).add(LOCAL_ACCOUNT, "owner@reader.example", "owner", now, is_operator=True)
    return Sessions(opened.database).begin(owner.id, now)


def live_in(opened: Opened) -> None:
    """Give the local account what its pages show: a webhook, a subscription, and a delivery that failed once."""
    accounts, now = local_accounts(opened), opened.clock.now()
    hook = accounts.add_endpoint(LOCAL_ACCOUNT, Channel.WEBHOOK, "https://receiver.example/hook").endpoint
    accounts.subscribe(LOCAL_ACCOUNT, Subscription(categories=frozenset({"dispute.arbitration"})), [hook.id])
    delivery = accounts.test_endpoint(LOCAL_ACCOUNT, hook.id)
    tried = {"outcome": "failed", "status": 503, "error": "http-status", "answer": "Try again later"}
    with opened.database.transaction() as session:
        session.add(AttemptRow(delivery_id=delivery, n=1, at=now, duration_ms=12, **tried))
        session.get_one(DeliveryRow, delivery).state = DeliveryState.DEAD.value


@contextmanager
def serving(server: uvicorn.Server) -> Iterator[str]:
    """Signals stay the main thread's: uvicorn leaves them alone elsewhere."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), name="site")
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()

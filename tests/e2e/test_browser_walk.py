"""The whole way in a real Chromium: first start, change record, redline, subscription, endpoint, delivery log, replay,
evidence, and its check offline; by mouse, by keyboard alone and on a phone. Skipped where there is no browser."""

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from shared.evidence.bundle import zipped
from tests.e2e.browsing import chromium
from tests.e2e.hands import Hand, Keyboard, Mouse, Thumb
from tests.e2e.test_browser_pages import EXECUTABLE, pytestmark
from tests.e2e.test_up import _received, _started, _stop
from tests.servers.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

__all__ = ["pytestmark"]  # by which pytest skips this file where there is no browser

HEADLINE = "New clause on arbitration: “You and Lumenforge agree to resolve any dispute"
LINK = re.compile(r"sign in +(http\S+)")
# What checks a bundle: the command line itself, in a process that ends where anything asks the network.
OFFLINE = """
import runpy, sys
def refuse(event, args):
    if event in ("socket.connect", "socket.getaddrinfo"):
        sys.exit(f"it asks the network: {event}")
sys.addaudithook(refuse)
runpy.run_module("services.cli", run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True, slots=True)
class Installation:
    """A newcomer's, just started: its data, its address, and the sign-in link that it printed."""

    data: Path
    base: str
    printed: list[str] = field(default_factory=list)

    def sign_in_link(self) -> str:
        """The printed one, which works once; then others from the command line."""
        if self.printed:
            return self.printed.pop()
        environment = {**os.environ, "CLAUSEWATCH_DATA": str(self.data), "CLAUSEWATCH_PUBLIC_URL": self.base}
        argv = [sys.executable, "-m", "services.cli", "members", "link"]
        return subprocess.run(argv, check=True, capture_output=True, text=True, env=environment).stdout.strip()


@dataclass(frozen=True, slots=True)
class Walker:
    """Somebody in front of a page, with what they use it by."""

    page: "Page"
    hand: Hand

    def go(self, what: "Locator", to: str) -> None:
        """Press what leads to an address of that form, and look at the page there."""
        self.hand.press(what)
        self.page.wait_for_url(lambda url: fnmatchcase(url.partition("#")[0], to))  # who skipped a head has #main
        self.hand.look(self.page)

    def menu(self, name: str, to: str) -> None:
        self.go(self.page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True), to)

    def section(self, of: str, name: str, to: str) -> None:
        self.go(self.page.get_by_role("navigation", name=of).get_by_role("link", name=name, exact=True), to)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder: Path = tmp_path_factory.mktemp("walk")
    data = folder / "data"
    with _started(data) as process:
        eventually(lambda: _told(data), within=120, why="no change")
        [link] = LINK.findall((folder / "up.log").read_text().replace("\n", " "))
        yield Installation(data, link.partition("/sign-in/")[0], [link])
        _stop(process, data)


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with chromium(str(EXECUTABLE)) as browser:
        yield browser


def _told(data: Path) -> list[object]:
    return [one for one in _received(data) if one["type"] == "change.detected"]


def walk_in(walker: Walker, link: str) -> None:
    """By a link that works once."""
    walker.page.goto(link)
    walker.hand.look(walker.page)
    walker.go(walker.page.get_by_role("button", name="Sign in"), "*/")
    walker.page.get_by_role("button", name="Sign out").wait_for()


def read_the_change(walker: Walker) -> str:
    """From the first page to the record of the sample's first change, and both its views; its address."""
    page = walker.page
    walker.menu("Changes", "*/changes")
    walker.go(page.get_by_role("link", name=HEADLINE).first, "*/changes/chg_*")
    page.get_by_role("heading", level=1, name=HEADLINE).wait_for()
    record = page.url
    assert page.locator("del").count() > 0
    assert page.locator("ins").count() > 0
    walker.go(page.get_by_role("link", name="Side by side"), "*view=sides*")
    return record


def subscribe(walker: Walker) -> None:
    """Watch the change's platform for what is grave: seen before it is saved."""
    page, hand = walker.page, walker.hand
    walker.go(page.get_by_role("main").get_by_role("link", name="Lumenforge", exact=True).first, "*/platforms/*")
    walker.go(page.get_by_role("link", name=re.compile("^Watch")).first, "*/account/subscriptions/new*")
    hand.choose(page.get_by_label("How grave"), "medium")
    hand.tick(page.locator("input[name=endpoints]").first)
    hand.press(page.get_by_role("button", name=re.compile("^Preview")))
    page.locator("#preview").get_by_role("link", name=HEADLINE).first.wait_for()
    hand.look(page)
    walker.go(page.get_by_role("button", name="Save"), "*/account/subscriptions[?]*")
    page.locator("main [role=status]").first.wait_for()


def add_an_endpoint(walker: Walker, name: str) -> str:
    """A webhook beside the sample's own: its secret is shown once, and a test goes out to it. The sample's address."""
    page, hand = walker.page, walker.hand
    walker.section("Account", "Endpoints", "*/account/endpoints")
    own = page.get_by_role("link").filter(has_text="/hooks/").first.inner_text()
    hand.choose(page.get_by_label("Kind"), "webhook")
    hand.write(page.get_by_label("Address"), f"{own}-{name}")
    walker.go(page.get_by_role("button", name="Add", exact=True), "*/account/endpoints/*")
    page.get_by_text("whsec_").first.wait_for()
    hand.press(page.get_by_role("button", name="Send a test"))
    page.get_by_role("heading", name=re.compile("endpoint.test")).wait_for()
    hand.look(page)
    return own


def replay(walker: Walker, address: str, data: Path) -> None:
    """From the delivery log of the sample's endpoint: what was delivered is sent again, and comes again."""
    page, hand, before = walker.page, walker.hand, len(_received(data))
    walker.section("Account", "Endpoints", "*/account/endpoints")
    walker.go(page.get_by_role("link", name=address, exact=True), "*/account/endpoints/*")
    delivered = page.locator("li.card").filter(has_text="change.detected: delivered").first
    hand.press(delivered.locator("summary"))
    delivered.get_by_text("status 204").first.wait_for()
    hand.look(page)
    hand.press(delivered.get_by_role("button", name=re.compile("^Send again")))
    eventually(lambda: len(_received(data)) > before, within=60, why="nothing was sent again")
    page.locator("main [role=status]").first.wait_for()
    hand.look(page)


def try_a_selector(walker: Walker) -> None:
    """One that is none is said to be none where the preview would stand; one that is shows what it reads."""
    page, hand = walker.page, walker.hand
    walker.menu("Operator", "*/operator")
    walker.go(page.get_by_role("main").get_by_role("link", name=re.compile("API Terms")), "*/operator/documents/*")
    walker.go(page.get_by_role("link", name="Selectors"), "*/selectors")
    for given, shown in (("main >>> [", "it is no CSS selector"), ("main", "Nothing is saved yet.")):
        hand.write(page.locator("#f-select"), given)
        hand.press(page.get_by_role("button", name="Try them on stored captures"))
        page.locator("#preview").get_by_text(shown).wait_for()
        hand.look(page)


def take_the_evidence(walker: Walker, record: str, folder: Path) -> Path:
    """The bundle as a browser saves it."""
    page = walker.page
    walker.menu("Changes", "*/changes")
    walker.go(page.get_by_role("link", name=HEADLINE).first, record)
    with page.expect_download() as saved:
        walker.hand.press(page.get_by_role("link", name="The bundle of evidence"))
    file = folder / "bundle.zip"
    saved.value.save_as(file)
    return file


def check_evidence(bundle: Path, base: str, trust: str, altered: str) -> None:
    """Whole, by itself or against what the installation publishes; then with a byte of one of its files altered."""
    published = httpx.get(f"{base}/.well-known/clausewatch-ledger")
    (bundle.parent / "head").write_bytes(published.content)
    (bundle.parent / "key").write_text("".join(published.json()["public_keys"]))
    status, said = verified(bundle, *([f"--{trust}", str(bundle.parent / trust)] if trust else []))
    assert status == 0, said
    # By itself it shows that it is whole, not whose it is: that is said wherever nothing was given to check it by.
    assert ("bundle's own key" in said, bool(re.search("published head|(under|on) head", said))) == (
        not trust,
        trust == "head",
    ), said
    alter(bundle, altered)
    status, said = verified(bundle)
    named = set(re.findall(r"^FAULT +([\w./]+)", said, re.MULTILINE))
    assert (status, named, "SHA-256" in said) == (1, {altered}, True), said


def alter(bundle: Path, name: str) -> None:
    """Pack it anew with one bit in the middle of that file turned over; the zip itself stays sound."""
    with zipfile.ZipFile(bundle) as old:
        files = {one: bytearray(old.read(one)) for one in old.namelist()}
    files[name][len(files[name]) // 2] ^= 1
    bundle.write_bytes(zipped({one: bytes(content) for one, content in files.items()}))


def verified(bundle: Path, *trust: str) -> tuple[int, str]:
    """Exit status and words of `clausewatch evidence verify`, without a network or an installation."""
    nowhere = bundle.parent / "no-installation"
    argv = [sys.executable, "-c", OFFLINE, "evidence", "verify", str(bundle), *trust]
    environment = {**os.environ, "CLAUSEWATCH_DATA": str(nowhere), "COLUMNS": "400"}
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=environment)
    assert not nowhere.exists()
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("hand", "trust", "altered"),
    [(Mouse(), "", "texts/new.txt"), (Keyboard(), "key", "report.json"), (Thumb(), "head", "captures.warc.gz")],
    ids=["mouse", "keyboard", "phone"],
)
def test_from_the_first_start_to_evidence_that_is_checked(
    installation: Installation, browser: "Browser", tmp_path: Path, hand: Hand, trust: str, altered: str
) -> None:
    with browser.new_context(base_url=installation.base, **hand.window) as context:
        context.set_default_timeout(30_000)
        walker = Walker(context.new_page(), hand)
        walk_in(walker, installation.sign_in_link())
        record = read_the_change(walker)
        subscribe(walker)
        own = add_an_endpoint(walker, type(hand).__name__.lower())
        replay(walker, own, installation.data)
        try_a_selector(walker)
        bundle = take_the_evidence(walker, record, tmp_path)
    check_evidence(bundle, installation.base, trust, altered)

"""The whole way in a real Chromium: first start, change record, redline, subscription, endpoint, delivery log, replay,
evidence, and its check offline. Skipped where there is no browser."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.browsing import chromium
from tests.e2e.test_browser_pages import EXECUTABLE, OVERFLOW, PHONE, pytestmark
from tests.e2e.test_up import _received, _started, _stop
from tests.servers.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["pytestmark"]  # by which pytest skips this file where there is no browser

HEADLINE = "New clause on arbitration: “You and Lumenforge agree to resolve any dispute"
LINK = re.compile(r"sign in +(http\S+)")


def walk_in(page: "Page", link: str) -> None:
    """By the link that `up` printed, which works once."""
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()


def read_the_change(page: "Page") -> str:
    """From the first page to the record of the sample's first change, and both its views; its address."""
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Changes").click()
    page.get_by_role("link", name=HEADLINE).first.click()
    page.get_by_role("heading", level=1, name=HEADLINE).wait_for()
    record = page.url
    assert page.locator("del").count() > 0
    assert page.locator("ins").count() > 0
    page.get_by_role("link", name="Side by side").click()
    page.wait_for_url("**view=sides**")
    return record


def subscribe(page: "Page") -> None:
    """Watch a platform for what is grave: seen before it is saved."""
    page.goto("/platforms/lumenforge")
    page.get_by_role("link", name=re.compile("^Watch")).first.click()
    page.get_by_label("How grave").select_option("medium")
    box = page.locator("input[name=endpoints]").first
    box.check()
    page.get_by_role("button", name=re.compile("^Preview")).click()
    page.locator("#preview").get_by_role("link", name=HEADLINE).first.wait_for()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/account/subscriptions*")


def add_an_endpoint(page: "Page", address: str) -> None:
    """A webhook beside the sample's own; its secret is shown once, and a test goes out to it."""
    page.goto("/account/endpoints")
    page.get_by_label("Kind").select_option("webhook")
    page.get_by_label("Address").fill(address)
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("whsec_").first.wait_for()
    page.get_by_role("button", name="Send a test").click()
    page.get_by_role("heading", name=re.compile("endpoint.test")).wait_for()


def replay(page: "Page", address: str, data: Path) -> None:
    """From the delivery log of the sample's endpoint: what was delivered is sent again, and comes again."""
    before = len(_received(data))
    page.goto("/account/endpoints")
    page.get_by_role("link", name=address, exact=True).click()
    delivered = page.locator("li.card").filter(has_text="change.detected: delivered").first
    delivered.locator("summary").click()
    delivered.get_by_text("status 204").wait_for()
    delivered.get_by_role("button", name=re.compile("^Send again")).click()
    eventually(lambda: len(_received(data)) > before, within=60, why="nothing was sent again")


def try_a_selector(page: "Page") -> None:
    """One that is none is said to be none where the preview would stand; one that is shows what it reads."""
    page.goto("/operator")
    page.locator("main").get_by_role("link", name=re.compile("API Terms")).click()
    page.get_by_role("link", name="Selectors").click()
    for given, shown in (("main >>> [", "it is no CSS selector"), ("main", "Nothing is saved yet.")):
        page.locator("#f-select").fill(given)
        page.get_by_role("button", name="Try them on stored captures").click()
        page.locator("#preview").get_by_text(shown).wait_for()


def check_evidence(page: "Page", record: str, folder: Path) -> None:
    """The bundle as a browser saves it, whole and with a byte altered."""
    page.goto(record)
    with page.expect_download() as saved:
        page.get_by_role("link", name="The bundle of evidence").click()
    file = folder / "bundle.zip"
    saved.value.save_as(file)
    assert verified(file) == 0
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 1]) + whole[len(whole) // 2 + 1 :])
    assert verified(file) == 1


def verified(file: Path) -> int:
    argv = [sys.executable, "-m", "services.cli", "evidence", "verify", str(file)]
    return subprocess.run(argv, check=False, capture_output=True).returncode


@contextmanager
def opened(base: str, width: int = 1280) -> Iterator["Page"]:
    with (
        chromium(EXECUTABLE or "") as browser,
        browser.new_context(base_url=base, viewport={"width": width, "height": 900}) as context,
    ):
        page = context.new_page()
        page.set_default_timeout(30_000)
        yield page


@pytest.mark.slow
def test_from_the_first_start_to_evidence_that_is_checked(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with _started(data) as process:
        eventually(
            lambda: any(one["type"] == "change.detected" for one in _received(data)), within=120, why="no change"
        )
        said = (tmp_path / "up.log").read_text()
        [link] = LINK.findall(said.replace("\n", " "))
        base = link.partition("/sign-in/")[0]
        with opened(base) as page:
            walk_in(page, link)
            record = read_the_change(page)
            subscribe(page)
            page.goto("/account/endpoints")
            own = page.get_by_role("link").filter(has_text="/hooks/").first.inner_text()
            add_an_endpoint(page, f"{own}-too")
            replay(page, own, data)
            check_evidence(page, record, tmp_path)
            try_a_selector(page)
            page.set_viewport_size({"width": PHONE, "height": 800})
            for place in (record, "/account/endpoints", "/account/subscriptions", "/"):
                page.goto(place)
                assert page.evaluate(OVERFLOW) == [], place
        _stop(process, data)

"""Every page in a real Chromium: WCAG 2.1 AA by axe-core, by keyboard alone, on a phone; skipped where none is."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from services.fetcher.adapters.browser import find_chromium
from shared.settings import Settings
from tests.e2e.browsing import Browsed, browsed_site, chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

EXECUTABLE = find_chromium(Settings().browser_path)
pytestmark = pytest.mark.skipif(
    EXECUTABLE is None or find_spec("playwright") is None,
    reason="no Chromium on PATH, or no Playwright: the pages are not tested in a browser (make chromium)",
)

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
PHONE = 360
"""CSS pixels; WCAG 2.1, 1.4.10 asks for 320 without scrolling in two directions."""

# What has the focus: its name among all that can have it, and whether one sees that it has it.
FOCUSED = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const ring = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  return [one === document.body ? "" : (one.dataset.place || one.tagName), ring];
}"""
# Numbers all that a keyboard must reach: what is shown and can have the focus.
NUMBERED = """() => {
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
  const reached = all.filter(one => !one.disabled && one.type !== "hidden" && one.type !== "radio"
    && one.checkVisibility({visibilityProperty: true}) && one.tabIndex >= 0);
  reached.forEach((one, place) => { one.dataset.place = String(place); });
  return [reached.length, reached.filter(one => one.type === "date").length];
}"""
DATE_STOPS = 3
"""More presses than one that Chromium takes within a date's field: day, month, year and the calendar."""
MOST_STOPS = 40
# How far the page reaches beyond the window, and what does.
OVERFLOW = """() => {
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  if (wide <= 0) return [];
  const over = [...document.body.querySelectorAll("*")].filter(one =>
    one.getBoundingClientRect().right > window.innerWidth + 1);
  return over.slice(0, 3).map(one => `${one.tagName}.${one.className}`);
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browsed]:
    folder: Path = tmp_path_factory.mktemp("site")
    with browsed_site(folder / "data", documents=5, versions=3) as site:
        yield site


@pytest.fixture(scope="module")
def pages(site: Browsed) -> list[str]:
    found = site.pages()
    assert len(found) > 3
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with chromium(str(EXECUTABLE)) as browser:
        yield browser


def opened(page: "Page", path: str) -> None:
    page.goto(path, wait_until="load")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_page_violates_wcag(site: Browsed, pages: list[str], browser: "Browser", dark: bool) -> None:
    from axe_playwright_python.sync_playwright import Axe

    axe, found = Axe(), {}
    with site.context(browser, dark=dark) as context:
        page = context.new_page()
        for path in pages:
            opened(page, path)
            options = WCAG if not dark else {**WCAG, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
            violations = axe.run(page, options=options).response["violations"]
            if violations:
                found[path] = [(one["id"], [node["target"] for node in one["nodes"][:3]]) for one in violations]
    assert found == {}


def test_no_page_scrolls_sideways_on_a_phone(site: Browsed, pages: list[str], browser: "Browser") -> None:
    with site.context(browser, width=PHONE) as context:
        page = context.new_page()
        wide = {}
        for path in pages:
            opened(page, path)
            if over := page.evaluate(OVERFLOW):
                wide[path] = over
    assert wide == {}


def test_every_page_has_one_heading_and_a_main_part(site: Browsed, pages: list[str], browser: "Browser") -> None:
    with site.context(browser) as context:
        page = context.new_page()
        wrong = {}
        for path in pages:
            opened(page, path)
            counted = tuple(page.locator(name).count() for name in ("h1", "main", "html[lang]", "title"))
            if counted != (1, 1, 1, 1):
                wrong[path] = counted
    assert wrong == {}


def test_a_keyboard_reaches_all_of_a_page_and_shows_where_it_is(
    site: Browsed, pages: list[str], browser: "Browser"
) -> None:
    with site.context(browser) as context:
        page = context.new_page()
        missed = {}
        for path in pages:
            opened(page, path)
            count, dates = page.evaluate(NUMBERED)
            reached, unseen = set(), set()
            for _ in range(min(count, MOST_STOPS) + dates * DATE_STOPS):
                page.keyboard.press("Tab")
                place, is_seen = page.evaluate(FOCUSED)
                reached.add(place)
                if place and not is_seen:
                    unseen.add(place)
            if len(reached - {""}) < min(count, MOST_STOPS) or unseen:
                missed[path] = (count, len(reached), sorted(unseen))
    assert missed == {}


def test_the_first_tab_stop_leads_past_the_navigation(site: Browsed, browser: "Browser") -> None:
    with site.context(browser) as context:
        page = context.new_page()
        opened(page, "/feeds")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to content"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_a_change_is_found_and_read_by_keyboard_alone(site: Browsed, browser: "Browser") -> None:
    with site.context(browser) as context:
        page = context.new_page()
        opened(page, "/changes")
        to_focus(page, "main a[href^='/changes/chg_']")
        headline = page.evaluate("document.activeElement.textContent")
        page.keyboard.press("Enter")
        page.wait_for_url("**/changes/chg_*")
        assert page.locator("h1").inner_text() == headline


def test_a_search_is_typed_and_followed_by_keyboard_alone(site: Browsed, browser: "Browser") -> None:
    with site.context(browser) as context:
        page = context.new_page()
        opened(page, "/changes")
        to_focus(page, "#search-field")
        page.keyboard.type("arbitration")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=arbitration**")
        assert page.locator("main mark").first.inner_text().lower() == "arbitration"
        to_focus(page, "main a[href*='/documents/'], main a[href*='/changes/'], main a[href*='/provisions/']")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/search" not in url)
        assert page.locator("h1").count() == 1


def to_focus(page: "Page", selector: str) -> None:
    """Press Tab until what has the focus is that."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def test_a_page_asks_nobody_else_and_breaks_no_rule_of_its_own(
    site: Browsed, pages: list[str], browser: "Browser"
) -> None:
    with site.context(browser) as context:
        page = context.new_page()
        strangers: list[str] = []
        said: list[str] = []
        page.on("request", lambda asked: None if asked.url.startswith(site.base) else strangers.append(asked.url))
        page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
        for path in pages:
            opened(page, path)
    assert (strangers, said) == ([], [])

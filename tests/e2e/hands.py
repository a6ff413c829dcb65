"""Three ways to use the same page: with a mouse, with a keyboard alone, and with a thumb on a phone."""

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PHONE = 390
"""CSS pixels of a phone's window."""
MOST_STOPS = 300
"""Presses of Tab to what is wanted on a page, before it counts as out of reach."""

# How far the page reaches beyond the window, and what does. A phone zooms out of a page that is too wide, so that its
# window is no longer as wide as it was made.
OVERFLOW = """width => {
  if (document.documentElement.scrollWidth <= width && window.innerWidth <= width) return [];
  const over = [...document.body.querySelectorAll("*")].filter(one => one.getBoundingClientRect().right > width + 1);
  return ["the page", ...over.slice(0, 3).map(one => `${one.tagName}.${one.className}`)];
}"""
# Where the focus is, seen from what is wanted: there, further on (also inside of what has it), or back.
TOWARDS = """wanted => {
  const one = document.activeElement;
  if (one === wanted) return "there";
  if (one === document.body) return "unset";
  return one.compareDocumentPosition(wanted) & Node.DOCUMENT_POSITION_FOLLOWING ? "Tab" : "Shift+Tab";
}"""
# What is wrong with where the focus went: none is shown, it is out of sight, or it leapt up the page going on, or down
# going back. The place is kept in the window for the next stop.
FAULTS = """key => {
  const one = document.activeElement, style = getComputedStyle(one), faults = [];
  const box = one.getBoundingClientRect(), last = window.lastStop;
  if (one === document.body) return ["the focus left the page"];
  if (!(style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) && style.boxShadow === "none")
    faults.push("nothing shows the focus");
  if (!box.width || box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth)
    faults.push("the focus is out of sight");
  const here = {top: box.top + scrollY, bottom: box.bottom + scrollY};
  if (last && (key === "Tab" ? here.bottom < last.top : here.top > last.bottom)) faults.push("the order leaps");
  window.lastStop = here;
  return faults.map(fault => `${fault}: ${one.outerHTML.slice(0, 120)}`);
}"""


class Hand(Protocol):
    """What somebody does on a page. `look` is called on every page that is met, and again where one changed."""

    window: ClassVar[dict[str, Any]]
    """The arguments of the browser's context."""

    def press(self, what: "Locator") -> None: ...

    def tick(self, box: "Locator") -> None: ...

    def choose(self, field: "Locator", value: str) -> None: ...

    def write(self, field: "Locator", text: str) -> None: ...

    def look(self, page: "Page") -> None: ...


class Mouse:
    """Clicks, in a window as wide as a desk's."""

    window: ClassVar[dict[str, Any]] = {"viewport": {"width": 1280, "height": 900}}

    def press(self, what: "Locator") -> None:
        what.click()

    def tick(self, box: "Locator") -> None:
        box.check()

    def choose(self, field: "Locator", value: str) -> None:
        field.select_option(value)

    def write(self, field: "Locator", text: str) -> None:
        field.fill(text)

    def look(self, page: "Page") -> None:
        pass


class Thumb:
    """Taps, in a phone's window, which no page may be wider than."""

    window: ClassVar[dict[str, Any]] = {
        "viewport": {"width": PHONE, "height": 844},
        "has_touch": True,
        "is_mobile": True,
    }

    def press(self, what: "Locator") -> None:
        what.tap()

    def tick(self, box: "Locator") -> None:
        box.tap()
        assert box.is_checked()

    def choose(self, field: "Locator", value: str) -> None:
        field.select_option(value)  # the phone's own wheel, which is no part of the page

    def write(self, field: "Locator", text: str) -> None:
        field.tap()
        field.fill(text)

    def look(self, page: "Page") -> None:
        assert page.evaluate(OVERFLOW, PHONE) == [], page.url


class Keyboard:
    """Tab, Shift+Tab, Enter, Space, arrows and letters. Every stop on the way must be seen, and follow the last."""

    window: ClassVar[dict[str, Any]] = {"viewport": {"width": 1280, "height": 900}}

    def press(self, what: "Locator") -> None:
        self._reach(what)
        is_button = what.evaluate("one => one.matches('button, summary')")
        what.page.keyboard.press("Space" if is_button else "Enter")

    def tick(self, box: "Locator") -> None:
        self._reach(box)
        if not box.is_checked():
            box.page.keyboard.press("Space")
        assert box.is_checked()

    def choose(self, field: "Locator", value: str) -> None:
        self._reach(field)
        places = "(field, value) => [...field.options].findIndex(one => one.value === value) - field.selectedIndex"
        steps = field.evaluate(places, value)
        for _ in range(abs(steps)):
            field.page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
        assert field.input_value() == value

    def write(self, field: "Locator", text: str) -> None:
        self._reach(field)
        field.page.keyboard.press("Control+A")
        field.page.keyboard.type(text)
        assert field.input_value() == text

    def look(self, page: "Page") -> None:
        pass

    def _reach(self, wanted: "Locator") -> None:
        """Press Tab, or Shift+Tab, until that has the focus; past the navigation where a page is new."""
        wanted.wait_for()
        page, handle = wanted.page, wanted.element_handle()
        if page.evaluate(TOWARDS, handle) == "unset":
            self._begin(page, is_in_main=wanted.evaluate("one => one.closest('main') !== null"))
        for _ in range(MOST_STOPS):
            key = page.evaluate(TOWARDS, handle)
            if key == "there":
                return
            self._stop(page, key)
        raise AssertionError(f"{MOST_STOPS} presses do not reach {wanted} on {page.url}")

    def _begin(self, page: "Page", *, is_in_main: bool) -> None:
        """The first stop of a page is the link that skips its head, but of one whose address leads into its midst."""
        self._stop(page, "Tab")
        if "#" in page.url:
            return
        assert page.evaluate("document.activeElement.textContent") == "Skip to content", page.url
        if is_in_main:
            page.keyboard.press("Enter")
            page.wait_for_function("document.activeElement.id === 'main'")

    def _stop(self, page: "Page", key: str) -> None:
        page.keyboard.press(key)
        assert page.evaluate(FAULTS, key) == [], page.url

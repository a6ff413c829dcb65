"""CSS selectors, checked when they are typed."""

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from services.cli.errors import UsageError


def usable_selectors(selectors: list[str]) -> tuple[str, ...]:
    """The selectors, where each is CSS; UsageError names the one that is not."""
    page = LexborHTMLParser("<p></p>")
    for selector in selectors:
        try:
            page.css(selector)
        except SelectolaxError:
            raise UsageError(f"{selector!r} is not a CSS selector; try one in a browser's inspector first") from None
    return tuple(selectors)

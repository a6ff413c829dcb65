"""CSS selectors, checked when they are typed."""

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from services.cli.errors import UsageError


def is_selector(text: str) -> bool:
    """Whether it is CSS that pages can be asked for."""
    try:
        LexborHTMLParser("<p></p>").css(text)
    except SelectolaxError:
        return False
    return True


def usable_selectors(selectors: list[str]) -> tuple[str, ...]:
    """The selectors, where each is CSS; UsageError names the one that is not."""
    for selector in selectors:
        if not is_selector(selector):
            raise UsageError(f"{selector!r} is not a CSS selector; try one in a browser's inspector first")
    return tuple(selectors)

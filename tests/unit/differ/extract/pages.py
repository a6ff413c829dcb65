"""Ways to read small pages in tests."""

from services.differ.core.blocks import Extraction
from services.differ.core.extract import NO_CHROME, ChromeSet, PartContent, extract
from shared.domain.documents import Selector

SENTENCE = "We may end your access where you break these terms, and we will tell you in writing when we do so."


def part(
    body: str | bytes,
    media_type: str | None = "text/html",
    *,
    url: str | None = "https://acme.example/legal/terms",
    charset: str | None = "utf-8",
    select: tuple[Selector, ...] = (),
    remove: tuple[Selector, ...] = (),
) -> PartContent:
    raw = body.encode() if isinstance(body, str) else body
    return PartContent(url, media_type, charset, raw, select, remove)


def read(body: str | bytes, media_type: str | None = "text/html", *, chrome: ChromeSet = NO_CHROME) -> Extraction:
    return extract([part(body, media_type)], chrome=chrome)


def lines(body: str | bytes, media_type: str | None = "text/html") -> list[str]:
    """The reading text of a page, a line a block."""
    return read(body, media_type).reading_text.splitlines()


def policy(content: str, *, around: str = "") -> str:
    """A page with enough prose to be a document, `content` in its midst and `around` after its main part."""
    prose = "".join(f"<p>{number}. {SENTENCE}</p>" for number in range(1, 9))
    return f"<html lang=en><body><main><h1>Terms</h1>{content}{prose}</main>{around}</body></html>"

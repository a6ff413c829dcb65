"""Collects the inline text of one block and turns it into reading text with link spans."""

import unicodedata
from dataclasses import dataclass, field

from services.differ.core.blocks import Link
from services.differ.core.extract.links import LinkResolver, canonical_target
from services.differ.core.extract.normalise import fold


@dataclass(frozen=True, slots=True)
class Line:
    """Reading text of one block; `bold` is the length of the bold text it begins with."""

    text: str
    links: tuple[Link, ...]
    bold: int


@dataclass(slots=True)
class InlineText:
    """Pieces of text as the walker meets them; inline markup leaves no trace in the joined text."""

    resolver: LinkResolver
    pieces: list[tuple[str, str | None, int, bool]] = field(default_factory=list)

    def add(self, text: str, href: str | None = None, link: int = 0, bold: bool = False) -> None:
        """Append text; `link` tells one link element from the next, where `href` is not None."""
        self.pieces.append((text, href, link, bold))

    def __bool__(self) -> bool:
        return bool(self.pieces)

    def take(self) -> Line | None:
        """The collected line, or None where there is nothing to read; the collector is empty afterwards."""
        pieces, self.pieces = self.pieces, []
        out: list[str] = []
        spans: list[tuple[int, str, int, int]] = []
        length = bold = last_link = 0
        space = False
        all_bold = True
        for raw, href, link, is_bold in pieces:
            folded = fold(raw)
            words = folded.split()
            if not words:
                space = space or bool(folded)
                continue
            joined = out and not space and not folded[0].isspace()
            # Where a link abuts on text, the page sets them apart by style: "8 July 2026|Previous version".
            if joined and link != last_link and out[-1][-1].isalnum() and words[0][0].isupper():
                joined = False
            if out and not joined:
                out.append(" ")
                length += 1
            start = length
            piece = " ".join(words)
            out.append(piece)
            length += len(piece)
            space = folded[-1].isspace()
            if href is not None:
                _extend(spans, link, href, start, length)
            last_link = link
            all_bold = all_bold and is_bold
            bold = length if all_bold else bold
        text = "".join(out)
        return self._line(text, spans, bold) if text else None

    def _line(self, text: str, spans: list[tuple[int, str, int, int]], bold: int) -> Line:
        composed = unicodedata.normalize("NFC", text)
        moved = composed != text
        links: list[Link] = []
        for _, href, start, end in spans:
            target = self.resolver.resolve(href)
            if target is None or _spells(text[start:end], target):
                continue
            if moved:
                start, end = (len(unicodedata.normalize("NFC", text[:at])) for at in (start, end))
            links.append(Link((start, end), target))
        return Line(composed, tuple(links), min(bold, len(composed)))


def _extend(spans: list[tuple[int, str, int, int]], link: int, href: str, start: int, end: int) -> None:
    if spans and spans[-1][0] == link:
        spans[-1] = (link, href, spans[-1][2], end)
    else:
        spans.append((link, href, start, end))


def _spells(text: str, target: str) -> bool:
    """Whether a link's text is its target, so that it says no more as a link than as words."""
    if " " in text:
        return False
    bare = text.rstrip(".,;:")
    if target.startswith(("mailto:", "tel:")):
        return bare.lower().removeprefix("mailto:") == target.split(":", 1)[1] or target.startswith("tel:")
    try:
        spelled = canonical_target(bare if "://" in bare else f"https://{bare}")
    except ValueError:
        return False
    return spelled is not None and spelled.lower() == target.lower()

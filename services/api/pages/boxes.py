"""Long lists of boxes to tick, written without a template: the same list is on one page after another."""

from functools import lru_cache

from markupsafe import Markup, escape

_KEPT = 16
"""Lists; the longest, of all documents, has some 30 KB."""


@lru_cache(_KEPT)
def boxes(name: str, options: tuple[tuple[str, str], ...], chosen: frozenset[str]) -> Markup:
    """The list of a field's boxes: value and words of each, ticked where it is chosen."""
    lines = (
        f'<li><label><input type="checkbox" name="{escape(name)}" value="{escape(value)}"'
        f"{' checked' if value in chosen else ''}> {escape(words)}</label></li>"
        for value, words in options
    )
    return Markup('<ul class="boxes">\n{}\n</ul>').format(Markup("\n".join(lines)))  # noqa: S704  # each is escaped

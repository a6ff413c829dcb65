"""Names that a subscription may use: those of what is watched, and of the catalogue, which may be watched later."""

import difflib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from services.cli.errors import UsageError
from services.differ.core.taxonomy import taxonomy
from services.fetcher.core.catalogue import load_catalogue
from shared.db.sources import NamedDocument, platform_slug

_SUGGESTIONS = 3


@dataclass(frozen=True, slots=True)
class Names:
    """What people may type, by the form it is compared in; and which of them stand for something watched."""

    what: str
    known: Mapping[str, str]
    watched: Collection[str]

    def key(self, typed: str) -> str:
        """The form of a known name; UsageError offers the nearest ones."""
        key = platform_slug(typed)
        if key in self.known:
            return key
        near = difflib.get_close_matches(key, self.known, n=_SUGGESTIONS)
        hint = f"did you mean {' or '.join(self.known[one] for one in near)}?" if near else "see `watch list`"
        raise UsageError(f"subscribe: no {self.what} is called {typed!r}, watched or in the catalogue; {hint}")

    def unwatched(self, keys: Iterable[str]) -> list[str]:
        """Those of these that nothing watched goes by yet, as people write them."""
        return [self.known[key] for key in keys if key not in self.watched]


def platform_names(watched: Iterable[NamedDocument]) -> Names:
    """Platforms by slug."""
    ours = {document.platform_slug: document.platform for document in watched}
    return Names("platform", {**{entry.slug: entry.platform for entry in load_catalogue()}, **ours}, ours)


def type_names(watched: Iterable[NamedDocument]) -> Names:
    """Types of documents; the spelling of what is watched counts, since changes carry it."""
    ours = {platform_slug(document.type): document.type for document in watched}
    return Names("type of document", {**{platform_slug(e.type): e.type for e in load_catalogue()}, **ours}, ours)


def check_category(category: str) -> None:
    """UsageError for a category that the taxonomy lacks: it offers those beside it, or the nearest."""
    known = taxonomy()
    if category not in known:
        beside = [name for name in known if name.startswith(category.split(".")[0] + ".")]
        near = beside or difflib.get_close_matches(category, known, n=_SUGGESTIONS) or list(known)[:5]
        raise UsageError(f"subscribe: there is no category {category!r}; there is {', '.join(near)}")


def check_provisions(typed: Collection[str], known: Collection[str]) -> None:
    """UsageError for an id that names no provision: whoever mistypes one would wait for ever."""
    for provision_id in sorted(typed):
        if provision_id not in known:
            raise UsageError(f"subscribe: no provision has the id {provision_id!r}; its page shows it, and its report")

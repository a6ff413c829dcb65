"""One term of an Open Terms Archive declaration: URLs, selectors, and filters where they are data."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from services.fetcher.core.catalogue.problems import Place
from shared.domain.addresses import MAX_URL_LENGTH
from shared.domain.documents import Declaration, Part, RangeSelector, Selector

FILTER_KEY = "filter"
HISTORY_KEY = "validUntil"
_PART_KEYS = ("fetch", "select", "remove", FILTER_KEY, "executeClientScripts")
TERM_KEYS = (*_PART_KEYS, "combine")

NEEDLESS_FILTERS = frozenset({"removeQueryParams", "convertSpacesToStandard"})
"""Filters that Open Terms Archive ships; our comparison does what they do for every document."""

_RANGE_FIELDS = {
    "startBefore": "start_before",
    "startAfter": "start_after",
    "endBefore": "end_before",
    "endAfter": "end_after",
}


def read_declaration(place: Place, term: Any, keys: Sequence[str]) -> Declaration | None:
    """A term as a declaration, or None after reporting at least one problem."""
    if not isinstance(term, dict):
        place.wrong("a term is an object", 'write {"fetch": "https://…", "select": "main"}')
        return None
    known_keys(place, term, keys)
    if "combine" not in term:
        part = _read_part(_Sayings(place, term))
        return Declaration(parts=(part,)) if part else None
    if "fetch" in term:
        place.at("fetch").wrong("`fetch` and `combine` exclude one another", "move it into `combine`")
    combined = term["combine"]
    if not isinstance(combined, list) or not combined:
        place.at("combine").wrong("`combine` lists the parts of a document", 'write [{"fetch": "https://…"}, …]')
        return None
    of_all = _Sayings(place, {key: value for key, value in term.items() if key != "fetch"})
    parts = [_read_combined(place.at("combine", index), one, of_all) for index, one in enumerate(combined)]
    usable = tuple(part for part in parts if part is not None)
    return Declaration(parts=usable) if len(usable) == len(parts) else None


def known_keys(place: Place, data: dict[str, Any], keys: Sequence[str]) -> None:
    """Report keys that would be ignored, with the nearest known one."""
    for key in data:
        if key not in keys:
            near = difflib.get_close_matches(key, keys, n=1)
            mend = f"did you mean {near[0]!r}?" if near else f"remove it; known are {', '.join(keys)}"
            place.at(key).wrong(f"{key!r} is not known here", mend)


def _read_combined(place: Place, part: Any, of_all: "_Sayings") -> Part | None:
    if not isinstance(part, dict):
        place.wrong("a part is an object", 'write {"fetch": "https://…"}')
        return None
    known_keys(place, part, _PART_KEYS)
    return _read_part(_Sayings(place, part, of_all))


@dataclass(frozen=True, slots=True)
class _Sayings:
    """What a part says; what it is silent on, the term says for all its parts."""

    place: Place
    data: dict[str, Any]
    of_all: "_Sayings | None" = None

    def on(self, key: str, otherwise: Any) -> tuple[Place, Any]:
        """The value of a key, and the place where it stands."""
        if key not in self.data and self.of_all and key in self.of_all.data:
            return self.of_all.on(key, otherwise)
        return self.place.at(key), self.data.get(key, otherwise)


def _read_part(said: _Sayings) -> Part | None:
    url = _read_url(*said.on("fetch", None))
    select = _read_selectors(*said.on("select", []))
    remove = _read_selectors(*said.on("remove", []))
    javascript = _read_flag(*said.on("executeClientScripts", False))
    acceptable = _accept_filters(*said.on(FILTER_KEY, []))
    if url is None or select is None or remove is None or javascript is None or not acceptable:
        return None
    return Part(url=url, select=select, remove=remove, javascript=javascript)


def _read_flag(place: Place, given: Any) -> bool | None:
    if isinstance(given, bool):
        return given
    place.wrong("this is neither true nor false", "write true or false, unquoted")
    return None


def _read_url(place: Place, url: Any) -> str | None:
    if not isinstance(url, str):
        place.wrong("there is no address", 'give "fetch": "https://…"')
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable or len(url) > MAX_URL_LENGTH or any(one.isspace() for one in url):
        place.wrong(f"{url[:100]!r} is not an address of a web page", "give one that begins with https://")
        return None
    return url


def _read_selectors(place: Place, given: Any) -> tuple[Selector, ...] | None:
    """Selectors from one or a list of them; None after reporting a problem."""
    if not isinstance(given, list):
        one = _read_selector(place, given)
        return None if one is None else (one,)
    found = [_read_selector(place.at(index), one) for index, one in enumerate(given)]
    usable = tuple(one for one in found if one is not None)
    return usable if len(usable) == len(found) else None


def _read_selector(place: Place, given: Any) -> Selector | None:
    if isinstance(given, str):
        return given if _is_css(place, given) else None
    if not isinstance(given, dict):
        place.wrong("this is no selector", 'write a CSS selector, or {"startBefore": …, "endBefore": …}')
        return None
    known_keys(place, given, tuple(_RANGE_FIELDS))
    ends = {ours: given[theirs] for theirs, ours in _RANGE_FIELDS.items() if theirs in given}
    starts = sum(key.startswith("start") for key in ends)
    if starts != 1 or len(ends) != 2:
        place.wrong("a range has one start and one end", "give startBefore or startAfter, and endBefore or endAfter")
        return None
    good = [_is_css(place.at(key), css) for key, css in given.items() if key in _RANGE_FIELDS]
    return RangeSelector(**ends) if all(good) else None


def _is_css(place: Place, selector: Any) -> bool:
    if isinstance(selector, str) and selector.strip():
        try:
            LexborHTMLParser("<p></p>").css(selector)
        except SelectolaxError:
            place.wrong(f"{selector[:100]!r} is not a CSS selector", "try one in a browser's inspector first")
            return False
        return True
    place.wrong("there is no CSS selector", "give one, or remove the key")
    return False


def _accept_filters(place: Place, given: Any) -> bool:
    """Whether all filters named are needless here; a problem is reported for each that is not."""
    listed = given if isinstance(given, list) else [given]
    refused = False
    for index, one in enumerate(listed):
        name = next(iter(one), None) if isinstance(one, dict) and len(one) == 1 else one
        if isinstance(name, str) and name in NEEDLESS_FILTERS:
            continue
        refused = True
        called = repr(name) if isinstance(name, str) else "this"
        place.at(*([index] if isinstance(given, list) else [])).wrong(
            f"{called} is a JavaScript filter, which is never run",
            "delete it: links and spaces need none here; say anything else with `select` and `remove`",
        )
    return not refused

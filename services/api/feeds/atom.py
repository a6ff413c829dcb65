"""Atom feeds of changes (RFC 4287)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid5
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from services.api.feeds.wording import headline, named, weight
from shared.db.registry.feeds import FeedEntry

MEDIA_TYPE = "application/atom+xml"
ATOM = "http://www.w3.org/2005/Atom"

_CHANGES = UUID("6f2a4a53-0a8c-4d0c-9b1e-6d3d5e6c1f70")
"""The namespace of changes' ids (RFC 9562, 6.6): an entry keeps its id wherever the installation moves to."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Of a feed without entries, which must state a time nevertheless (4.1.1)."""
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold (XML 1.0, 2.2)."""

register_namespace("", ATOM)


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed is of, where it is read (`path`, from the root), and the page that shows the same."""

    title: str
    path: str
    page: str


def atom(feed: Feed, entries: Sequence[FeedEntry], base: str) -> bytes:
    """The feed, the same bytes for the same entries; `base` is our public address, without a slash at its end."""
    root = Element(f"{{{ATOM}}}feed")
    _say(root, "id", uuid5(NAMESPACE_URL, base + feed.path).urn)
    _say(root, "title", feed.title)
    _say(root, "updated", _moment(max((entry.updated_at for entry in entries), default=_NEVER)))
    _say(SubElement(root, f"{{{ATOM}}}author"), "name", "Clausewatch")
    _link(root, "self", base + feed.path, MEDIA_TYPE)
    _link(root, "alternate", base + feed.page, "text/html")
    _say(root, "rights", "Describes what documents state. Not legal advice.")
    for entry in entries:
        _add_entry(root, entry, base)
    written: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + written


def _add_entry(root: Element, entry: FeedEntry, base: str) -> None:
    change = entry.change
    element = SubElement(root, f"{{{ATOM}}}entry")
    _say(element, "id", uuid5(_CHANGES, change.id).urn)
    _say(element, "title", f"{named(change)}: {headline(change)}")
    _say(element, "published", _moment(change.detected_at))
    _say(element, "updated", _moment(entry.updated_at))
    _link(element, "alternate", f"{base}/changes/{change.id}", "text/html")
    for scheme, term in (("severity", change.severity), ("direction", change.direction)):
        SubElement(element, f"{{{ATOM}}}category", term=term, scheme=f"{base}/feeds#{scheme}")
    _say(element, "summary", f"{weight(change)}. {headline(change)}")


def _say(parent: Element, name: str, text: str) -> None:
    SubElement(parent, f"{{{ATOM}}}{name}").text = _NO_XML.sub("\ufffd", text)


def _link(parent: Element, rel: str, href: str, media_type: str) -> None:
    SubElement(parent, f"{{{ATOM}}}link", rel=rel, href=href, type=media_type)


def _moment(at: datetime) -> str:
    """RFC 3339, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

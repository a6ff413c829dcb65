"""What who runs the installation does about documents: watch, amend, pause, look at them now, accept what they say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.clock import Clock
from shared.db.amending import ADAPTIVE, Amendment, Changed, WatchedTwice
from shared.db.differ_accepting import NothingToAccept
from shared.db.sources import NewDocument, Sources, WatchedDocument, platform_slug
from shared.domain.addresses import EgressPolicy, check_url
from shared.domain.documents import Declaration, Part
from shared.usecases.refusals import Refused, invalid, none_such

MOST_URLS = 20
LONGEST_NAME = 200
MOST_S = 31 * 86_400
"""A month: no wish for an interval or for how long a text must last is longer."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A document to watch; several URLs are its parts, read in that order. Times in seconds, None for the usual."""

    platform: str
    type: str
    urls: Sequence[str]
    select: Sequence[str] = ()
    remove: Sequence[str] = ()
    javascript: bool = False
    confirm_after_s: float | None = None
    check_every_s: float | None = None


@dataclass(frozen=True, slots=True)
class Watching:
    """Each use case raises Refused where it does nothing. `policy`: what documents may be read from."""

    sources: Sources
    policy: EgressPolicy
    accept_unusable: Callable[[str, datetime], None]
    is_selector: Callable[[str], bool]
    confirm_after_s: float
    interval_s: float
    clock: Clock

    def one(self, document_id: str) -> WatchedDocument:
        """The document of exactly that id."""
        found = self.sources.one(document_id)
        if found is None:
            raise none_such("document")
        return found

    def watch(self, wish: Wish) -> tuple[str, bool]:
        """The document's id, and whether it is new; one that is watched already is left as it is."""
        check_name("platform", wish.platform)
        check_name("type", wish.type)
        self._check_urls(wish.urls)
        self.check_selectors(wish.select, wish.remove)
        parts = (
            Part(url=url, select=tuple(wish.select), remove=tuple(wish.remove), javascript=wish.javascript)
            for url in wish.urls
        )
        after = self.confirm_after_s if wish.confirm_after_s is None else wish.confirm_after_s
        declared = Declaration(parts=tuple(parts))
        wanted = NewDocument(wish.platform, wish.type, declared, after, self.interval_s, wish.check_every_s)
        [found] = self.sources.watch([wanted], self.clock.now())
        return found

    def amend(self, document_id: str, amendment: Amendment, by: str | None = None) -> list[Changed]:
        """Change what it is called, what of it is read, and when; what that changed. `by`: a member's or a key's id."""
        document = self.one(document_id)
        if amendment.type is not None:
            check_name("type", amendment.type)
            amendment = replace(amendment, type=amendment.type.strip())
        if amendment.urls is not None:
            self._check_urls(amendment.urls)
        self.check_selectors(_css(amendment.select), _css(amendment.remove))
        every = amendment.check_every_s
        if every is not None and every != ADAPTIVE and not 1 <= every <= MOST_S:
            raise invalid("check_every_s", f"seconds as a number from 1 to {MOST_S}")
        try:
            return self.sources.amend(document_id, amendment, self.clock.now(), by)
        except WatchedTwice:
            field = "type" if amendment.type not in (None, document.type) else "urls.0"
            said = f"{document.platform} has another document of that type at that first address; edit that one instead"
            raise invalid(field, said) from None

    def pause(self, document_id: str) -> None:
        """Look at it no more for now."""
        self.sources.set_state(self.one(document_id).id, "paused", self.clock.now())

    def resume(self, document_id: str) -> None:
        """Look at it again, at once."""
        self.sources.set_state(self.one(document_id).id, "active", self.clock.now())

    def check(self, document_id: str) -> None:
        """Look at it as soon as its host allows."""
        if self.one(document_id).state != "active":
            raise Refused("paused", "it is paused: resume it, and it is looked at at once")
        self.sources.make_due([document_id], self.clock.now())

    def accept(self, document_id: str) -> None:
        """Take the text last judged unusable for the document's own."""
        self.one(document_id)
        try:
            self.accept_unusable(document_id, self.clock.now())
        except NothingToAccept as error:
            raise Refused("nothing-to-accept", f"it {error}") from None

    def check_selectors(self, select: Sequence[str], remove: Sequence[str]) -> None:
        """Refused for a selector that is not CSS."""
        for field, selectors in (("select", select), ("remove", remove)):
            for index, selector in enumerate(selectors):
                if not self.is_selector(selector):
                    said = "it is no CSS selector; try one in a browser's inspector first"
                    raise invalid(f"{field}.{index}", said)

    def _check_urls(self, urls: Sequence[str]) -> None:
        """Refused for what the fetcher would not be allowed to ask for (services/cli/watch.py says the same)."""
        if not 0 < len(urls) <= MOST_URLS:
            raise invalid("urls", f"give the document's address, {MOST_URLS} at most")
        for index, url in enumerate(urls):
            verdict = check_url(url, self.policy)
            if not verdict.allowed:
                said = f"{url[:200]!r} cannot be watched: {verdict.why}; give a public address"
                raise invalid(f"urls.{index}", said)
            if url in urls[:index]:
                raise invalid(f"urls.{index}", f"{url[:200]!r} stands there twice; name each address once")


def check_name(field: str, value: str) -> None:
    """Refused for what is no name of a platform or of a type of document: one line, with a letter in it."""
    if not platform_slug(value):
        raise invalid(field, "it has no letter in it; give it a name")
    if len(value) > LONGEST_NAME or not value.isprintable():
        raise invalid(field, f"give it a name of one line, of {LONGEST_NAME} characters at most")


def _css(selectors: Sequence[object] | None) -> list[str]:
    """Those that are CSS; a range between two elements was checked when it was declared."""
    return [one for one in selectors or () if isinstance(one, str)]


def in_words(value: object) -> str:
    """What a setting was or is, as `shared.db.amending.Changed` holds it, for people to read."""
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return f"{value:g} s" if isinstance(value, float | int) else "by how often it changes"

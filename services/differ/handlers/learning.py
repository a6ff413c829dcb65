"""After a new version: has its platform shown enough documents to tell what is the site's and no policy?"""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from services.differ.core.extract import EdgeBlock, learn_chrome
from shared.clock import Clock
from shared.db.judging import DocumentInfo
from shared.logging import get_logger

log = get_logger()


class ChromeStore(Protocol):
    """What learning needs of the database; see `shared.db.differ_chrome.ChromeStore`."""

    def edges_of_heads(self, platform_id: str) -> list[tuple[tuple[str, str], ...]]: ...

    def learn(self, platform_id: str, blocks: Iterable[tuple[str, str]], now: datetime) -> int: ...


class ChromeLearner:
    """Learns in a transaction of its own; one that is lost is made up for by the platform's next version."""

    def __init__(self, store: ChromeStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def learn(self, document: DocumentInfo) -> None:
        """Add what enough heads share to their platform's set, which only grows, so that no text goes to and fro."""
        edges = self._store.edges_of_heads(document.platform_id)
        shared = learn_chrome([EdgeBlock(value, text) for value, text in blocks] for blocks in edges)
        if not shared:
            return
        blocks = [(block.hash, block.text) for block in shared]
        if count := self._store.learn(document.platform_id, blocks, self._clock.now()):
            log.info("chrome.learned", platform=document.platform_name, blocks=count)

"""Blocks that a site shows on several documents: learned from them, stored with a version, left out when reading."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from services.differ.core.blocks import Block, Extraction

_MIN_DOCUMENTS = 3


@dataclass(frozen=True, slots=True)
class ChromeSet:
    """Hashes of block canonical texts that are the site's and no policy's; `version` names the set in fingerprints."""

    version: str
    hashes: frozenset[str]


NO_CHROME = ChromeSet("none", frozenset())


def block_hash(block: Block) -> str:
    """Identity of a block's canonical text: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(block.canonical.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def learn_chrome(documents: Sequence[Extraction]) -> ChromeSet:
    """The blocks that begin or end three documents or more of one site.

    Only unbroken runs at the two ends count: a clause that two policies share stands between clauses of their own.
    """
    ends: Counter[str] = Counter()
    hashed = [[block_hash(block) for block in document.blocks] for document in documents]
    everywhere = Counter(value for document in hashed for value in set(document))
    shared = {value for value, count in everywhere.items() if count >= _MIN_DOCUMENTS}
    for document in hashed:
        ends.update(_run(document, shared) | _run(document[::-1], shared))
    hashes = frozenset(value for value, count in ends.items() if count >= _MIN_DOCUMENTS)
    version = hashlib.sha256("\n".join(sorted(hashes)).encode()).hexdigest()[:12]
    return ChromeSet(version, hashes) if hashes else NO_CHROME


def _run(values: list[str], shared: set[str]) -> set[str]:
    run: set[str] = set()
    for value in values:
        if value not in shared:
            return run
        run.add(value)
    return set()  # A document that is shared throughout is a copy of another, not chrome.

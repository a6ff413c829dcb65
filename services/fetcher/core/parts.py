"""Comparing what a check's parts answered with what they answered before."""

import hashlib
from collections.abc import Sequence

from services.fetcher.core.asking import Validators
from shared.domain.captures import Response

NOT_MODIFIED = 304


def validators_of(answer: Response) -> Validators:
    """What an answer can be asked by again."""
    return Validators(answer.header("etag"), answer.header("last-modified"), answer.final_url)


def snapshot_sha256(parts: Sequence[str]) -> str:
    """The hash of a snapshot: of one part, its own; of several, of their hexadecimal hashes joined by line feeds."""
    return parts[0] if len(parts) == 1 else hashlib.sha256("\n".join(parts).encode()).hexdigest()


def refreshed(stored: Sequence[tuple[str, str]], answered: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """A stored answer's headers, updated by those of the 304 that stands for it (RFC 9111, 3.2)."""
    fresh = {name for name, _ in answered} - {"content-length", "content-encoding", "content-type", "transfer-encoding"}
    return (
        *((name, value) for name, value in stored if name not in fresh),
        *((name, value) for name, value in answered if name in fresh),
    )

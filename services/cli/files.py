"""Files as the differ takes them: bytes with what their name says about them."""

from collections.abc import Sequence
from pathlib import Path

from services.differ.core.extract import PartContent

MAX_BYTES = 20_000_000
"""As much as the fetcher would take of a page."""

_MEDIA_TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".pdf": "application/pdf",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".txt": "text/plain",
}


class UnreadableFile(Exception):
    """A file that cannot be had: its name and why."""


def read_part(path: Path, select: Sequence[str] = (), remove: Sequence[str] = ()) -> PartContent:
    """The file's bytes; what they are is told by its suffix, and by their look where that says nothing."""
    try:
        if not path.is_file():
            raise UnreadableFile(f"{path}: {'not a regular file' if path.exists() else 'no such file'}")
        with path.open("rb") as file:
            body = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{path}: {error.strerror if isinstance(error, OSError) else error}") from None
    if len(body) > MAX_BYTES:
        raise UnreadableFile(f"{path}: larger than {MAX_BYTES // 1_000_000} MB")
    media_type = _MEDIA_TYPES.get(path.suffix.lower())
    return PartContent(None, media_type, None, body, tuple(select), tuple(remove))

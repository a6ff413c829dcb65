"""The outbox folder of the embedded default: mails that no server takes, for whoever runs the installation to read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it lies there; `text` and `html` are its two forms, None where it lacks one."""

    name: str
    at: datetime
    to: str
    subject: str
    text: str | None
    html: str | None


@dataclass(frozen=True, slots=True)
class Outbox:
    """Reads the folder; None where mail leaves this machine."""

    folder: Path | None

    @property
    def is_used(self) -> bool:
        """Whether mails go there."""
        return self.folder is not None

    def newest(self, limit: int) -> list[Mail]:
        """The mails last written, newest first."""
        if self.folder is None or not self.folder.is_dir():
            return []
        written = [(path.stat().st_mtime, path) for path in self.folder.glob("*.eml")]
        return list(_mails(path for _, path in sorted(written, reverse=True)[:limit]))

    def one(self, name: str) -> Mail | None:
        """The mail of that name, which is its delivery's id."""
        if self.folder is None or not _NAME.fullmatch(name):
            return None
        return next(_mails([self.folder / f"{name}.eml"]), None)


def _mails(paths: "Iterator[Path] | list[Path]") -> Iterator[Mail]:
    """Those that are still there."""
    for path in paths:
        try:
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            with path.open("rb") as file:
                message = message_from_bytes(file.read(_MOST_BYTES), EmailMessage, policy=policy.default)
        except FileNotFoundError:
            continue
        yield _mail(path.stem, at, message)


def _mail(name: str, at: datetime, message: EmailMessage) -> Mail:
    forms = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
    text, html = (part.get_content() if part else None for part in forms.values())
    return Mail(name, at, str(message["to"] or ""), str(message["subject"] or ""), text, html)

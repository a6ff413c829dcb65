"""Email without a mail server: each message is a `.eml` file in a folder that people and tools can read."""

import asyncio
import os
import re
from pathlib import Path

from services.notifier.core.messages import Accepted, Message, SendFailed, SendFailureKind


class OutboxSender:
    """Writes each message once: a repeat replaces the file with the same bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def send(self, message: Message) -> Accepted:
        """Write, sync and rename; SendFailed(LOCAL) where the disk refuses."""
        try:
            path = await asyncio.to_thread(self._write, message)
        except OSError as error:
            raise SendFailed(SendFailureKind.LOCAL, f"the outbox cannot be written: {error.strerror}") from error
        return Accepted(answer=path.name)

    async def close(self) -> None:
        """Nothing is kept open."""

    def _write(self, message: Message) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{re.sub(r'[^A-Za-z0-9_-]', '-', message.delivery_id)}.eml"
        draft = path.with_suffix(f".{os.getpid()}.draft")
        with draft.open("wb") as file:
            file.write(message.body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return path

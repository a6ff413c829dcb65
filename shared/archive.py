"""The archive: raw bytes by their SHA-256, compressed with zstd, on a local folder or on S3-compatible storage.

A blob is stored as `ab/cd/abcd….zst`. It appears whole or not at all, and the same bytes are stored once.
"""

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import obstore
import zstandard
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import from_url

_LEVEL = 3
"""1.2 ms for a page of 280 KB; level 10 saves another tenth of the space for four times that."""
_LARGEST = 256 * 1024 * 1024
"""Bytes of a blob when decompressed: more is refused as corrupt, whatever its frame says."""
_SUFFIX = ".zst"
_NAME = re.compile(r"[0-9a-f]{64}")


class ArchiveError(Exception):
    """The archive cannot do what was asked; retrying may help."""


class ArchiveMissing(ArchiveError):
    """No blob has this hash."""


class ArchiveCorrupt(ArchiveError):
    """What is stored under this hash is not what was put there."""


class Archive(Protocol):
    """Content-addressed bytes. `sha` is 64 lower-case hexadecimal digits; anything else is ArchiveMissing."""

    def put(self, data: bytes) -> str:
        """Store bytes durably and return their SHA-256; storing them again does nothing."""
        ...

    def get(self, sha: str) -> bytes:
        """The bytes, their hash verified; ArchiveMissing or ArchiveCorrupt."""
        ...

    def exists(self, sha: str) -> bool:
        """Whether a blob of this hash is stored; its content is not looked at."""
        ...

    def delete(self, sha: str) -> None:
        """Remove a blob; nothing happens where there is none."""
        ...

    def keys(self) -> Iterator[str]:
        """The hashes of all stored blobs, in no particular order."""
        ...


def open_archive(url: str) -> Archive:
    """The archive at a folder (a path or `file://` URL) or at `s3://bucket/prefix`.

    S3 takes its credentials, region and endpoint from the usual `AWS_*` variables. Raises ValueError for other URLs.
    """
    parts = urlsplit(url)
    if parts.scheme == "s3":
        if not parts.netloc:
            raise ValueError(f"{url}: an S3 archive needs a bucket, as in s3://bucket/prefix")
        return ObjectArchive(from_url(url))
    if parts.scheme == "file":
        return LocalArchive(Path(unquote(parts.path)))
    if "://" in url:
        raise ValueError(f"{url}: an archive is a folder, file:///folder or s3://bucket/prefix")
    return LocalArchive(Path(url))


def _compressed(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(data)


def _verified(sha: str, stored: bytes) -> bytes:
    try:
        parameters = zstandard.get_frame_parameters(stored)
        if parameters.content_size > _LARGEST:
            raise ArchiveCorrupt(f"blob {sha} claims to hold {parameters.content_size:,} bytes")
        data = zstandard.ZstdDecompressor().decompress(stored)
    except zstandard.ZstdError as error:
        raise ArchiveCorrupt(f"blob {sha} cannot be decompressed: {error}") from error
    if hashlib.sha256(data).hexdigest() != sha:
        raise ArchiveCorrupt(f"blob {sha} holds other bytes than its name says")
    return data


def _checked_name(sha: str) -> str:
    if not _NAME.fullmatch(sha):
        raise ArchiveMissing(f"{sha[:80]!r} is no SHA-256")
    return sha


def _place(sha: str) -> str:
    return f"{sha[:2]}/{sha[2:4]}/{sha}{_SUFFIX}"


class LocalArchive:
    """A folder. Processes may share it: blobs are written aside, synced, and renamed into place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        sha = hashlib.sha256(data).hexdigest()
        target = self._folder / _place(sha)
        try:
            if not target.exists():
                self._make_folders(target.parent)
                self._write(target, _compressed(data))
            _sync_folder(target.parent)  # also where another process has renamed it, and not synced yet
        except OSError as error:
            raise ArchiveError(f"blob {sha} cannot be stored: {error}") from error
        return sha

    def get(self, sha: str) -> bytes:
        with _archive_errors(_checked_name(sha)):
            stored = (self._folder / _place(sha)).read_bytes()
        return _verified(sha, stored)

    def exists(self, sha: str) -> bool:
        return _NAME.fullmatch(sha) is not None and (self._folder / _place(sha)).exists()

    def delete(self, sha: str) -> None:
        (self._folder / _place(_checked_name(sha))).unlink(missing_ok=True)

    def keys(self) -> Iterator[str]:
        for path in self._folder.glob(f"??/??/*{_SUFFIX}"):
            name = path.name.removesuffix(_SUFFIX)
            if _NAME.fullmatch(name):
                yield name

    def _make_folders(self, folder: Path) -> None:
        """Make a folder with its parents, and sync each parent that gained one."""
        missing = [path for path in (folder, *folder.parents) if not path.exists()]
        for path in reversed(missing):
            path.mkdir(exist_ok=True)
            _sync_folder(path.parent)

    def _write(self, target: Path, data: bytes) -> None:
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class ObjectArchive:
    """Any store of obstore's: S3-compatible storage in production. A put there is atomic and durable by itself."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def put(self, data: bytes) -> str:
        sha = hashlib.sha256(data).hexdigest()
        if not self.exists(sha):
            with _archive_errors(sha):
                obstore.put(self._store, _place(sha), _compressed(data), use_multipart=False)
        return sha

    def get(self, sha: str) -> bytes:
        with _archive_errors(_checked_name(sha)):
            stored = bytes(obstore.get(self._store, _place(sha)).bytes())
        return _verified(sha, stored)

    def exists(self, sha: str) -> bool:
        if not _NAME.fullmatch(sha):
            return False
        try:
            with _archive_errors(sha):
                obstore.head(self._store, _place(sha))
        except ArchiveMissing:
            return False
        return True

    def delete(self, sha: str) -> None:
        with contextlib.suppress(ArchiveMissing), _archive_errors(_checked_name(sha)):
            obstore.delete(self._store, _place(sha))

    def keys(self) -> Iterator[str]:
        with _archive_errors("listing"):
            for batch in obstore.list(self._store):
                for entry in batch:
                    name = str(entry["path"]).rpartition("/")[2].removesuffix(_SUFFIX)
                    if _NAME.fullmatch(name):
                        yield name


@contextlib.contextmanager
def _archive_errors(sha: str) -> Iterator[None]:
    try:
        yield
    except (NotFoundError, FileNotFoundError):
        raise ArchiveMissing(f"no blob {sha}") from None
    except (BaseError, OSError) as error:
        raise ArchiveError(f"blob {sha}: {error}") from error

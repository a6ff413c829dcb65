"""The file that `backup` writes and `restore` reads: a tar under zstd, with a manifest as its last member.

The manifest holds the SHA-256 of every other member, so a file that was cut short has none, and one that was changed
does not fit it.
"""

import hashlib
import io
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self

import zstandard
from pydantic import BaseModel, ConfigDict, ValidationError

_FORMAT: Literal["clausewatch.backup/1"] = "clausewatch.backup/1"
_MANIFEST = "manifest.json"
_LEVEL = 6
_CHUNK = 1 << 20
_LARGEST_MANIFEST = 1 << 28
_NAMES = re.compile(
    r"blobs/(?P<blob>[0-9a-f]{64})|tables/(?P<table>[a-z_]{1,63})\.jsonl|(secret|ledger)\.key|manifest\.json"
)

KEYS = ("secret.key", "ledger.key")
"""What the data folder may keep: what secrets are sealed with, and what signs the ledger."""


class DamagedBackup(Exception):
    """The file is not what a backup wrote; the message says where it differs."""


class Manifest(BaseModel):
    """What a backup holds: SHA-256 by member, rows by table, blobs that the archive no longer had."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["clausewatch.backup/1"] = _FORMAT
    created_at: str
    revision: str
    """The database's migration."""
    rows: dict[str, int]
    missing: tuple[str, ...]
    sha256: dict[str, str]

    @property
    def blobs(self) -> int:
        return sum(name.startswith("blobs/") for name in self.sha256)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(name for name in KEYS if name in self.sha256)


class BackupWriter:
    """Writes members one after the other; `finish` adds the manifest."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")
        path.chmod(0o600)
        self._zstd: Any = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True, threads=0).stream_writer(
            self._file
        )
        self._tar = tarfile.open(fileobj=self._zstd, mode="w|")  # noqa: SIM115  closed by __exit__
        self._sha256: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._tar.close()
            self._zstd.close()
        self._file.close()

    def add_bytes(self, name: str, data: bytes) -> None:
        """A member from memory."""
        self._add(name, len(data), io.BytesIO(data), hashlib.sha256(data).hexdigest())

    def add_file(self, name: str, path: Path) -> None:
        """A member from a file that nobody writes to any more."""
        with path.open("rb") as source:
            digest = hashlib.file_digest(source, "sha256").hexdigest()
            source.seek(0)
            self._add(name, path.stat().st_size, source, digest)

    def finish(self, *, revision: str, rows: dict[str, int], missing: list[str], created_at: str) -> Manifest:
        """Write the manifest and return it."""
        manifest = Manifest(
            created_at=created_at, revision=revision, rows=rows, missing=tuple(missing), sha256=dict(self._sha256)
        )
        self.add_bytes(_MANIFEST, manifest.model_dump_json(indent=1).encode())
        return manifest

    def _add(self, name: str, size: int, source: IO[bytes], digest: str) -> None:
        member = tarfile.TarInfo(name)
        member.size = size
        self._tar.addfile(member, source)
        self._sha256[name] = digest


@dataclass(frozen=True, slots=True)
class Member:
    """One member while it passes by: read it before the next."""

    name: str
    source: IO[bytes]

    @property
    def blob(self) -> str | None:
        """The SHA-256 that a blob is stored under."""
        return self.name.removeprefix("blobs/") if self.name.startswith("blobs/") else None

    @property
    def table(self) -> str | None:
        """The table whose rows these are."""
        is_table = self.name.startswith("tables/")
        return self.name.removeprefix("tables/").removesuffix(".jsonl") if is_table else None


def members(path: Path) -> Iterator[Member]:
    """The members in the order they were written, the manifest last; DamagedBackup where that cannot be read."""
    with (
        _damage_named(),
        path.open("rb") as file,
        zstandard.ZstdDecompressor().stream_reader(file) as plain,
        tarfile.open(fileobj=plain, mode="r|") as tar,
    ):
        for entry in tar:
            source = tar.extractfile(entry) if entry.isreg() else None
            if source is None or not _NAMES.fullmatch(entry.name):
                raise DamagedBackup(f"it holds {entry.name[:80]!r}, which no backup writes")
            yield Member(entry.name, source)


def verified_manifest(path: Path) -> Manifest:
    """The manifest, every member having been read and found to be as it says; DamagedBackup otherwise."""
    found: dict[str, str] = {}
    manifest: Manifest | None = None
    with _damage_named():
        for member in members(path):
            if member.name == _MANIFEST:
                manifest = _parsed(member.source.read(_LARGEST_MANIFEST))
            else:
                digest = found[member.name] = _digest(member.source)
                if member.blob not in (None, digest):
                    raise DamagedBackup(f"{member.name} holds other bytes than its name says")
    if manifest is None:
        raise DamagedBackup("it has no manifest: the file was cut short")
    wrong = [name for name in {*found, *manifest.sha256} if found.get(name) != manifest.sha256.get(name)]
    if wrong:
        raise DamagedBackup(f"{min(wrong)} is not what the manifest says")
    return manifest


@contextmanager
def _damage_named() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise DamagedBackup(str(error) or type(error).__name__) from error


def _digest(source: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _parsed(data: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        first: Any = error.errors()[0]
        raise DamagedBackup(f"its manifest is unusable: {first['loc']}: {first['msg']}") from error

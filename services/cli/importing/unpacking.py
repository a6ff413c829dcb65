"""The folder that an archive of versions holds: as it lies, or unpacked from a tar without trusting it."""

import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

import zstandard

from services.cli.files import MAX_BYTES

INDEX = "versions.jsonl"

_MOST_FILES = 200_000
_MOST_BYTES = 4_000_000_000
"""Of all files together, unpacked."""
_LARGEST_INDEX = 200_000_000
_WINDOW = 1 << 27
"""Bytes of memory that a zstd frame may ask for: what `zstd --ultra` without `--long` needs at most."""
_CHUNK = 1 << 16


class BadArchive(Exception):
    """An archive that cannot be taken: the place, and the mend."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Where the index lies, and the folder that its file names start from."""

    index: Path
    folder: Path


@contextmanager
def unpacked(path: Path) -> Iterator[Unpacked]:
    """A folder with an index, or a `.tar.zst` or `.tar` of one; its index may also lie beside it.

    What is unpacked is gone afterwards. BadArchive says what is wrong with it.
    """
    if path.is_dir():
        yield Unpacked(_index_in(path), path)
        return
    if not path.is_file():
        raise BadArchive(f"{path}: no such file or folder")
    with tempfile.TemporaryDirectory(prefix="clausewatch-import-") as made:
        folder = Path(made)
        _unpack(path, folder)
        index = folder / INDEX
        yield Unpacked(index if index.is_file() else _index_in(path.parent), folder)


def _index_in(folder: Path) -> Path:
    index = folder / INDEX
    if not index.is_file():
        raise BadArchive(f"{folder}: holds no {INDEX}, which lists the versions; see `import-versions --help`")
    return index


def _unpack(path: Path, folder: Path) -> None:
    try:
        with path.open("rb") as file, _plain(file) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
            _take_members(tar, path, folder)
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise BadArchive(f"{path}: no tar, or a damaged one ({error}); copy or unpack it anew") from None


@contextmanager
def _plain(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """The tar itself, decompressed where it begins as a zstd frame (RFC 8878, 3.1.1)."""
    is_zstd = file.read(4) == b"\x28\xb5\x2f\xfd"
    file.seek(0)
    if not is_zstd:
        yield file
        return
    with zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(file) as plain:
        yield plain


def _take_members(tar: tarfile.TarFile, path: Path, folder: Path) -> None:
    files = total = 0
    for member in tar:
        if member.isdir():
            continue
        name = PurePosixPath(member.name)
        if not member.isreg() or not is_inside(member.name):
            raise BadArchive(f"{path}: {member.name[:80]!r} is no plain file inside it; pack files alone")
        largest = _LARGEST_INDEX if name == PurePosixPath(INDEX) else MAX_BYTES
        files, total = files + 1, total + member.size
        if member.size > largest or total > _MOST_BYTES or files > _MOST_FILES:
            raise BadArchive(f"{path}: too large at {member.name[:80]!r}; unpack it yourself and name the folder")
        source = tar.extractfile(member)
        if source is not None:
            _write(source, folder / name)


def _write(source: IO[bytes], target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:  # a name that comes again replaces, as in any tar
            while chunk := source.read(_CHUNK):
                file.write(chunk)
    except OSError as error:
        raise BadArchive(f"{target.name[:80]!r} cannot be written: {error.strerror}") from None


def is_inside(name: str) -> bool:
    """Whether a file name leads nowhere but below its own folder."""
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\x00" not in name

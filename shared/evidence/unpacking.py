"""Unpacks a bundle in memory, and refuses whatever no bundle is: nothing in a file from elsewhere is believed."""

import io
import re
import stat
import struct
import zipfile
import zlib
from pathlib import Path

from shared.evidence.bundle import zipped

MOST_FILES = 200
MOST_BYTES = 512_000_000
"""Of all files together, unpacked: ten times what the largest captures give."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}){0,2}")
_MOST_ZIPPED = MOST_BYTES + MOST_FILES * 1_000


class BadBundle(ValueError):
    """A file that is no bundle, or that would harm whoever unpacked it; the message says why."""


def unpacked(path: Path) -> dict[str, bytes]:
    """The files of a bundle by name; BadBundle, or OSError where it cannot be read at all. Writes nothing.

    The zip must be the one that `bundle.zipped` makes of these files, to the byte: so no bit of it goes unchecked, also
    none in what no file's hash covers.
    """
    with path.open("rb") as file:
        data = file.read(_MOST_ZIPPED + 1)
    if len(data) > _MOST_ZIPPED:
        raise BadBundle(f"it has more than {_MOST_ZIPPED} bytes, which no bundle has")
    files = _files(data)
    if (found := zipped(files)) != data:
        at = next((at for at, (one, other) in enumerate(zip(found, data, strict=False)) if one != other), len(found))
        raise BadBundle(f"its packing was altered: byte {at} of the zip is not what bundles have there")
    return files


def _files(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            infos = bundle.infolist()
            _check_sizes(infos)
            for info in infos:
                _check(info)
            return {info.filename: _read(bundle, info) for info in infos}
    except (zipfile.BadZipFile, struct.error, EOFError, NotImplementedError, UnicodeDecodeError):
        raise BadBundle("it is no zip file, or a damaged one") from None


def _check_sizes(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MOST_FILES:
        raise BadBundle(f"it holds {len(infos)} files; no bundle has more than {MOST_FILES}")
    size = sum(info.file_size for info in infos)
    if size > MOST_BYTES:
        raise BadBundle(f"it unpacks to {size} bytes; no bundle has more than {MOST_BYTES}")
    names = [info.filename for info in infos]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadBundle(f"it holds {twice[:80]!r} twice")


def _check(info: zipfile.ZipInfo) -> None:
    name = info.filename
    if not _NAME.fullmatch(name):
        raise BadBundle(f"it holds {name[:80]!r}, a name that no bundle has")
    if info.flag_bits & 0x1:
        raise BadBundle(f"{name} in it is encrypted")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise BadBundle(f"{name} in it is no plain file")
    if info.compress_type != zipfile.ZIP_STORED:
        raise BadBundle(f"{name} in it is packed in a way that no bundle is")


def _read(bundle: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The file, never more of it than its entry says, which was counted before."""
    try:
        with bundle.open(info) as source:
            data = source.read(info.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise BadBundle(f"{info.filename} in it is damaged") from None
    if len(data) != info.file_size:
        raise BadBundle(f"{info.filename} in it has another size than its entry says")
    return data

"""Zip files that no bundle is, and some that would harm whoever unpacked them."""

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.evidence.bundle import zipped
from shared.evidence.unpacking import BadBundle, unpacked
from tests.factories.bundles import bundle

WHOLE = zipped(bundle())


def bomb() -> bytes:
    """A directory that says that a file unpacks to 600 MB."""
    data = bytearray(zipped({"a.txt": b"x"}))
    size = data.index(b"PK\x01\x02") + 24
    data[size : size + 4] = (600_000_000).to_bytes(4, "little")
    return bytes(data)


def understated() -> bytes:
    """An entry that says less than it unpacks to, in both places where its size stands."""
    said, real = (1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
    return zipped({"a.txt": b"\0" * 1_000_000}).replace(said, real)


def link() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        info = zipfile.ZipInfo("README.txt")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(info, "/etc/passwd")
    return packed.getvalue()


def encrypted() -> bytes:
    data = bytearray(zipped({"a.txt": b"x"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


def twice() -> bytes:
    return zipped({"a.txt": b"x", "b.txt": b"y"}).replace(b"b.txt", b"a.txt")


def deflated() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.txt", b"x" * 50)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: b"", "no zip file"),
        (lambda: b"PK\x03\x04" + b"\0" * 100, "no zip file"),
        (lambda: WHOLE[:-30], "no zip file"),
        (bomb, "it unpacks to 600000000 bytes"),
        (understated, "a.txt in it is damaged"),
        (link, "README.txt in it is no plain file"),
        (encrypted, "a.txt in it is encrypted"),
        (twice, "it holds 'a.txt' twice"),
        (lambda: zipped({f"{n}.txt": b"" for n in range(201)}), "it holds 201 files"),
        (deflated, "a.txt in it is packed in a way that no bundle is"),
        (lambda: WHOLE + b"x", "its packing was altered|no zip file"),
        (lambda: b"x" + WHOLE, "its packing was altered: byte 0 of the zip"),
        (lambda: zipped({"a.txt": b"x" * 50}).replace(b"PK\x01\x02", b"PK\x01\x03"), "no zip file"),
        *(
            ((lambda name=name: zipped({name: b""})), "a name that no bundle has")
            for name in ("../a", "/etc/a", "a/../b", "C:\\a", "a\\b", "texts/", "", "a/b/c/d/e", "-rf", "a\n.txt", "é")
        ),
    ],
)
def test_refused(make: Callable[[], bytes], said: str, tmp_path: Path) -> None:
    (tmp_path / "bundle.zip").write_bytes(make())
    with pytest.raises(BadBundle, match=said):
        unpacked(tmp_path / "bundle.zip")


def test_a_bundle_comes_out_as_it_was_packed(tmp_path: Path) -> None:
    (tmp_path / "bundle.zip").write_bytes(WHOLE)
    assert unpacked(tmp_path / "bundle.zip") == bundle()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_damaged_zip_gives_no_other_error(tmp_path: Path, damage: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for at, byte in damage:
        data[at] = byte
    (tmp_path / "bundle.zip").write_bytes(data)
    try:
        files = unpacked(tmp_path / "bundle.zip")
    except BadBundle:
        return
    assert data == WHOLE
    assert files == bundle()


def test_every_flipped_bit_of_the_zip_is_found(tmp_path: Path) -> None:
    """In headers and the directory, too, which no file's hash covers; 200 bits, the same in every run."""
    file = tmp_path / "bundle.zip"
    for bit in Random(5).sample(range(8 * len(WHOLE)), 200):
        data = bytearray(WHOLE)
        data[bit // 8] ^= 1 << bit % 8
        file.write_bytes(data)
        with pytest.raises(BadBundle):
            unpacked(file)

"""One contract for every archive: the local folder, and obstore over memory and over a folder."""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from obstore.store import LocalStore, MemoryStore

from shared.archive import (
    Archive,
    ArchiveCorrupt,
    ArchiveError,
    ArchiveMissing,
    LocalArchive,
    ObjectArchive,
    open_archive,
)

MAKERS: dict[str, Callable[[Path], Archive]] = {
    "local": LocalArchive,
    "memory": lambda folder: ObjectArchive(MemoryStore()),
    "objects": lambda folder: ObjectArchive(LocalStore(folder, mkdir=True)),
}
UNKNOWN = "0" * 64


@pytest.fixture(params=MAKERS)
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Archive:
    return MAKERS[request.param](tmp_path / "archive")


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"terms " * 10_000, os.urandom(100_000)], ids=["empty", "nul", "text", "noise"]
)
def test_what_is_put_comes_back_under_its_hash(archive: Archive, data: bytes) -> None:
    sha = archive.put(data)
    assert sha == hashlib.sha256(data).hexdigest()
    assert archive.get(sha) == data
    assert archive.exists(sha)


def test_the_same_bytes_are_stored_once(archive: Archive) -> None:
    assert archive.put(b"same") == archive.put(b"same")
    assert list(archive.keys()) == [hashlib.sha256(b"same").hexdigest()]


def test_keys_lists_all_that_was_put(archive: Archive) -> None:
    assert list(archive.keys()) == []
    shas = {archive.put(str(number).encode()) for number in range(50)}
    assert set(archive.keys()) == shas


@pytest.mark.parametrize("sha", [UNKNOWN, "", "abc", "../" * 20 + "etc/passwd", "A" * 64, "0" * 64 + "\n"])
def test_what_was_never_put_is_missing(archive: Archive, sha: str) -> None:
    assert not archive.exists(sha)
    with pytest.raises(ArchiveMissing):
        archive.get(sha)


def test_delete_removes_and_may_be_repeated(archive: Archive) -> None:
    sha = archive.put(b"going")
    kept = archive.put(b"staying")
    archive.delete(sha)
    archive.delete(sha)
    assert not archive.exists(sha)
    assert list(archive.keys()) == [kept]
    assert archive.put(b"going") == sha
    assert archive.get(sha) == b"going"


def test_many_threads_may_put_the_same_bytes(archive: Archive) -> None:
    with ThreadPoolExecutor(8) as pool:
        shas = set(pool.map(lambda _: archive.put(b"contended" * 1000), range(40)))
    assert archive.get(shas.pop()) == b"contended" * 1000
    assert not shas


def blob_file(folder: Path) -> Path:
    (path,) = [path for path in folder.rglob("*.zst") if path.is_file()]
    return path


@pytest.fixture(params=["local", "objects"])
def archive_with_files(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Archive, Path]:
    return MAKERS[request.param](tmp_path / "archive"), tmp_path / "archive"


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda stored: b"", id="emptied"),
        pytest.param(lambda stored: stored[:-10], id="cut"),
        pytest.param(lambda stored: stored[:20] + bytes([stored[20] ^ 1]) + stored[21:], id="one bit"),
        pytest.param(lambda stored: b"no frame at all", id="replaced"),
        pytest.param(lambda stored: bytes.fromhex("28b52ffdc00000000000000080"), id="claims to be huge"),
    ],
)
def test_damage_is_told(archive_with_files: tuple[Archive, Path], damage: Callable[[bytes], bytes]) -> None:
    archive, folder = archive_with_files
    sha = archive.put(os.urandom(500))
    path = blob_file(folder)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ArchiveCorrupt):
        archive.get(sha)


def test_another_blob_under_the_name_is_told(tmp_path: Path) -> None:
    archive = LocalArchive(tmp_path)
    sha = archive.put(b"one")
    stored = blob_file(tmp_path).read_bytes()
    archive.delete(sha)
    other = archive.put(b"two")
    blob_file(tmp_path).write_bytes(stored)
    with pytest.raises(ArchiveCorrupt, match="other bytes"):
        archive.get(other)


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = LocalArchive(tmp_path)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", lambda *paths: full(0))
        with pytest.raises(ArchiveError, match="No space"):
            archive.put(b"too much")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert list(archive.keys()) == []
    assert archive.get(archive.put(b"too much")) == b"too much"


def test_text_is_stored_much_smaller(tmp_path: Path) -> None:
    LocalArchive(tmp_path).put(b"<p>We may change these terms at any time.</p>\n" * 2000)
    assert blob_file(tmp_path).stat().st_size < 1000


def test_urls_choose_the_storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert isinstance(open_archive(str(tmp_path)), LocalArchive)
    sha = open_archive(f"file://{tmp_path}/with%20space").put(b"x")
    assert open_archive(str(tmp_path / "with space")).get(sha) == b"x"
    assert isinstance(open_archive("s3://bucket/prefix"), ObjectArchive)


@pytest.mark.parametrize("url", ["s3:///prefix", "ftp://host/folder", "https://host/folder"])
def test_other_urls_are_refused_with_a_word(url: str) -> None:
    with pytest.raises(ValueError, match="archive"):
        open_archive(url)


def test_storage_that_does_not_answer_is_an_archive_error(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    archive = ObjectArchive(LocalStore(tmp_path / "archive"))
    sha = archive.put(b"x")
    blob_file(tmp_path).unlink()
    (tmp_path / "archive" / sha[:2] / sha[2:4] / f"{sha}.zst").mkdir()
    with pytest.raises(ArchiveError):
        archive.get(sha)

"""The commands of docs/evidence.md, run as they stand there."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from shared.evidence.bundle import zipped
from tests.factories.bundles import bundle

_DOC = Path(__file__).parents[3] / "docs" / "evidence.md"
_NEEDED = ("bash", "sha256sum", "sed", "grep", "openssl", "python3")

pytestmark = pytest.mark.skipif(not all(map(shutil.which, _NEEDED)), reason=f"needs {', '.join(_NEEDED)}")


def by_hand(files: dict[str, bytes], folder: Path) -> tuple[list[str], str]:
    """The lines that the block prints but the last, and the last."""
    (folder / "bundle.zip").write_bytes(zipped(files))
    [block] = re.findall(r"```sh\n(.*?)```", _DOC.read_text().partition("## By hand")[2], re.DOTALL)
    done = subprocess.run(["bash", "-c", block], cwd=folder, capture_output=True, text=True)
    *lines, last = done.stdout.splitlines()
    return lines, last


def test_a_whole_bundle(tmp_path: Path) -> None:
    lines, last = by_hand(bundle(), tmp_path)
    assert len(lines) == 3 + 5 + 5 + 1
    assert all(line.startswith("ok ") for line in lines), lines
    assert last == "Signature Verified Successfully"


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("texts/new.txt", b"14", b"44", "FAULT texts/new.txt"),
        ("facts/version-ver_old.json", b"doc_1", b"doc_2", "FAULT facts/version-ver_old.json"),
        ("ledger.json", b'"subject_id":"ver_new"', b'"subject_id":"ver_two"', "FAULT {"),
        ("head.json", b'"seq":5', b'"seq":6', "Signature Verification Failure"),
    ],
)
def test_an_altered_one(path: str, old: bytes, new: bytes, said: str, tmp_path: Path) -> None:
    files = bundle()
    assert old in files[path]
    lines, last = by_hand({**files, path: files[path].replace(old, new)}, tmp_path)
    assert any(line.startswith(said) for line in [*lines, last])

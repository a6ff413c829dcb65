"""The data folder: its owner's alone, whichever command makes it."""

import os
import stat
from collections.abc import Iterator

import pytest

from tests.factories.commands import Commands


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.parametrize("command", [("watch", "list"), ("migrate",), ("prepare",)])
def test_a_command_makes_it_private(embedded: Commands, command: tuple[str, ...]) -> None:
    embedded(*command)

    assert stat.S_IMODE(embedded.data.stat().st_mode) == 0o700


def test_one_that_is_there_keeps_its_rights(embedded: Commands) -> None:
    embedded.data.mkdir(mode=0o750, parents=True)

    embedded("watch", "list")

    assert stat.S_IMODE(embedded.data.stat().st_mode) == 0o750


@pytest.mark.parametrize("command", [("changes", "list"), ("members", "add", "ada@example.com"), ("prepare",)])
def test_a_file_that_is_no_database_is_named_with_the_mend_and_left_alone(
    embedded: Commands, command: tuple[str, ...]
) -> None:
    embedded.data.mkdir(mode=0o700, parents=True)
    file = embedded.data / "clausewatch.db"
    file.write_bytes(b"no database at all" * 400)

    refusal = embedded.refusal(*command, status=1)

    assert f"{file} is damaged or no database" in refusal
    assert "`clausewatch restore`" in refusal
    assert file.read_bytes() == b"no database at all" * 400

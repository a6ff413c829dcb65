"""A data folder belongs to one supervisor at a time."""

import os
from pathlib import Path

import pytest

from services.cli.embedded.holding import AlreadyRunning, holding


def test_a_second_holder_is_refused_by_the_pid_of_the_first(tmp_path: Path) -> None:
    refused = pytest.raises(AlreadyRunning, match=rf"{tmp_path} is in use .*process {os.getpid()}\)")
    with holding(tmp_path), refused, holding(tmp_path):
        raise AssertionError("two hold the folder")


def test_it_is_given_back(tmp_path: Path) -> None:
    for _ in range(2):
        with holding(tmp_path):
            assert (tmp_path / "run" / "supervisor.pid").read_text() == str(os.getpid())


def test_what_a_dead_holder_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "supervisor.pid").write_text("999999999")
    with holding(tmp_path):
        assert (tmp_path / "run" / "supervisor.pid").read_text() == str(os.getpid())

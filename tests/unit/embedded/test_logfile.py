"""Log files do not grow for ever."""

from pathlib import Path

from services.cli.embedded.logfile import LogFile


def test_lines_are_appended_to_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "differ.log").write_bytes(b"before\n")
    LogFile(tmp_path / "differ.log").append(b"after\n")
    assert (tmp_path / "differ.log").read_bytes() == b"before\nafter\n"


def test_a_full_file_is_set_aside_in_place_of_the_one_before(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "differ.log", limit=10)
    for line in (b"first 10 b\n", b"second 10 \n", b"third\n"):
        log.append(line)
    assert (tmp_path / "differ.log").read_bytes() == b"third\n"
    assert (tmp_path / "differ.log.1").read_bytes() == b"second 10 \n"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_that_was_taken_away_is_made_again(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "differ.log")
    log.append(b"one\n")
    (tmp_path / "differ.log").unlink()
    log.append(b"two\n")
    assert (tmp_path / "differ.log").read_bytes() == b"two\n"

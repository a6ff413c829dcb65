"""Which broker is used, and where its socket lies."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli.embedded.broker import Broker, NoBroker, choose_broker, wait_for_broker
from tests.servers.processes import short_folder


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime folder of this test's own, its path as short as a socket's must be."""
    with short_folder("cw-rt-") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
        yield folder


def test_a_broker_that_is_named_is_used_and_nothing_is_started(tmp_path: Path) -> None:
    assert choose_broker("redis://queue.example/0", tmp_path) == Broker("redis://queue.example/0")


@pytest.mark.usefixtures("runtime")
def test_our_own_keeps_its_data_and_opens_no_port(tmp_path: Path) -> None:
    broker = choose_broker("", tmp_path / "data")
    options = dict(zip(broker.argv[1::2], broker.argv[2::2], strict=True))
    assert (options["--port"], options["--appendonly"], options["--maxmemory-policy"]) == ("0", "yes", "noeviction")
    assert options["--dir"] == str(tmp_path / "data" / "broker")
    assert broker.socket is not None
    assert broker.url == f"redis+socket://{broker.socket}"
    assert stat.S_IMODE(broker.socket.parent.stat().st_mode) == 0o700


@pytest.mark.usefixtures("runtime")
def test_each_data_folder_has_a_socket_of_its_own(tmp_path: Path) -> None:
    assert choose_broker("", tmp_path / "one").url != choose_broker("", tmp_path / "two").url
    assert choose_broker("", tmp_path / "one").url == choose_broker("", tmp_path / "one").url


def test_a_socket_path_that_is_too_long_is_refused_with_the_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / ("long" * 30)))
    with pytest.raises(NoBroker, match="set TMPDIR to a shorter folder"):
        choose_broker("", tmp_path)


def test_a_runtime_folder_that_others_may_enter_is_refused(runtime: Path, tmp_path: Path) -> None:
    choose_broker("", tmp_path / "data")
    [folder] = runtime.iterdir()
    folder.chmod(0o755)
    with pytest.raises(NoBroker, match="only you may enter"):
        choose_broker("", tmp_path / "data")


def test_a_broker_that_does_not_answer_is_said_to(tmp_path: Path) -> None:
    with pytest.raises(NoBroker, match="does not answer"):
        wait_for_broker(f"redis+socket://{tmp_path / 'nothing.sock'}", within_s=0.05)

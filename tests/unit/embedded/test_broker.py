"""Which broker is used, and where its socket is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli.embedded.broker import Broker, NoBroker, choose_broker
from tests.servers.processes import short_folder


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime folder of this test's own, its path as short as a socket's must be; and no server on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("TMPDIR", raising=False)
    with short_folder("cw-rt-") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
        yield folder


def _program(tmp_path: Path, name: str) -> Path:
    program = tmp_path / "bin" / name
    program.parent.mkdir(exist_ok=True)
    program.touch(mode=0o755)
    return program


def _option(broker: Broker, name: str) -> str:
    return broker.argv[broker.argv.index(f"--{name}") + 1]


def test_a_given_broker_is_used_and_nothing_is_started(tmp_path: Path) -> None:
    assert choose_broker("redis://broker.example/0", tmp_path) == Broker("redis://broker.example/0")


@pytest.mark.parametrize("name", ["valkey-server", "redis-server"])
def test_a_server_on_the_path_is_preferred(tmp_path: Path, name: str) -> None:
    program = _program(tmp_path, name)
    assert choose_broker("", tmp_path).argv[0] == str(program)


def test_else_it_is_the_one_of_the_wheel(tmp_path: Path) -> None:
    program = Path(choose_broker("", tmp_path).argv[0])
    assert program.name == "valkey-server"
    assert os.access(program, os.X_OK)


def test_it_loses_nothing_and_listens_on_no_port(tmp_path: Path) -> None:
    broker = choose_broker("", tmp_path / "data")
    assert broker.url == f"redis+socket://{broker.socket}"
    wanted = {"port": "0", "appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction", "save": ""}
    assert {name: _option(broker, name) for name in wanted} == wanted
    assert _option(broker, "dir") == str(tmp_path / "data" / "broker")
    assert _option(broker, "unixsocketperm") == "700"


def test_choosing_writes_nothing_into_the_data_folder(tmp_path: Path) -> None:
    choose_broker("", tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_each_data_folder_has_a_socket_of_its_own_that_stays_the_same(tmp_path: Path) -> None:
    first, second = choose_broker("", tmp_path / "a"), choose_broker("", tmp_path / "b")
    assert first.socket != second.socket
    assert choose_broker("", tmp_path / "a").socket == first.socket


def test_the_folder_of_the_socket_is_private(tmp_path: Path) -> None:
    socket = choose_broker("", tmp_path).socket
    assert socket is not None
    assert socket.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_may_enter_is_refused(runtime: Path, tmp_path: Path) -> None:
    choose_broker("", tmp_path)
    [folder] = runtime.iterdir()
    folder.chmod(0o755)
    with pytest.raises(NoBroker, match="not a folder that only you may enter"):
        choose_broker("", tmp_path)


def test_a_link_in_the_folders_place_is_refused(runtime: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (runtime / f"clausewatch-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NoBroker, match="not a folder that only you may enter"):
        choose_broker("", tmp_path)


@pytest.mark.parametrize("variable", ["XDG_RUNTIME_DIR", "TMPDIR"])
def test_a_path_that_no_socket_can_have_is_refused_with_the_mend(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("long" * 30)
    deep.mkdir()
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setenv(variable, str(deep))
    with pytest.raises(NoBroker, match=r"over \d+ bytes; set XDG_RUNTIME_DIR to a shorter folder"):
        choose_broker("", tmp_path)


def test_a_runtime_folder_that_is_not_there_is_passed_over(
    runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(runtime))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "of another user"))
    socket = choose_broker("", tmp_path).socket
    assert socket is not None
    assert socket.parent.parent == runtime


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("redis://user:s3cret@broker.example:6379/1", "redis://broker.example:6379/1"),
        ("rediss://:p%40ss@broker.example/1", "rediss://broker.example/1"),
        ("redis://broker.example/0", "redis://broker.example/0"),
        ("redis+socket:///tmp/x.sock", "redis+socket:///tmp/x.sock"),
    ],
)
def test_messages_name_the_broker_without_its_password(url: str, public: str) -> None:
    assert Broker(url).public_url == public


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "redis+socket:///nonesuch/x.sock", "nonsense"])
def test_a_broker_that_is_not_there_says_why(url: str) -> None:
    assert Broker(url).silence()


def test_a_broker_that_is_there_answers(broker_url: str) -> None:
    assert Broker(broker_url).silence() is None


def test_preparing_removes_the_socket_of_one_that_was_killed(tmp_path: Path) -> None:
    broker = choose_broker("", tmp_path / "data")
    assert broker.socket is not None
    broker.socket.touch()
    broker.prepare()
    assert not broker.socket.exists()
    assert (tmp_path / "data" / "broker").is_dir()

"""The supervisor over real processes: started in order, put up again, ended in order, and never left behind."""

import os
import signal
import socket
import sys
from pathlib import Path

import psutil
import pytest
import redis

from services.cli.embedded.broker import Broker, choose_broker
from services.cli.embedded.processes import Child
from services.cli.embedded.restarting import MAX_EARLY_DEATHS
from tests.servers.supervised import OWN_BROKER, STARTED, Supervised, descendants, python, supervised
from tests.servers.waiting import eventually

IDLE = "import signal; signal.pause()"

NOTES_ITS_END = """
import os, signal, sys
def end(*_):
    with open(sys.argv[1], "a") as file:
        file.write(sys.argv[2] + "\\n")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
print('{"event": "ready", "level": "warning"}', flush=True)
while True:
    signal.pause()
"""

STUBBORN = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-S", "-c", "import signal; signal.pause()"])
print('{"event": "ready", "level": "warning"}', flush=True)
while True:
    signal.pause()
"""

IGNORES_TERM = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('{"event": "ready", "level": "warning"}', flush=True)
while True:
    signal.pause()
"""

LISTENS = """
import signal, socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
signal.pause()
"""

SEES_WHO_LISTENS = """
import json, signal, socket, sys
found = socket.socket().connect_ex(("127.0.0.1", int(sys.argv[1])))
print(json.dumps({"event": f"found {found}", "level": "warning"}), flush=True)
signal.pause()
"""

PINGS_AT_ITS_END = """
import json, os, signal, socket, sys
def end(*_):
    with socket.socket(socket.AF_UNIX) as broker:
        broker.connect(sys.argv[1])
        broker.sendall(b"PING\\r\\n")
        print(json.dumps({"event": broker.recv(9).decode(), "level": "warning"}), flush=True)
    os._exit(0)
signal.signal(signal.SIGTERM, end)
print('{"event": "ready", "level": "warning"}', flush=True)
while True:
    signal.pause()
"""


@pytest.fixture
def data(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder; the broker's socket is in the usual short place."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("TMPDIR", "/tmp")
    return data_dir


def _wait_until_ready(running: Supervised, *names: str) -> None:
    for name in names:
        running.wait_until_told(f"{name}: ready")


def _new_pid(running: Supervised, name: str, old: int) -> int:
    return eventually(lambda: {**{name: old}, **running.pids()}[name] != old and running.pids()[name], why="not again")


def _client(data: Path) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(choose_broker("", data).socket))


@pytest.fixture
def port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    return number


def test_news_is_told_and_every_line_is_kept(data: Path, broker_url: str) -> None:
    lines = ['{"event": "flap.recorded", "platform": "Lumenforge", "document": "Terms"}', '{"event": "x"}', "plain"]
    talker = python("differ", "import signal, sys; print(sys.argv[1], flush=True); signal.pause()", "\n".join(lines))
    with supervised(data, [talker], broker_url) as running:
        assert running.wait_until_told("flap").startswith("flap Lumenforge · Terms: the candidate was gone")
        log = data / "logs" / "differ.log"
        assert eventually(lambda: log.read_text().splitlines() == lines)
        running.send(signal.SIGINT)
        assert running.wait_for_end() == 0
        assert [line for line in running.told if line.strip() != STARTED] == [running.wait_until_told("flap")]


def test_a_killed_process_is_started_again_and_the_others_are_left_alone(data: Path, broker_url: str) -> None:
    with supervised(data, [python("differ", IDLE), python("notifier", IDLE)], broker_url) as running:
        before = running.pids()
        assert before.keys() == {"supervisor", "differ", "notifier"}
        os.kill(before["differ"], signal.SIGKILL)
        after = _new_pid(running, "differ", before["differ"])
        assert psutil.pid_exists(after)
        assert running.pids() == {**before, "differ": after}
        running.wait_until_told("restart differ ended with signal 9; starting it again")


def test_what_a_dead_process_left_running_is_ended_with_it(data: Path, broker_url: str) -> None:
    with supervised(data, [python("differ", STUBBORN)], broker_url) as running:
        _wait_until_ready(running, "differ")
        pid = running.pids()["differ"]
        [left] = psutil.Process(pid).children()
        os.kill(pid, signal.SIGKILL)
        _new_pid(running, "differ", pid)
        left.wait(30)


def test_however_often_it_is_killed_by_others_a_process_is_not_given_up(data: Path, broker_url: str) -> None:
    with supervised(data, [python("differ", IDLE)], broker_url) as running:
        pid = running.pids()["differ"]
        for _ in range(MAX_EARLY_DEATHS):
            os.kill(pid, signal.SIGKILL)
            pid = _new_pid(running, "differ", pid)
        assert running.process.poll() is None


def test_a_process_that_cannot_start_ends_all_with_its_last_words(data: Path, broker_url: str) -> None:
    broken = python("differ", "raise SystemExit('no such table: documents')")
    with supervised(data, [python("fetcher", IDLE), broken], broker_url, started=False) as running:
        assert running.wait_for_end() == 1
        stopped = running.told.index(running.wait_until_told("stopped"))
        assert "differ cannot start: it ended with status 1; the end of" in running.told[stopped]
        assert running.told[stopped + 1].strip() == "no such table: documents"
        assert sum("starting it again" in line for line in running.told) == 4
        assert running.pids() == {}


def test_a_program_that_is_not_there_is_a_line_and_no_traceback(data: Path, broker_url: str) -> None:
    with supervised(data, [Child("differ", ("/nonesuch/clausewatch",))], broker_url, started=False) as running:
        assert running.wait_for_end() == 1
        running.wait_until_told("differ cannot start: it could not be started: [Errno 2]")


def test_a_full_disk_does_not_stop_a_process(data: Path, broker_url: str) -> None:
    (data / "logs").mkdir(parents=True)
    (data / "logs" / "differ.log").symlink_to("/dev/full")
    script = """
for n in range(20_000):
    print("a line that cannot be kept", n)
print('{"event": "went on", "level": "warning"}', flush=True)
import signal; signal.pause()
"""
    with supervised(data, [python("differ", script)], broker_url) as running:
        running.wait_until_told("differ: went on")
        assert sum("the log cannot be written [Errno 28]" in line for line in running.told) == 1


def test_services_end_in_order_and_those_that_others_rely_on_last(data: Path, broker_url: str, tmp_path: Path) -> None:
    file = tmp_path / "ends"
    names = ("sample", "scheduler", "fetcher", "differ", "notifier")
    with socket.create_server(("127.0.0.1", 0)) as server:
        ports = {"sample": server.getsockname()[1]}
        children = [python(name, NOTES_ITS_END, str(file), name, ready_port=ports.get(name)) for name in names]
        with supervised(data, children, broker_url) as running:
            _wait_until_ready(running, *names)
            running.send(signal.SIGTERM)
            assert running.wait_for_end() == 0
    assert file.read_text().split() == ["scheduler", "fetcher", "differ", "notifier", "sample"]


def test_the_broker_is_there_until_the_services_have_ended(data: Path) -> None:
    broker = choose_broker("", data)
    with supervised(data, [python("differ", PINGS_AT_ITS_END, str(broker.socket))], OWN_BROKER) as running:
        _wait_until_ready(running, "differ")
        pids = running.pids()
        running.send(signal.SIGINT)
        assert running.wait_for_end() == 0
        running.wait_until_told("differ: +PONG")
    assert not any(psutil.pid_exists(pid) for pid in pids.values())
    assert broker.socket is not None
    assert not broker.socket.exists()
    assert running.pids() == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_usual_signal_ends_it_cleanly(
    data: Path, broker_url: str, tmp_path: Path, number: signal.Signals
) -> None:
    with supervised(data, [python("differ", NOTES_ITS_END, str(tmp_path / "ends"), "differ")], broker_url) as running:
        _wait_until_ready(running, "differ")
        running.send(number)
        assert running.wait_for_end() == 0
    assert (tmp_path / "ends").read_text() == "differ\n"


def test_a_second_signal_kills_at_once_with_all_that_was_started(data: Path, broker_url: str) -> None:
    with supervised(data, [python("differ", STUBBORN)], broker_url) as running:
        _wait_until_ready(running, "differ")
        ours = descendants(running)
        assert len(ours) == 2
        running.send(signal.SIGINT)
        running.send(signal.SIGTERM)
        assert running.wait_for_end() == 0
        _gone, left = psutil.wait_procs(ours, timeout=10)
        assert left == []


def test_a_signal_while_it_starts_ends_it(data: Path) -> None:
    silent = Broker("redis+socket:///nonesuch/x.sock", (sys.executable, "-S", "-c", IDLE))
    with supervised(data, [python("differ", IDLE)], silent, started=False) as running:
        eventually(lambda: "broker" in running.pids())
        running.send(signal.SIGINT)
        assert running.wait_for_end() == 0
        assert running.told == []


def test_a_broker_that_does_not_answer_is_named_without_its_password(data: Path, port: int) -> None:
    away = f"redis://user:s3cret@127.0.0.1:{port}/0"
    with supervised(data, [python("differ", IDLE)], away, started=False, broker_within_s=0.5) as running:
        assert running.wait_for_end() == 3
        [said] = running.told
        assert said.startswith(f"refused the broker at redis://127.0.0.1:{port}/0 does not answer: ")
        assert "s3cret" not in said


def test_a_second_supervisor_is_refused_by_the_pid_of_the_first(data: Path, broker_url: str) -> None:
    with supervised(data, [python("differ", IDLE)], broker_url) as first:
        before = first.pids()
        with supervised(data, [python("differ", IDLE)], broker_url, started=False) as second:
            assert second.wait_for_end() == 3
            second.wait_until_told(f"refused {data} is in use by a running Clausewatch (process {first.process.pid});")
        assert first.pids() == before
        assert all(psutil.pid_exists(pid) for pid in before.values())


def test_a_killed_supervisor_leaves_no_process_and_the_next_starts_over_what_it_left(data: Path) -> None:
    with supervised(data, [python("differ", IDLE), python("fetcher", IGNORES_TERM)], OWN_BROKER) as running:
        _wait_until_ready(running, "fetcher")
        ours = [psutil.Process(pid) for name, pid in running.pids().items() if name != "supervisor"]
        assert len(ours) == 3
        running.send(signal.SIGKILL)
        _gone, left = psutil.wait_procs(ours, timeout=30)
        assert left == []
    socket_left = choose_broker("", data).socket
    assert socket_left is not None
    assert socket_left.exists()
    with supervised(data, [python("differ", IDLE)], OWN_BROKER) as running:
        assert running.pids().keys() == {"supervisor", "broker", "differ"}


def test_the_broker_keeps_its_messages_through_kill_and_restart(data: Path) -> None:
    with supervised(data, [python("differ", IDLE)], OWN_BROKER) as running:
        with _client(data) as client:
            client.lpush("queue", "message")
            client.execute_command("WAITAOF", 1, 0, 5000)
        pid = running.pids()["broker"]
        os.kill(pid, signal.SIGKILL)
        _new_pid(running, "broker", pid)
        eventually(lambda: choose_broker("", data).silence() is None)
        with _client(data) as client:
            assert client.lrange("queue", 0, -1) == [b"message"]
        running.send(signal.SIGINT)
        assert running.wait_for_end() == 0
    with supervised(data, [], OWN_BROKER), _client(data) as client:
        assert client.lrange("queue", 0, -1) == [b"message"]


def test_the_next_process_is_started_once_the_one_before_listens(data: Path, broker_url: str, port: int) -> None:
    children = [
        python("sample", LISTENS, str(port), ready_port=port),
        python("fetcher", SEES_WHO_LISTENS, str(port)),
    ]
    with supervised(data, children, broker_url) as running:
        running.wait_until_told("fetcher: found 0")


def test_process_ids_that_cannot_be_written_are_a_line_and_no_end(data: Path, broker_url: str) -> None:
    (data / "run").mkdir(parents=True)
    (data / "run" / "processes.new").symlink_to("/dev/full")
    with supervised(data, [python("differ", IDLE)], broker_url) as running:
        running.wait_until_told("error the process ids cannot be written: [Errno 28]")
        assert len(descendants(running)) == 1

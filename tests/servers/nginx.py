"""A real nginx on a free port of loopback that serves files of ours, and what its access log says."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

_PLACES = "/usr/sbin:/usr/local/sbin:/usr/bin:/opt/homebrew/bin"
_START_S = 10.0
_FIRST_MTIME = 1_700_000_000

_CONFIG = """
{user}daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  log_format asked '$status $host $request_uri';
  access_log {folder}/access.log asked;
  types {{ text/html html; }}
  default_type text/html;
  {validators}
  server {{
    listen 127.0.0.1:{port};
    root {folder}/files;
  }}
}}
"""

_NO_VALIDATORS = "etag off; if_modified_since off;"


def nginx_program() -> str | None:
    """Where nginx is installed; None where it is not (`apt-get install nginx`)."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:{_PLACES}")


class Site:
    """A running nginx. Every host name is answered alike: `a.localhost` and `b.localhost` are two hosts to a client."""

    def __init__(self, folder: Path, program: str) -> None:
        self._folder = folder
        (folder / "files").mkdir(parents=True)
        self.port = _free_port()
        self._mtime = _FIRST_MTIME
        self._read = 0
        self._configure(validators=True)
        argv = [program, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")]
        self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
        self._wait(lambda: _answers(self.port))

    def show(self, name: str, body: bytes) -> None:
        """Publish a file, whole or not at all, under an ETag and a Last-Modified that it never had before."""
        self._mtime += 1
        file = self._folder / "files" / name
        new = file.with_suffix(".new")
        new.write_bytes(body)
        os.utime(new, (self._mtime, self._mtime))
        new.replace(file)

    def set_validators(self, on: bool) -> None:
        """Whether conditional requests are answered 304; off, every answer is a 200 with the whole body."""
        before = self._workers()
        self._configure(validators=on)
        self._process.send_signal(signal.SIGHUP)
        self._wait(lambda: bool(self._workers()) and not self._workers() & before)

    def asked(self) -> list[tuple[int, str]]:
        """Status and path of every answer since the last call, robots.txt left out."""
        lines = (self._folder / "access.log").read_text().splitlines()
        new, self._read = lines[self._read :], len(lines)
        answers = [(int(status), path) for status, _, path in (line.split(" ", 2) for line in new)]
        return [answer for answer in answers if answer[1] != "/robots.txt"]

    def statuses(self) -> Counter[int]:
        """How often each status was answered since the last call, robots.txt left out."""
        return Counter(status for status, _ in self.asked())

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(_START_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _configure(self, *, validators: bool) -> None:
        config = _CONFIG.format(
            folder=self._folder,
            port=self.port,
            user="user root;\n" if os.geteuid() == 0 else "",
            validators="" if validators else _NO_VALIDATORS,
        )
        (self._folder / "nginx.conf").write_text(config)

    def _workers(self) -> set[int]:
        return {child.pid for child in psutil.Process(self._process.pid).children()}

    def _wait(self, is_true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _START_S
        while not is_true():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"nginx did not start: {(self._folder / 'error.log').read_text()[-500:]}")
            time.sleep(0.02)


@contextmanager
def running_site(program: str) -> Iterator[Site]:
    """An nginx with a folder of its own for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="cw-nginx-") as folder:
        site = Site(Path(folder), program)
        try:
            yield site
        finally:
            site.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

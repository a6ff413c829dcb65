"""The port of the API where none was set: the same at every start, since links in sent messages name it."""

import socket
from pathlib import Path


def kept_port(data: Path, wanted: int) -> int:
    """The port that this data folder took at its first start: `wanted`, or a free one where that was taken."""
    file = data / "api-port"
    if not file.exists():
        file.write_text(f"{wanted if _is_free(wanted) else _free_port()}\n")
    return int(file.read_text())


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port

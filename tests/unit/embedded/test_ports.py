"""The port of the API is the same at every start."""

import socket
from pathlib import Path

from services.cli.embedded.ports import kept_port


def test_the_wanted_port_is_taken_and_kept(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free_soon:
        wanted = free_soon.getsockname()[1]
    assert kept_port(tmp_path, wanted) == wanted
    assert kept_port(tmp_path, 1) == wanted


def test_another_is_found_where_the_wanted_one_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = kept_port(tmp_path, taken.getsockname()[1])
        assert port != taken.getsockname()[1]
    assert kept_port(tmp_path, 1) == port

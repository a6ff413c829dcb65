"""One PostgreSQL for all workers of a test session; run as a program, it is the keeper that starts and ends it.

Every worker holds a shared lock while it uses the server, and the keeper waits for the lock alone: the kernel gives it
that when the last worker has ended, however it ended.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.meeting import locked, made_once
from tests.servers.postgres import Postgres, running_postgres

_USERS, _PLACE = "postgres.users", "postgres.place"
"""The lock that users share, and the file that says where the server's folder is, for as long as it runs."""


@contextmanager
def shared_postgres(meeting: Path) -> Iterator[Postgres]:
    """The server of the session whose workers meet in this folder, started by the first of them."""
    with locked(meeting / _USERS, shared=True):
        yield Postgres(Path(made_once(meeting / _PLACE, _start_keeper).read_text()))


def _start_keeper(place: Path) -> None:
    """Start a server in the background; `place` will say where its folder is."""
    log = place.with_name("postgres.log")
    with log.open("ab") as output:
        argv = [sys.executable, "-m", "tests.servers.shared_postgres", str(place)]
        root = Path(__file__).parents[2]
        status = subprocess.run(argv, cwd=root, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False)
    assert status.returncode == 0, f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}"


def _main(place: Path) -> int:
    """Go on in the background, and return once the server takes connections: 0, or 1 where it could not start."""
    is_ready, tell_ready = os.pipe()
    if os.fork():
        os.close(tell_ready)
        return 0 if os.read(is_ready, 1) else 1
    os.close(is_ready)
    os.setsid()  # Ctrl-C is for the tests; they end first
    _keep(place, tell_ready)
    return 0


def _keep(place: Path, tell_ready: int) -> None:
    with running_postgres() as server:
        place.write_text(str(server.folder))
        os.write(tell_ready, b"1")
        os.close(tell_ready)
        with locked(place.with_name(_USERS)):
            place.with_name(_PLACE).unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1])))

"""A notifier in a process of its own that takes the time and the addresses of names from a test; run as a program.

`python -m tests.faults.hostile_notifier BROKER_URL CLOCK RESOLVER`, with the settings in the environment. The file
CLOCK says by how many seconds the clock is ahead; the unix socket RESOLVER answers a name with its addresses.
"""

import socket
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from services.notifier.worker import run
from shared.clock import SystemClock
from shared.logging import configure_logging
from shared.settings import load_settings

ENDS_IN = ".example"
"""Names that the test answers for; all others are the system's."""


def moved_by(file: Path) -> Callable[[SystemClock], datetime]:
    """The wall clock, as far ahead as the file says at this moment. Deadlines keep to the monotonic clock."""
    real = SystemClock.now

    def now(clock: SystemClock) -> datetime:
        return real(clock) + timedelta(seconds=float(file.read_text()))

    return now


def resolved_by(resolver: str) -> Callable[..., Any]:
    """`socket.getaddrinfo` as a machine has it whose name server is the test's."""
    system = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if not (isinstance(host, str) and host.endswith(ENDS_IN)):
            return system(host, port, *args, **kwargs)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(resolver)
            connection.sendall(f"{host}\n".encode())
            addresses = connection.makefile().read().split()
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port or 0)) for address in addresses]

    return getaddrinfo


def main(broker_url: str, clock: str, resolver: str) -> int:
    configure_logging(process="notifier")
    SystemClock.now = moved_by(Path(clock))  # type: ignore[method-assign]
    socket.getaddrinfo = resolved_by(resolver)
    return run(load_settings(), broker_url)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

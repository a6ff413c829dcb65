"""What a data folder remembers of its sample, so that a second start finds the same addresses."""

import json
import socket
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """The ports of site and receiver, the webhook's secret, and whether the show was begun before."""

    site_port: int
    receiver_port: int
    secret: str = ""
    shown: bool = False


def sample_file(data: Path) -> Path:
    """Where it is kept."""
    return data.absolute() / "sample.json"


def load_sample(file: Path) -> Sample:
    """The sample as it was set up, or a fresh one on free ports."""
    if file.exists():
        return Sample(**json.loads(file.read_text()))
    site, receiver = _free_ports(2)
    return Sample(site, receiver)


def save_sample(file: Path, sample: Sample) -> None:
    """Keep it for the next start; only its owner may read the secret."""
    file.touch(mode=0o600)
    file.write_text(json.dumps(asdict(sample)))


def _free_ports(count: int) -> list[int]:
    """Ports that are free now, found together so that they differ."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()

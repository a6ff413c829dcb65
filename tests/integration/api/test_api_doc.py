"""The examples of docs/api.md, run as they stand against a really running API."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.differ.handlers.registering import Registrar
from shared.db.identity.keys import ApiKeys
from shared.db.ledger.sequencing import HEAD_AFTER, Sequencer
from shared.db.notifier.accounts import AccountStore
from shared.db.registry.taking_in import RegistryStore
from shared.db.session import Database
from shared.evidence.unpacking import unpacked
from shared.evidence.verifying import verify
from tests.factories.bundles import KEY as LEDGER_KEY
from tests.factories.judging import Bench
from tests.factories.policies import as_html, policy
from tests.servers.ports import free_ports
from tests.servers.processes import start, stop
from tests.servers.waiting import eventually

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text("utf-8")


@pytest.fixture
def api(sqlite_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Address and key of a running API over a document with a change."""
    database = Database(sqlite_url)
    bench = Bench(database, tmp_path)
    for notice in ("30 days", "14 days"):
        bench.confirm(as_html(policy(notice=notice)))
        Registrar(RegistryStore(database), bench.clock).take_in()
    for _ in range(2):
        Sequencer(database, bench.clock, LEDGER_KEY).run_once()
        bench.clock.advance(HEAD_AFTER)
    AccountStore(database).ensure_account("acc_reader", "Reader", "compliance", bench.clock.now())
    _, key = ApiKeys(database).make("acc_reader", "examples", "owner", bench.clock.now())
    database.close()
    port = free_ports(1)
    environment = {
        "CLAUSEWATCH_DATA": str(tmp_path),
        "DATABASE_URL": sqlite_url,
        "CLAUSEWATCH_API_HOST": "127.0.0.1",
        "CLAUSEWATCH_API_PORT": str(port),
    }
    process = start(
        [
            "env",
            *(f"{name}={value}" for name, value in environment.items()),
            sys.executable,
            "-m",
            "services.cli",
            "api",
        ]
    )
    try:
        eventually(lambda: _answers(port), why="the API did not answer")
        yield {"API": f"http://127.0.0.1:{port}/api/v1", "KEY": key}
    finally:
        stop(process)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples take curl, which is not here")
def test_every_example_runs(api: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "reader"
    folder.mkdir()
    shell = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)).replace(
        "http://127.0.0.1:8470/api/v1", api["API"]
    )
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", shell],
        cwd=folder,
        env={**os.environ, **api},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    assert "14 days" in (folder / "redline.html").read_text("utf-8")
    assert (folder / "page.html").read_text("utf-8") == as_html(policy(notice="14 days"))
    assert verify(unpacked(folder / "bundle.zip")).faults == ()
    [python] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    ran = subprocess.run(
        [sys.executable, "-c", python], env={**os.environ, **api}, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    assert "Acme" in ran.stdout

"""`clausewatch evidence export`, on each engine: from a change to a bundle that verifies, and each thing in its way."""

from pathlib import Path

import pytest

from shared.db.ledger.sequencing import HEAD_AFTER, Sequencer
from shared.db.session import Database
from tests.factories.bundles import KEY
from tests.factories.commands import Commands
from tests.factories.judging import Bench
from tests.factories.policies import as_html, policy


@pytest.fixture
def bench(database: Database, commands: Commands) -> Bench:
    """A document of two versions, in the archive that the command reads."""
    bench = Bench(database, commands.data)
    for notice in ("30 days", "14 days"):
        bench.confirm(as_html(policy(notice=notice)))
    return bench


def test_a_change_and_a_version_become_bundles_that_verify(commands: Commands, bench: Bench, tmp_path: Path) -> None:
    [change] = bench.changes
    early = commands.refusal("evidence", "export", change.id, status=1)
    assert "not in the ledger yet: try again in a few seconds" in early
    for _ in range(2):
        Sequencer(bench.database, bench.clock, KEY).run_once()
        bench.clock.advance(HEAD_AFTER)
    assert "cannot be written: " in commands.refusal(
        "evidence", "export", change.id, "--out", str(tmp_path / "none" / "it.zip"), status=1
    )
    key = tmp_path / "key.pem"
    key.write_text(commands("evidence", "key"))
    for number, subject in enumerate((change.id[:-2], change.version_id)):
        file = tmp_path / f"{number}.zip"
        assert "bytes" in commands("evidence", "export", subject, "--out", str(file))
        assert "is as it was recorded" in commands("evidence", "verify", str(file), "--key", str(key))
        assert [one.name for one in tmp_path.glob(".*")] == []
        file.write_bytes(file.read_bytes().replace(b"30 days", b"31 days", 1)[:-1])
        assert commands.run("evidence", "verify", str(file), "--key", str(key)).exit_code == 1


@pytest.mark.parametrize(
    ("subject", "said"), [("chg_none", "names no change"), ("", "names no change"), ("ver_none", "no version")]
)
def test_what_is_not_there_is_said(commands: Commands, bench: Bench, subject: str, said: str) -> None:
    assert said in commands.refusal("evidence", "export", subject)

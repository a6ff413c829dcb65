"""`changes retract` and `correct`."""

import pytest

from shared.db.session import Database
from tests.factories.accounts import add_change, add_document
from tests.factories.commands import Commands


@pytest.fixture
def change_id(database: Database) -> str:
    return add_change(database, add_document(database))


def test_a_change_is_corrected_then_retracted(commands: Commands, change_id: str) -> None:
    why = "--why=It binds only new customers."
    corrected = commands.json("changes", "correct", change_id, why, "--severity", "low")
    assert corrected == {"change": change_id, "told": 0, "cancelled": 0}
    shown = commands.json("changes", "show", change_id)
    assert (shown["status"], shown["severity"]) == ("corrected", "low")
    assert shown["notes"][0] == "Corrected: It binds only new customers."
    assert "is retracted; endpoints that are told: 0" in commands("changes", "retract", change_id, why)
    assert commands.json("changes", "list")[0]["status"] == "retracted"
    assert "receivers were told so" in commands.refusal("changes", "retract", change_id, why)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["retract", "chg_none", "--why", "x"], "names no change"),
        (["retract", "chg_doc"], "--why"),
        (["retract", "chg_doc", "--why", " "], "say why"),
        (["correct", "chg_doc", "--why", "x", "--severity", "grave"], "--severity"),
        (["correct", "chg_doc", "--why", "x", "--direction", "up"], "--direction"),
    ],
)
def test_an_unclear_revision_is_refused(commands: Commands, change_id: str, arguments: list[str], said: str) -> None:
    assert said in commands.refusal("changes", *arguments)

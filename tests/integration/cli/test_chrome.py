"""What was learned of a platform's pages can be seen and undone."""

import json

from sqlalchemy import select

from shared.db.differ_chrome import ChromeStore
from shared.db.session import Database
from shared.db.tables import PlatformRow
from tests.factories.accounts import START, add_document
from tests.factories.commands import Commands


def _learned(commands: Commands) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(commands.run("chrome", "list", "--json").stdout)
    return found


def test_learned_chrome_is_listed_and_forgotten_for_good(commands: Commands, database: Database) -> None:
    commands.run("migrate")
    add_document(database, platform="bolt")
    with database.reading() as session:
        platform_id = session.scalars(select(PlatformRow.id)).one()
    ChromeStore(database).learn(platform_id, [("aa", "Careers"), ("bb", "Press")], START)
    assert [(one["platform"], one["text"]) for one in _learned(commands)] == [("bolt", "Careers"), ("bolt", "Press")]
    assert "2 blocks of bolt" in commands.run("chrome", "forget", "bolt").stdout
    assert _learned(commands) == []
    ChromeStore(database).learn(platform_id, [("aa", "Careers")], START)
    assert _learned(commands) == []


def test_a_platform_of_which_nothing_was_learned_is_named(commands: Commands) -> None:
    commands.run("migrate")
    assert "nothing is left out of bolt's documents" in commands.refusal("chrome", "forget", "bolt")

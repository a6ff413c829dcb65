"""`endpoints rotate`."""

import pytest
from standardwebhooks import Webhook

from tests.factories.commands import Commands

HOOK = "https://hooks.acme.example/in"


def test_a_new_secret_is_shown_once_and_is_one(commands: Commands) -> None:
    first = commands.json("endpoints", "add", "webhook", HOOK)
    rotated = commands.json("endpoints", "rotate", HOOK, "--overlap", "2h")
    assert rotated["id"] == first["id"]
    assert rotated["secret"] != first["secret"]
    Webhook(rotated["secret"])
    assert rotated["secret"] not in commands("endpoints", "list", "--json")
    assert "signs too for 7 days" in commands("endpoints", "rotate", HOOK, "--overlap", "7d")
    assert "signs nothing any more" in commands("endpoints", "rotate", HOOK, "--overlap", "0h")


@pytest.mark.parametrize("overlap", ["soon", "31d", "-1h", "9999999999999w"])
def test_an_unusable_overlap_is_refused(commands: Commands, overlap: str) -> None:
    commands("endpoints", "add", "webhook", HOOK)
    assert "overlap" in commands.refusal("endpoints", "rotate", HOOK, f"--overlap={overlap}")


def test_a_mailbox_has_no_secret(commands: Commands) -> None:
    commands("endpoints", "add", "email", "reader@acme.example")
    assert "has no secret" in commands.refusal("endpoints", "rotate", "reader@acme.example")

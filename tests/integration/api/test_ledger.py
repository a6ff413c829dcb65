"""The ledger as others see it: what they keep fits what `evidence verify` takes, and the page lists the heads."""

from datetime import timedelta

import pytest

from services.api.routes import ledger as routes
from shared.clock import ManualClock
from shared.db.ledger.sequencing import Sequencer
from shared.db.session import Database
from shared.evidence.heads import SigningKey
from shared.evidence.verifying import BadTrust, trust_in
from tests.factories.accounts import add_change, add_document
from tests.integration.api.conftest import Ask

PATH = "/.well-known/clausewatch-ledger"


def test_the_ledger_is_published(
    ask: Ask, database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "_HEADS", 3)
    empty = ask("GET", PATH)
    assert empty.json() == {"format": "clausewatch-ledger/1", "head": None, "public_key": None, "public_keys": []}
    with pytest.raises(BadTrust, match="no head was signed yet"):
        trust_in(key=None, head=empty.content)
    assert "Nothing is in it yet" in ask("GET", "/ledger").text

    add_change(database, add_document(database))
    earlier, later = (SigningKey.derived(name * 32) for name in "ab")
    for number in range(5):  # a head for each entry
        Sequencer(database, clock, later if number == 4 else earlier, page=1).take_page()
        clock.advance(timedelta(minutes=1))

    answer = ask("GET", PATH)
    trust = trust_in(key=None, head=answer.content)
    assert trust.head is not None
    assert (trust.head.seq, trust.head.key_id) == (5, later.public.id)
    assert [key.id for key in trust.keys] == [later.public.id, earlier.public.id]
    assert answer.json()["public_key"] == later.public.pem
    assert ask("GET", PATH, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304

    first = ask("GET", "/ledger").text
    assert trust.head.hash in first
    assert '<a class="button" href="/ledger?before=3">Older heads</a>' in first
    rest = ask("GET", "/ledger?before=3").text
    assert "Older heads" not in rest
    assert rest.count('<th scope="row"') == 2
    assert ask("GET", "/ledger?before=9e9").text == first
    assert '<a href="/ledger">a signed ledger</a>' in ask("GET", "/methodology").text

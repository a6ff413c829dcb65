"""The ledger as others see it: what they keep fits what `evidence verify` takes, and the page lists the heads."""

import json
import re
import shlex
from datetime import timedelta
from pathlib import Path

import pytest

from services.api.routes import ledger as routes
from services.api.v1.routes import ledger as entries
from shared.clock import ManualClock
from shared.db.ledger.reading import Ledger
from shared.db.ledger.sequencing import Sequencer
from shared.db.session import Database
from shared.evidence.bundle import zipped
from shared.evidence.heads import SigningKey
from shared.evidence.ledger import Kind, canonical_json
from shared.evidence.verifying import BadTrust, trust_in
from tests.factories.accounts import add_change, add_document
from tests.factories.bundles import KEY as BUNDLE_KEY
from tests.factories.commands import Commands
from tests.integration.api.conftest import Ask

PATH = "/.well-known/clausewatch-ledger"
ENTRIES = "/api/v1/ledger/entries"


DOC = Path(__file__).parents[3] / "docs" / "evidence.md"


def test_the_entries_between_are_published_and_join_a_bundle_to_a_later_head(
    ask: Ask, database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The commands of docs/evidence.md, one by one."""
    assert ask("GET", ENTRIES).content == b""
    document_id = add_document(database)
    change = add_change(database, document_id)
    sequencer = Sequencer(database, clock, BUNDLE_KEY)
    sequencer.run_once()
    proof = Ledger(database).proof([(Kind.CHANGE, change)])
    clock.advance(timedelta(minutes=1))
    for number in (2, 3):
        add_change(database, document_id, number)
        sequencer.run_once()
    assert len(ask("GET", ENTRIES).content.splitlines()) == 10, "no head vouches for the last five yet"

    chain = {"segments": [segment.to_json() for segment in proof.segments]}
    files = {"ledger.json": canonical_json(chain), "public_key.pem": proof.public_keys.encode()}
    (tmp_path / "bundle.zip").write_bytes(zipped(files))
    [block] = [one for one in re.findall(r"```\n(.*?)```", DOC.read_text(), re.DOTALL) if "--entries" in one]
    *downloads, check = (shlex.split(line) for line in block.splitlines())
    for _, _, address, _, name in downloads:
        (tmp_path / name).write_bytes(ask("GET", address.removeprefix("https://clausewatch.example")).content)
    monkeypatch.chdir(tmp_path)
    found = json.loads(Commands(tmp_path / "none").run(*check[1:], "--json").stdout)
    said = f"entry 5 (change {change}) is under head 10, signed by key {BUNDLE_KEY.public.id} at "
    assert [line.startswith(said) for line in found["proven"]] == [True]

    whole = ask("GET", f"{ENTRIES}?from=2&to=4")
    assert [json.loads(line)["seq"] for line in whole.content.splitlines()] == [2, 3, 4]
    assert "max-age=86400" in whole.headers["cache-control"]
    assert ask("GET", f"{ENTRIES}?from=2&to=4", headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    assert "max-age=0" in ask("GET", f"{ENTRIES}?from=2").headers["cache-control"]
    assert ask("GET", f"{ENTRIES}?from=0").status_code == 422
    monkeypatch.setattr(entries, "_MOST", 4)
    assert ask("GET", ENTRIES).headers["link"] == f'<{ENTRIES}?from=5>; rel="next"'
    assert "link" not in ask("GET", f"{ENTRIES}?to=4").headers


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

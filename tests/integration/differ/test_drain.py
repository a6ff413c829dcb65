"""The differ's promises on real databases: who is told, of what, and when nobody is."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.differ.core.extract import fingerprint as fingerprint_of
from services.differ.handlers import reading
from shared.db.differ_accepting import NothingToAccept, accept_unusable
from shared.db.session import Database
from shared.db.tables import DocumentRow, EventHandledRow, ProvisionRow
from tests.factories.judging import ERROR_PAGE, START, Bench, terms

SHORTER = ("30 days' notice if", "14 days' notice if")
OLDER = ("at least 13 years", "at least 16 years")


@pytest.fixture
def bench(database_url: str, tmp_path: Path) -> Iterator[Bench]:
    database = Database(database_url)
    yield Bench(database, tmp_path)
    database.close()


def test_a_first_text_becomes_version_one_and_no_change(bench: Bench) -> None:
    assert bench.look(terms()) == "candidate"
    assert bench.confirm_at == bench.clock.now() + timedelta(minutes=10)
    assert bench.look(terms(noise="x"), confirming=True) == "confirmed"
    assert [version.sequence for version in bench.versions] == [1]
    assert bench.changes == []
    assert bench.confirm_at is None


def test_a_confirmed_change_is_written_with_its_event(bench: Bench) -> None:
    bench.confirm(terms())
    assert bench.look(terms(SHORTER)) == "candidate"
    assert bench.events("change.detected") == []
    assert bench.look(terms(SHORTER), confirming=True) == "confirmed"
    [change] = bench.changes
    [event] = bench.events("change.detected")
    assert (change.outcome, change.alert, change.severity, change.direction) == ("changed", True, "high", "worse")
    assert (event["change_id"], event["sequence"], event["alert"]) == (change.id, 2, True)
    facts = [fact for provision in change.report["provisions"] for fact in provision["facts"]]
    assert [(fact["kind"], fact["before_value"], fact["after_value"]) for fact in facts] == [("quantity", 30, 14)]
    assert change.report["evidence"]["old"]["version"] == bench.versions[0].id
    assert change.report["evidence"]["new"]["text_sha256"] == bench.versions[1].text_sha256


def test_provisions_keep_their_identity(bench: Bench) -> None:
    bench.confirm(terms())
    bench.confirm(terms(SHORTER))
    old, new = (
        {row.provision_id for row in bench.rows(ProvisionRow) if row.version_id == version.id}
        for version in bench.versions
    )
    assert old == new


def test_noise_is_not_even_a_candidate(bench: Bench) -> None:
    bench.confirm(terms())
    assert bench.look(terms(noise="banner 8123")) == "unchanged"
    assert bench.versions[0].last_seen_at == bench.clock.now()


def test_a_flap_is_recorded_and_told_to_nobody(bench: Bench) -> None:
    bench.confirm(terms())
    assert bench.look(terms(SHORTER)) == "candidate"
    assert bench.look(terms(), confirming=True) == "flap"
    assert bench.changes == []
    assert bench.head.candidate_text is None


def test_an_editorial_change_is_a_version_and_no_alert(bench: Bench) -> None:
    bench.confirm(terms())
    assert bench.confirm(terms(("upload. You grant", "upload; you grant"))) == "confirmed"
    [change] = bench.changes
    assert (change.outcome, change.alert) == ("editorial", False)
    assert [event["alert"] for event in bench.events("change.detected")] == [False]


def test_a_return_is_told_once_and_then_only_recorded(bench: Bench) -> None:
    bench.confirm(terms())
    outcomes = [bench.confirm(terms(SHORTER) if turn % 2 == 0 else terms()) for turn in range(4)]
    assert outcomes == ["confirmed", "reverted", "alternating", "alternating"]
    assert [change.alert for change in bench.changes] == [True, True, False, False]
    assert [change.report["outcome"] for change in bench.changes] == ["changed", "reverted", "reverted", "reverted"]
    assert bench.changes[1].report["seen_before"] == bench.versions[0].id
    bench.clock.advance(timedelta(days=31))
    assert bench.confirm(terms(SHORTER)) == "reverted"
    assert bench.changes[-1].alert


def test_an_unusable_capture_is_kept_and_looked_at_again(bench: Bench) -> None:
    bench.confirm(terms())
    assert bench.look(ERROR_PAGE) == "unusable"
    assert bench.versions[0].sequence == 1
    assert bench.confirm_at is not None
    assert bench.look(terms()) == "unchanged"


def test_unreadable_is_told_once_and_once_more_when_it_ends(bench: Bench) -> None:
    bench.confirm(terms())
    for _ in range(4):
        bench.look(ERROR_PAGE, after=timedelta(hours=12), confirming=True)
    assert [(condition.kind, condition.ended_at) for condition in bench.conditions] == [("unreadable", None)]
    assert len(bench.events("condition.began")) == 1
    bench.look(terms(), after=timedelta(hours=1))
    assert len(bench.events("condition.ended")) == 1
    assert bench.conditions[0].ended_at == bench.clock.now()


def test_a_bot_check_that_differs_at_every_look_becomes_unreadable_too(bench: Bench) -> None:
    """It names a request; a document that never showed anything else is told of once, and asked ever less often."""
    for ray in range(5):
        page = ERROR_PAGE.replace("later.", f"later. Ray ID: 8f3a{ray}c91d")
        assert bench.look(page, after=timedelta(hours=12 if ray else 0), confirming=True) == "unusable"
    assert [(condition.kind, condition.ended_at) for condition in bench.conditions] == [("unreadable", None)]
    assert len(bench.events("condition.began")) == 1
    assert bench.confirm_at == bench.clock.now() + timedelta(hours=12)


def test_the_operator_can_accept_what_was_judged_unusable(bench: Bench) -> None:
    bench.confirm(terms())
    assert bench.look(ERROR_PAGE) == "unusable"
    accept_unusable(bench.database, bench.document_id, bench.clock.now())
    assert bench.confirm_at == bench.clock.now()
    assert bench.look(ERROR_PAGE, confirming=True) == "candidate"
    assert bench.look(ERROR_PAGE, confirming=True) == "confirmed"


def test_there_is_nothing_to_accept_on_a_readable_document(bench: Bench) -> None:
    bench.confirm(terms())
    with pytest.raises(NothingToAccept, match="shows no unusable text now"):
        accept_unusable(bench.database, bench.document_id, bench.clock.now())


def test_a_capture_without_any_text_is_not_accepted(bench: Bench) -> None:
    """It would stay unusable for ever: there is nothing to confirm."""
    bench.confirm(terms())
    assert bench.look(b"PK\x03\x04" + bytes(400)) == "unusable"
    with pytest.raises(NothingToAccept, match="showed no text that could be accepted: unreadable: "):
        accept_unusable(bench.database, bench.document_id, bench.clock.now())
    assert bench.head.accepted_text is None


def test_a_new_extractor_alerts_nobody(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release reads the head's own capture anew, so that like is compared with like (guarantee 8)."""
    bench.confirm(terms())
    monkeypatch.setattr(reading, "fingerprint", lambda contents, chrome: "next " + fingerprint_of(contents, chrome))
    monkeypatch.setattr(reading, "extract", _reads_shouting)
    bench.drain = bench.differ()
    assert bench.look(terms(noise="y")) == "unchanged"
    assert [version.origin for version in bench.versions] == ["confirmed", "re-extraction"]
    assert bench.changes == []
    assert bench.events("change.detected") == []
    assert bench.confirm(terms(SHORTER)) == "confirmed"
    [change] = bench.changes
    assert change.report["counts"]["modified"] == 1
    old, new = (bench.versions[1].id, bench.versions[2].id)
    ids = {
        version: {r.provision_id for r in bench.rows(ProvisionRow) if r.version_id == version} for version in (old, new)
    }
    assert ids[old] == ids[new]


def _reads_shouting(contents: tuple[reading.PartContent, ...], *, chrome: reading.ChromeSet) -> reading.Extraction:
    """An extractor of a later version, which reads other text from the same bytes."""
    from dataclasses import replace

    from services.differ.core.extract import extract

    extraction = extract(contents, chrome=chrome)
    blocks = tuple(replace(b, text=f"{b.text} ·", canonical=f"{b.canonical} ·") for b in extraction.blocks)
    return reading.Extraction(blocks, extraction.title, extraction.language, reading.fingerprint(contents, chrome))


def test_a_poisonous_snapshot_holds_nothing_up(bench: Bench) -> None:
    bench.confirm(terms())
    poisoned = bench.record(terms(OLDER))
    later = bench.record(terms())
    bench.drain.give_up(bench.document_id, "MemoryError")
    assert bench.judgement(poisoned).outcome == "unusable"
    assert bench.judgement(poisoned).reason == "unreadable"
    bench.drain.drain(bench.document_id)
    assert bench.judgement(later).outcome == "unchanged"


def test_every_judgement_settles_its_own_event(bench: Bench) -> None:
    bench.record(terms())
    bench.record(terms(), confirming=True)
    assert bench.drain.drain(bench.document_id) == 2
    handled = {(row.event_id, row.consumer) for row in bench.rows(EventHandledRow)}
    assert len(handled) == 2
    assert {consumer for _, consumer in handled} == {"differ"}


def test_candidates_that_keep_differing_are_unstable(bench: Bench) -> None:
    bench.confirm(terms())
    for hour, age in enumerate((14, 15, 17, 18, 19, 20, 21, 22)):
        text = terms(("at least 13 years", f"at least {age} years"))
        bench.look(text, after=timedelta(hours=1 if hour else 0), confirming=True)
    assert [condition.kind for condition in bench.conditions] == ["unstable"]
    assert bench.changes == []
    assert bench.conditions[0].began_at > START


def test_a_part_declared_later_does_not_read_the_head_for_ever(bench: Bench) -> None:
    """The head's capture has no such part, so no reading of it can have today's fingerprint."""
    bench.confirm(terms())
    with bench.database.transaction() as session:
        row = session.get_one(DocumentRow, bench.document_id)
        row.declaration = {"parts": [*row.declaration["parts"], {"url": "https://acme.example/annex"}]}
        session.add(row)
    bench.clock.advance(timedelta(minutes=10))
    annex = (
        "<html lang=en><main><h1>Annex</h1><p>The fee is 20 euros a month, and it is due in advance.</p></main></html>"
    )
    for confirming in (False, True):
        bench.record(terms(), annex, confirming=confirming)
        bench.clock.advance(timedelta(minutes=10))
    assert bench.drain.drain(bench.document_id) == 2
    assert [version.origin for version in bench.versions] == ["confirmed", "confirmed"]
    assert bench.changes[0].report["counts"]["removed"] == 0

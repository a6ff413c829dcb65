"""A bundle and a head of another time: joined by the entries between, or where the chain breaks."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.evidence.heads import SigningKey
from shared.evidence.ledger import Entry, Kind, canonical_json, next_entry, sha256_hex
from shared.evidence.verifying import BadTrust, trust_in, verify
from tests.factories.bundles import AT, KEY, bundle

WHOLE = bundle()
OWN = [
    Entry.from_json(entry) for segment in json.loads(WHOLE["ledger.json"])["segments"] for entry in segment["entries"]
]


def after(entry: Entry, count: int, what: str = "later") -> list[Entry]:
    found = [entry]
    for number in range(count):
        at = AT + timedelta(minutes=number)
        found.append(next_entry(found[-1], Kind.SNAPSHOT, f"{what}_{number}", sha256_hex(b""), at))
    return found[1:]


LATER = after(OWN[-1], 4)


def checked(head: Entry, entries: list[Entry] | None, key: SigningKey = KEY) -> tuple[list[str], list[str], str]:
    """Faults, what is proven of entries, and remarks, under a head over that entry."""
    lines = b"".join(canonical_json(entry.to_json()) + b"\n" for entry in entries or ())
    published = canonical_json(key.head(head, AT).to_json())
    verdict = verify(WHOLE, trust_in(key=None, head=published, entries=None if entries is None else lines))
    proven = [line for line in verdict.proven if line.startswith("entry")]
    return [str(fault) for fault in verdict.faults], proven, " ".join(verdict.remarks)


def test_every_entry_is_shown_to_be_under_a_later_head() -> None:
    faults, proven, _ = checked(LATER[-1], LATER)
    assert faults == []
    signed = f"head 9, signed by key {KEY.public.id} at 2026-05-01 12:00:00 UTC"
    assert [line.partition(" (")[0] for line in proven] == [f"entry {seq}" for seq in range(1, 6)]
    assert proven[4] == f"entry 5 (change chg_1) is under {signed}"


def test_a_bundle_follows_on_a_head_that_is_older() -> None:
    faults, proven, _ = checked(OWN[1], [])
    assert faults == []
    assert [" is under " in line for line in proven] == [True, True, False, False, False]
    assert "entry 3 (snapshot snp_new) follows on head 2" in proven[2]


def test_without_the_entries_it_says_which_it_needs_and_claims_nothing() -> None:
    faults, proven, remarks = checked(LATER[-1], None)
    assert (faults, proven) == ([], [])
    assert "take entries 6 to 8 from" not in remarks
    assert "take entries 6 to 9 from /api/v1/ledger/entries" in remarks


ALTERED = replace(LATER[1], content_sha256="f" * 64)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (LATER[:1] + LATER[2:], "the entries given: entries 7 to 7 are not among them: the chain from the bundle"),
        (LATER[:3], "the entries given: entries 9 to 9 are not among them"),
        ([LATER[0], ALTERED, *LATER[2:]], "the entries given, entry 7: its hash is not that of its fields"),
        (
            [LATER[0], replace(ALTERED, hash=ALTERED.expected_hash()), *LATER[2:]],
            "the entries given, entry 8: its previous hash is not that of entry 7",
        ),
        (after(OWN[-1], 4, "other"), "the published head 9: entry 9 has another hash: there are two ledgers"),
        (
            [replace(OWN[4], subject_id="chg_2"), *LATER],
            "the entries given, entry 5: it is another than the bundle's",
        ),
    ],
)
def test_where_the_chain_breaks_is_said(entries: list[Entry], said: str) -> None:
    faults, proven, _ = checked(LATER[-1], entries)
    assert proven == []
    assert any(fault.startswith(said) for fault in faults), faults


def test_a_second_ledger_under_the_same_key_is_found_by_a_later_head() -> None:
    """The bundle is of the one, head and entries are of the other; each is whole by itself."""
    other = after(replace(OWN[0], hash="e" * 64), 8, "other")
    faults, proven, _ = checked(other[-1], other)
    assert proven == []
    assert any("it is another than the bundle's" in fault for fault in faults)


@pytest.mark.parametrize(
    ("entries", "said"), [(b"{}", "line 1: an entry has other fields"), (b"[" * 100_000, "line 1"), (b"\xff", "line 1")]
)
def test_entries_that_are_none_are_refused(entries: bytes, said: str) -> None:
    with pytest.raises(BadTrust, match=said):
        trust_in(key=None, head=WHOLE["head.json"], entries=entries)
    with pytest.raises(BadTrust, match="entries alone prove nothing"):
        trust_in(key=None, head=None, entries=entries)

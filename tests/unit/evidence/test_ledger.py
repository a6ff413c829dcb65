"""The chain by itself: what is hashed, and what is noticed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.evidence.ledger import (
    GENESIS,
    Entry,
    Head,
    Kind,
    NoLedger,
    Segment,
    broken_links,
    canonical_json,
    hash_of,
    moment,
    moment_from,
    next_entry,
    part_facts,
    raw_sha256,
)

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


def chain(length: int) -> list[Entry]:
    entries: list[Entry] = []
    for n in range(length):
        last = entries[-1] if entries else None
        entries.append(next_entry(last, Kind.SNAPSHOT, f"snp_{n}", hash_of({"id": n}), AT + timedelta(seconds=n)))
    return entries


def test_what_is_hashed_of_an_entry_stays_as_it_is_documented() -> None:
    """A change of one byte here would make every published head worthless."""
    first = next_entry(None, Kind.VERSION, "ver_a", "c" * 64, AT)
    plain = (
        '{"at":"2026-05-01T12:00:00.000000Z","content_sha256":"' + "c" * 64 + '","kind":"version",'
        '"previous":"' + GENESIS + '","seq":1,"subject_id":"ver_a"}'
    )
    without_hash = {name: value for name, value in first.to_json().items() if name != "hash"}
    assert canonical_json(without_hash) == plain.encode()
    assert first.hash == "d7fa34468b44503402d61df13d3b968d47e2bde2b454fca50e3b1e5a64b7f6dd"  # by sha256sum


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ({"b": 1, "a": [True, None, "ü\n"]}, '{"a":[true,null,"ü\\n"],"b":1}'.encode()),
        ({"confidence": 0.9}, b'{"confidence":0.9}'),
        ("\ud800", b'"\xed\xa0\x80"'),
    ],
)
def test_canonical_json(value: Any, form: bytes) -> None:
    assert canonical_json(value) == form


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1)), st.integers(-12, 12))
def test_a_moment_is_written_in_one_way(naive: datetime, hours: int) -> None:
    at = naive.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert moment_from(moment(at)) == at


def test_what_lets_somebody_in_is_no_evidence() -> None:
    headers = [["ETag", '"1"'], ["Set-Cookie", "session=1"], ["www-authenticate", "Basic"]]
    kept = {
        "url": "u",
        "final_url": "u",
        "status": 200,
        "redirects": [],
        "request_headers": [],
        "sha256": "",
        "size": 0,
    }
    facts = part_facts(**kept, headers=headers, started_at=AT, finished_at=AT, reused=False)
    assert facts["headers"] == [["ETag", '"1"']]


def test_a_capture_of_several_parts_has_the_hash_of_their_hashes() -> None:
    assert raw_sha256(["a" * 64]) == "a" * 64
    both = "5e9ae866add9a85d69c3481d059bb9f158a39e5670ba11f95112fc409630894e"  # by sha256sum
    assert raw_sha256(["a" * 64, "b" * 64]) == both


def test_a_whole_chain_has_no_fault_and_survives_json() -> None:
    entries = chain(5)
    assert list(broken_links(entries)) == []
    assert list(broken_links(entries[3:], after=entries[2])) == []
    assert [Entry.from_json(entry.to_json()) for entry in entries] == entries
    segment = Segment(tuple(entries), Head(5, entries[4].hash, AT, "k" * 16, "c2ln"))
    assert Segment.from_json(segment.to_json()) == segment


@given(
    st.integers(0, 4),
    st.sampled_from(["seq", "kind", "subject_id", "content_sha256", "at", "previous", "hash"]),
)
def test_whichever_field_is_altered_its_entry_is_named(index: int, field: str) -> None:
    entries = chain(5)
    altered: dict[str, Any] = {
        "seq": 77,
        "kind": Kind.CHANGE,
        "at": AT - timedelta(days=1),
        "subject_id": "snp_other",
    }
    entries[index] = replace(entries[index], **{field: altered.get(field, "f" * 64)})
    assert entries[index].seq in {seq for seq, _ in broken_links(entries)}


def test_an_entry_hashed_anew_breaks_the_one_after_it() -> None:
    entries = chain(5)
    entries[1] = next_entry(entries[0], Kind.SNAPSHOT, "snp_other", hash_of({}), AT)
    assert list(broken_links(entries)) == [(3, "its previous hash is not that of entry 2")]


def test_an_entry_left_out_is_noticed() -> None:
    entries = chain(5)
    assert list(broken_links(entries[:2] + entries[3:])) == [(4, "it does not follow on entry 2")]
    assert list(broken_links([replace(entries[1], seq=1, hash="")]))[-1] == (
        1,
        "something stands before the first entry",
    )


@pytest.mark.parametrize(
    "change",
    [{"seq": "1"}, {"seq": True}, {"seq": 0}, {"more": 1}, {"at": "2026-05-01"}, {"kind": "rumour"}, {"hash": None}],
)
def test_what_is_no_entry_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(NoLedger):
        Entry.from_json(chain(1)[0].to_json() | change)

"""A bundle is whole, or each thing that was altered is named."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.evidence.heads import SigningKey
from shared.evidence.ledger import Entry, canonical_json, next_entry, sha256_hex
from shared.evidence.verifying import NO_TRUST, BadTrust, Trust, trust_in, verify
from tests.factories.bundles import BODIES, KEY, bundle, listed, record, request

WHOLE = bundle()
STRANGER = SigningKey.derived("a stranger's" * 3)
TRUSTED = Trust((KEY.public,))

Files = dict[str, bytes]
Json = Any


def faults(files: Files, trust: Trust = TRUSTED) -> list[str]:
    return [str(fault) for fault in verify(files, trust).faults]


@pytest.mark.parametrize("trust", [NO_TRUST, TRUSTED])
@pytest.mark.parametrize("is_revised", [False, True])
def test_a_whole_bundle_has_no_fault(trust: Trust, is_revised: bool) -> None:
    verdict = verify(bundle(is_revised=is_revised), trust)
    assert verdict.faults == ()
    assert verdict.proven[4] == (
        "change chg_1: entry 5 of 2026-05-01 12:00:05 UTC, signed at "
        f"{5 + is_revised} on 2026-05-01 12:00:0{5 + is_revised} UTC"
    )
    says_whose = any("shows whose it is" in remark for remark in verdict.remarks)
    assert says_whose is (trust is NO_TRUST)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_any_one_byte_altered_in_any_file_is_found_and_named(path: str, data: st.DataObject) -> None:
    found = verify({**WHOLE, path: _one_byte_other(WHOLE[path], data)}, TRUSTED).faults
    # a manifest that speaks of other files is found by those files
    assert found if path == "manifest.json" else path in {fault.where for fault in found}


@pytest.mark.parametrize(
    "path", ["head.json", "texts/new.txt", "ledger.json", "facts/change-chg_1.json", "report.json"]
)
@pytest.mark.parametrize("field", ["sha256", "bytes"])
def test_a_manifest_that_was_altered_is_blamed_itself(path: str, field: str) -> None:
    value = json.loads(WHOLE["manifest.json"])
    [entry] = [one for one in value["files"] if one["path"] == path]
    entry[field] = 9_999 if field == "bytes" else "f" * 64
    [fault] = faults({**WHOLE, "manifest.json": canonical_json(value)})
    assert fault.startswith(f"manifest.json: what it says of {path} is not so")


_COVERED = sorted(set(WHOLE) - {"redline.html", "README.txt", "manifest.json", "captures.warc.gz"})
"""By the ledger. Of captures that is what they unpack to: gzip has bits that mean nothing."""


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(_COVERED), st.data())
def test_so_is_one_for_which_the_manifest_was_made_to_fit(path: str, data: st.DataObject) -> None:
    altered = listed({**WHOLE, path: _one_byte_other(WHOLE[path], data)})
    assert faults(altered) != []


def _one_byte_other(content: bytes, data: st.DataObject) -> bytes:
    at = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[at]))
    return content[:at] + bytes([other]) + content[at + 1 :]


@pytest.mark.parametrize("path", sorted(set(WHOLE) - {"redline.html"}))
def test_a_file_left_out_is_missed(path: str) -> None:
    rest = {name: data for name, data in WHOLE.items() if name != path}
    assert any(fault.startswith(path) for fault in faults(rest))
    if path != "manifest.json":
        assert faults(listed(rest)) != []


def change(path: str, edit: Callable[[Json], Json]) -> Files:
    """The bundle of a forger who alters one file and makes the manifest fit."""
    value = json.loads(WHOLE[path])
    edit(value)
    return listed({**WHOLE, path: canonical_json(value)})


def entries(value: Json) -> list[Json]:
    return [entry for segment in value["segments"] for entry in segment["entries"]]


def rechained(files: Files, key: SigningKey | None) -> Files:
    """All entries hashed anew over the facts as they are now; signed anew where the forger has a key."""
    value = json.loads(files["ledger.json"])
    last: Entry | None = None
    for segment in value["segments"]:
        for place, old in enumerate(segment["entries"]):
            entry = Entry.from_json(old)
            facts = files[f"facts/{entry.kind}-{entry.subject_id}.json"]
            last = next_entry(last, entry.kind, entry.subject_id, sha256_hex(facts), entry.at)
            segment["entries"][place] = last.to_json()
        assert last
        segment["head"]["hash"] = last.hash
        if key:
            segment["head"] = key.head(last, last.at).to_json()
    return listed(
        {
            **files,
            "ledger.json": canonical_json(value),
            "head.json": canonical_json(value["segments"][-1]["head"]),
            **({"public_key.pem": key.public.pem.encode()} if key else {}),
        }
    )


def other_capture(**altered: bytes) -> Files:
    warc = b"".join(record(one).replace(BODIES[one], altered.get(one, BODIES[one])) for one in BODIES)
    return listed({**WHOLE, "captures.warc.gz": gzip.compress(warc)})


def asked(*others: bytes) -> Files:
    """With these records behind those of the captures."""
    return listed({**WHOLE, "captures.warc.gz": gzip.compress(b"".join([*map(record, BODIES), *others]))})


INFO = b"WARC/1.1\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
TEXT = listed({**WHOLE, "texts/new.txt": b"44 days"})
FACT = change("facts/version-ver_new.json", lambda facts: facts.update(text_sha256="f" * 64))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (change("report.json", lambda report: report.update(confidence=1.0)), "report.json: its SHA-256 is "),
        (TEXT, "texts/new.txt: its SHA-256 is "),
        (other_capture(snp_new=b"<p>44 days</p>"), "captures.warc.gz, snapshot snp_new: the SHA-256 of what was "),
        (
            change("headers.json", lambda parts: parts["snp_old"][0].update(status=404)),
            "headers.json, snapshot snp_old: the SHA-256 of its canonical JSON is ",
        ),
        (FACT, "facts/version-ver_new.json: its SHA-256 is "),
        (
            change("ledger.json", lambda value: entries(value)[3].update(subject_id="ver_other")),
            "ledger.json, entry 4: its hash is not that of its fields",
        ),
        (
            change("ledger.json", lambda value: value["segments"][1]["entries"].pop(1)),
            "ledger.json, entry 5: it does not follow on entry 3",
        ),
        (
            change("ledger.json", lambda value: value["segments"][1]["entries"].pop()),
            "ledger.json, head 5: its segment ends with entry 4",
        ),
        (
            change("ledger.json", lambda value: value["segments"][0]["head"].update(at="2020-01-01T00:00:00.000000Z")),
            "ledger.json, head 2: its signature does not fit its fields",
        ),
        (change("head.json", lambda head: head.update(seq=6)), "head.json: it is not the newest head of ledger.json"),
        (rechained(FACT, None), "ledger.json, head 5: its signature does not fit its fields"),
        (rechained(WHOLE, STRANGER), f"ledger.json, head 5: it is signed with the key {STRANGER.public.id}; the keys"),
        (
            listed({**WHOLE, "facts/version-ver_9.json": WHOLE["facts/version-ver_new.json"]}),
            "facts/version-ver_9.json: it is of ver_new",
        ),
        (listed({**WHOLE, "facts/version-ver_9.json": b"[]"}), "facts/version-ver_9.json: no entry of ledger.json"),
        ({**WHOLE, "more.txt": b""}, "more.txt: the manifest does not list it"),
        (listed(WHOLE, missing=("text:ver_x",)), "manifest.json: 'text:ver_x' is said to be missing, and is nothing"),
        (listed(WHOLE, missing=("text:ver_new",)), "texts/new.txt: the manifest says that it is missing"),
        (listed({**WHOLE, "captures.warc.gz": b"x"}), "captures.warc.gz: it is not packed with gzip"),
        (listed({**WHOLE, "captures.warc.gz": gzip.compress(b"x")}), "captures.warc.gz: it is no WARC file"),
        (
            listed({**WHOLE, "captures.warc.gz": gzip.compress(record("snp_new"))}),
            "captures.warc.gz, snapshot snp_old: no record holds it",
        ),
        (
            asked(request("snp_old", more="Cookie: a\r\n")),
            "captures.warc.gz, snapshot snp_old, part 0: the request is not that of headers.json",
        ),
        (
            asked(request("snp_old", line="POST /terms HTTP/1.1")),
            "captures.warc.gz, snapshot snp_old, part 0: the request is not that of headers.json",
        ),
        (
            asked(request("snp_old", url="https://other.example/terms")),
            "captures.warc.gz, snapshot snp_old, part 0: a request is to another address than that of headers.json",
        ),
        (
            asked(request("snp_old", part=1)),
            "captures.warc.gz, snapshot snp_old, part 1: a request is to another address than that of headers.json",
        ),
        (
            asked(request("snp_old"), request("snp_old")),
            "captures.warc.gz, snapshot snp_old: its requests are not in order, each once",
        ),
        (asked(request("snp_other")), "captures.warc.gz, snapshot snp_other: there are no facts of it"),
        (
            asked(request("snp_old").replace(b": request", b": resource")),
            "captures.warc.gz: it holds a record that is neither an answer nor what was asked for",
        ),
        (asked(INFO), "captures.warc.gz: it holds a record that is neither an answer nor what was asked for"),
        (listed({**WHOLE, "ledger.json": b"[" * 100_000}), "ledger.json: it is not JSON"),
        (listed({**WHOLE, "ledger.json": b'{"segments": []}'}), "ledger.json: it is not in canonical JSON"),
    ],
)
def test_a_forgery_for_which_the_manifest_fits_is_named(files: Files, said: str) -> None:
    assert any(fault.startswith(said) for fault in faults(files)), faults(files)


def test_all_faults_are_named_and_not_the_first_alone() -> None:
    files = {**WHOLE, "texts/old.txt": b"x", "redline.html": b"y", "report.json": b"{}"}
    assert {fault.partition(":")[0] for fault in faults(files)} == {"texts/old.txt", "redline.html", "report.json"}


@pytest.mark.parametrize("first", [b"", INFO])
@pytest.mark.parametrize("requests", [(), ("snp_new",), ("snp_old", "snp_new")])
def test_captures_may_say_what_they_are_and_what_was_asked_for(first: bytes, requests: tuple[str, ...]) -> None:
    warc = first + b"".join([*map(record, BODIES), *map(request, requests)])
    assert faults(listed({**WHOLE, "captures.warc.gz": gzip.compress(warc)})) == []


def test_what_the_installation_no_longer_had_is_no_fault_and_said() -> None:
    warc = gzip.compress(record("snp_new"))
    rest = {path: data for path, data in WHOLE.items() if path != "texts/old.txt"}
    files = listed({**rest, "captures.warc.gz": warc}, missing=("capture:snp_old", "text:ver_old"))
    verdict = verify(files, TRUSTED)
    assert verdict.faults == ()
    assert verdict.remarks[0] == "capture:snp_old: kept no longer; its hash alone is proven"


def published(files: Files, *pems: str) -> bytes:
    return json.dumps({"head": json.loads(files["head.json"]), "public_keys": pems}).encode()


def test_a_published_head_tells_a_bundle_from_a_forged_one() -> None:
    """The forger signs with a key of their own, and even names it as ours."""
    ours = trust_in(key=None, head=published(WHOLE, KEY.public.pem))
    assert faults(WHOLE, ours) == []
    assert verify(WHOLE, ours).proven[-1] == (
        f"entry 5 (change chg_1) is under head 5, signed by key {KEY.public.id} at 2026-05-01 12:00:05 UTC"
    )
    assert faults(WHOLE, trust_in(key=None, head=WHOLE["head.json"])) == []

    forged = rechained(FACT, STRANGER)
    assert {fault.partition(":")[0] for fault in faults(forged, NO_TRUST)} == {"texts/new.txt"}
    assert any(fault.startswith("ledger.json, head 5: it is signed with the key") for fault in faults(forged, ours))
    bare = trust_in(key=None, head=WHOLE["head.json"])
    assert any(fault.startswith("the published head 5: it is signed with") for fault in faults(forged, bare))


def test_two_ledgers_under_one_key_are_told_apart() -> None:
    """An installation that rewrites its ledger and signs it anew is caught by a head that was kept."""
    rewritten = rechained(FACT, KEY)
    kept = trust_in(key=KEY.public.pem.encode(), head=published(WHOLE, KEY.public.pem))
    assert "the published head 5: entry 5 has another hash: there are two ledgers" in faults(rewritten, kept)


@pytest.mark.parametrize(
    ("given_key", "given_head", "said"),
    [
        (b"x", None, "the key cannot be used: it holds no public keys"),
        (KEY.pem.encode(), None, "the key cannot be used"),
        (None, b"x", "the head cannot be used"),
        (None, b"{}", "the head cannot be used: a head has other fields"),
        (STRANGER.public.pem.encode(), WHOLE["head.json"], "which is not among those given"),
        (None, published(WHOLE, STRANGER.public.pem), "which is not among those given"),
        (None, published(WHOLE, KEY.public.pem).replace(b'"seq": 5', b'"seq": 6'), "the head is not genuine"),
    ],
)
def test_what_cannot_be_trusted_is_refused(given_key: bytes | None, given_head: bytes | None, said: str) -> None:
    with pytest.raises(BadTrust, match=said):
        trust_in(key=given_key, head=given_head)

"""Captures as a WARC file: what our reader and warcio, which shares no code with it, find in what we write."""

import io
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]

from shared.evidence.verifying.requests import request_faults
from shared.evidence.verifying.warc import Request, Response, records
from shared.evidence.warc import Captured, to_warc

ASKED = [["host", "acme.example"], ["user-agent", "Clausewatch"], ["accept-encoding", "gzip"]]


def part(url: str = "https://acme.example/terms", asked: list[list[str]] = ASKED) -> dict[str, Any]:
    return {
        "final_url": url,
        "status": 200,
        "request_headers": asked,
        "headers": [["content-type", "text/html"], ["content-encoding", "gzip"]],
        "started_at": "2026-04-01T09:00:00.000000Z",
        "finished_at": "2026-04-01T09:00:01.000000Z",
    }


CAPTURES = [
    Captured("snp_old", [part(), part("https://acme.example/more?page=2")], [b"<p>30 days</p>", b"\r\n\r\n"]),
    Captured("snp_new", [part(asked=[])], [b""]),
]


def test_it_says_what_it_is_and_what_was_asked_for_each_answer() -> None:
    found = ArchiveIterator(io.BytesIO(to_warc(CAPTURES)), check_digests="raise")
    kinds = [
        (record.rec_type, record.rec_headers["Clausewatch-Snapshot"], record.content_stream().read())
        for record in found
    ]
    assert [(kind, snapshot) for kind, snapshot, _ in kinds] == [
        ("warcinfo", None),
        ("response", "snp_old"),
        ("request", "snp_old"),
        ("response", "snp_old"),
        ("request", "snp_old"),
        ("response", "snp_new"),
    ]
    assert b"format: WARC File Format 1.1" in kinds[0][2]
    assert [body for kind, _, body in kinds if kind == "response"] == [b"<p>30 days</p>", b"\r\n\r\n", b""]


def test_a_request_is_tied_to_its_answer_and_every_record_has_an_id_of_its_own() -> None:
    found = [record.rec_headers for record in ArchiveIterator(io.BytesIO(to_warc(CAPTURES)))]
    ids = [headers["WARC-Record-ID"] for headers in found]
    assert len(set(ids)) == len(ids)
    assert [headers["WARC-Concurrent-To"] for headers in found] == [None, None, ids[1], None, ids[3], None]


def test_the_same_captures_give_the_same_bytes() -> None:
    assert to_warc(CAPTURES) == to_warc(CAPTURES)


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.example",
        "https://acme.example/",
        "https://acme.example/terms?a=1&b=%20#part",
        "https://acme.example/a;b?",
        "https://acme.example/%C3%A9",
    ],
)
def test_what_is_written_is_what_the_verifier_expects(url: str) -> None:
    parts = [part(url, [["host", "acme.example"], ["x-long", " padded "], ["x-latin", "caf\xe9"]])]
    response, request = records(to_warc([Captured("snp_1", parts, [b"x"])]))
    assert isinstance(response, Response)
    assert isinstance(request, Request)
    assert (response.url, response.part) == (request.url, request.part) == (url, 0)
    assert list(request_faults("here", [request], parts)) == []


def test_nothing_captured_is_an_empty_file() -> None:
    assert to_warc([]) == b""

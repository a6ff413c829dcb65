"""Two files, one report: which side cannot be compared, and what stands as evidence."""

import hashlib

import pytest

from services.differ.core.extract import PartContent
from services.differ.core.two_files import compare_files, read_file, unreadable
from tests.factories.policies import as_html, policy

GOOD = as_html(policy()).encode()
ERROR = b"<!doctype html><title>503</title><h1>Service unavailable</h1><p>Please try again later."


def _page(body: bytes) -> PartContent:
    return PartContent(None, "text/html", None, body)


@pytest.mark.parametrize(
    ("old", "new", "side"),
    [(ERROR, GOOD, "old"), (GOOD, ERROR, "new"), (ERROR, ERROR, "old"), (b"%PDF-1.7 broken", GOOD, "old")],
)
def test_the_unusable_side_is_named(old: bytes, new: bytes, side: str) -> None:
    report = compare_files(_page(old), _page(new), pair="p")

    assert report.unusable is not None
    assert (report.outcome, report.alert, report.unusable.side, report.pair) == ("unusable", False, side, "p")


def test_the_old_file_is_the_history_of_the_new() -> None:
    clauses = GOOD.decode().split("<h2>")
    shortened = "<h2>".join(clauses[:4]).encode()

    alone = compare_files(_page(shortened), _page(shortened))
    after = compare_files(_page(GOOD), _page(shortened))

    assert alone.outcome == "unchanged"
    assert after.unusable is not None
    assert after.unusable.side == "new"


def test_evidence_is_the_hash_of_bytes_and_of_text() -> None:
    evidence = compare_files(_page(GOOD), _page(GOOD + b"\n")).evidence

    assert evidence.old.snapshot_sha256 == hashlib.sha256(GOOD).hexdigest()
    assert evidence.new.snapshot_sha256 == hashlib.sha256(GOOD + b"\n").hexdigest()
    assert evidence.old.text_sha256 == evidence.new.text_sha256 is not None


def test_what_was_read_before_gives_the_same_report() -> None:
    new = as_html(policy(notice="14 days")).encode()
    kept = {body: read_file(_page(body)) for body in (GOOD, new)}

    with_kept = compare_files(_page(GOOD), _page(new), read=lambda content: kept[content.body])

    assert with_kept == compare_files(_page(GOOD), _page(new))


def test_a_file_that_cannot_be_had_is_unreadable() -> None:
    report = unreadable("new", "gone.html: no such file", pair=7)

    assert report.unusable is not None
    assert (report.unusable.reason, report.unusable.why) == ("unreadable", "gone.html: no such file")


def test_a_few_sentences_of_plain_writing_are_compared() -> None:
    """Nobody needs a whole page to ask what two wordings mean."""
    old, new = (
        PartContent(
            None, "text/markdown", None, f"# Terms\n\nWe may end it with {days} days' notice to you.\n".encode()
        )
        for days in (30, 14)
    )
    report = compare_files(old, new)
    assert report.outcome == "changed"
    assert [(fact.before_value, fact.after_value) for one in report.provisions for fact in one.facts] == [(30, 14)]

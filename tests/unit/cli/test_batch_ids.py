"""Ids of `compare --batch` that could not be given back in JSON are refused with the line's place."""

from pathlib import Path

import pytest

from services.cli.batch import Job, report_on


@pytest.mark.parametrize(
    ("identity", "why"),
    [
        ('{"a": 1}', "'id' must be"),
        ("[1]", "'id' must be"),
        ("1e400", "1e400 is too large"),
        ("-1e999", "-1e999 is too large"),
        ("NaN", "NaN is no JSON"),
        ("Infinity", "Infinity is no JSON"),
    ],
)
def test_an_impossible_id_is_refused_by_line(tmp_path: Path, identity: str, why: str) -> None:
    line = f'{{"id": {identity}, "old": "a.txt", "new": "b.txt"}}'
    report = report_on(Job("pairs.jsonl, line 7", line, tmp_path, (), ()))
    assert report.pair is None
    assert report.unusable is not None
    assert report.unusable.why.startswith("pairs.jsonl, line 7: ")
    assert why in report.unusable.why

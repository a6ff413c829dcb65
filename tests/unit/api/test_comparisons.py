"""A comparison is computed once, one at a time, and not for ever kept."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from services.api import comparisons
from services.api.comparisons import Busy, Comparisons
from services.differ.core.pipeline import segment
from shared.db.registry.versions import VersionEntry
from shared.domain.provisions import Provision
from tests.factories.differ import extraction
from tests.factories.policies import policy

START = datetime(2026, 4, 10, 8, tzinfo=UTC)


def version(sequence: int) -> VersionEntry:
    return VersionEntry(
        f"ver_{sequence}",
        "doc_1",
        sequence,
        "confirmed",
        text_sha256=f"{sequence:064}",
        fingerprint=f"{sequence:016}",
        title=None,
        language="en",
        dates=[],
        words=150,
        snapshot_id=f"snp_{sequence}",
        confirmed_by=f"snp_{sequence}",
        first_seen_at=START,
        last_seen_at=START,
    )


class Texts:
    """What versions say: notice of as many days as their sequence. Counts what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.ahead: Mapping[str, Any] | None = None

    def provisions(self, version_id: str) -> Sequence[Provision]:
        self.asked.append(version_id)
        return segment(extraction(policy(notice=f"{version_id[4:]} days")), identity_seed="seed")

    def compared(self, old: VersionEntry, new: VersionEntry) -> Mapping[str, Any] | None:
        return self.ahead


def test_two_versions_are_compared_once() -> None:
    texts = Texts()
    compared = Comparisons(texts)
    report = compared.of(version(30), version(14))
    assert report.headline is not None
    assert "30 days to 14 days" in report.headline.text
    assert compared.of(version(30), version(14)) is report
    assert texts.asked == ["ver_30", "ver_14"]


def test_what_was_compared_ahead_is_not_computed() -> None:
    texts = Texts()
    texts.ahead = Comparisons(Texts()).of(version(30), version(14)).to_json()
    compared = Comparisons(texts)
    report = compared.of(version(30), version(14))
    assert (report.to_json(), texts.asked) == (texts.ahead, [])
    assert compared.of(version(30), version(14)) is report


def test_what_was_asked_for_long_ago_is_computed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparisons, "_KEPT", 1)
    texts = Texts()
    compared = Comparisons(texts)
    for old, new in ((30, 14), (14, 7), (14, 7), (30, 14)):
        compared.of(version(old), version(new))
    assert texts.asked == ["ver_30", "ver_14", "ver_14", "ver_7", "ver_30", "ver_14"]


class SlowTexts(Texts):
    """Gives nothing before it is let go on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()

    def provisions(self, version_id: str) -> Sequence[Provision]:
        self.begun.set()
        assert self.go_on.wait(30)
        return super().provisions(version_id)


def test_who_waits_too_long_is_told_so() -> None:
    texts = SlowTexts()
    compared = Comparisons(texts, waits_s=0.01)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(compared.of, version(30), version(14))
        assert texts.begun.wait(30)
        with pytest.raises(Busy):
            compared.of(version(14), version(7))
        texts.go_on.set()
        assert first.result(30).headline is not None


def test_who_waits_for_the_same_gets_what_was_computed() -> None:
    texts = SlowTexts()
    compared = Comparisons(texts, waits_s=30)
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(compared.of, version(30), version(14)) for _ in range(2)]
        texts.go_on.set()
        assert both[0].result(30) is both[1].result(30)
    assert texts.asked == ["ver_30", "ver_14"]

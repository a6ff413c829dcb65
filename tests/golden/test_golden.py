"""Reports on pairs of texts of ours, each about one kind of change, kept whole and held against what must be said.

`pytest tests/golden --update-goldens` writes the reports anew; read them in `git diff` before committing. What a report
must say is written by hand in EXPECTED, so that no update blesses nonsense.
"""

import difflib
import json
from pathlib import Path

import pytest

from services.cli.files import read_part
from services.differ.core.render import to_markdown, to_terminal
from services.differ.core.two_files import compare_files
from shared.domain.report import Report

HERE = Path(__file__).parent
ANY = "*"
NOTICE = "Notice before termination fell from 30 days to 14 days."
EXPECTED: dict[str, tuple[str, str | None, str | None]] = {
    "age-raised": ("changed", "neutral", "The minimum age rose from 13 to 16."),
    "arbitration-added": (
        "changed",
        "worse",
        "New clause on arbitration: “Every dispute between you and us is settled by binding arbitration before a "
        "single arbitrator, and you waive the right to a jury trial” …",
    ),
    "chrome-only": ("unchanged", None, None),
    "clause-moved": (
        "editorial",
        "neutral",
        "No change of meaning. Moved to another place, its words unchanged: “We may suspend an account at once where "
        "it is used to attack other people's computers.”",
    ),
    "clause-split": (
        "editorial",
        "neutral",
        "No change of meaning. Split into several provisions: “We may terminate your account with 30 days' notice by "
        "email.”",
    ),
    "data-sale-flipped": (
        "changed",
        "worse",
        "Advertising and tracking: “We do not sell your personal data” became “We may sell your personal data”.",
    ),
    "definition-widened": (
        "changed",
        "neutral",
        'Words we use: The definition of “Content” now reads “"Content" means the posts, photos, messages, voice '
        "recordings and prompts that you send through Fenwick Social.”",
    ),
    "duty-tightened": (
        "changed",
        "worse",
        "The rate limit fell from 600 requests per minute to 300 requests per minute.",
    ),
    "editorial-only": (
        "editorial",
        "neutral",
        "No change of meaning. The date changed from 3 February 2026 to 1 June 2026: “Last updated: 1 June 2026”.",
    ),
    "fee-raised": ("changed", "worse", "The charge rose from $0.40 to $0.65."),
    "french": ("changed", "neutral", None),
    "french-typography": ("unchanged", None, None),
    "german": (
        "changed",
        "neutral",
        "Kündigung: “Wir können den Vertrag mit einer Frist von 30 Tagen kündigen” became “Wir können den Vertrag mit "
        "einer Frist von 14 Tagen kündigen”.",
    ),
    "many-changes-announced": ("changed", "worse", None),
    "notice-shortened": ("changed", "worse", NOTICE),
    "renumbering-only": (
        "editorial",
        "neutral",
        "No change of meaning. Renumbered, its words unchanged: “Your account”.",
    ),
    "retention-lengthened": ("changed", "worse", "Retention period rose from 30 days to 180 days."),
    "subprocessor-added": ("changed", "worse", None),
    "training-opt-out": (
        "changed",
        "worse",
        "AI training: “We use your posts to train our models only if you opt in under Settings” became “We use your "
        "posts to train our models unless you opt out under Settings”.",
    ),
}
"""Outcome, direction (ANY where it may be argued about) and headline (None where the golden alone holds it)."""


def report_on(name: str) -> Report:
    [old] = (HERE / name).glob("old.*")
    [new] = (HERE / name).glob("new.*")
    return compare_files(read_part(old), read_part(new), pair=name)


def forms(report: Report) -> dict[str, str]:
    lines = ("".join(piece.text for piece in line).rstrip() for line in to_terminal(report))
    return {
        "report.txt": "\n".join(lines) + "\n",
        "report.md": to_markdown(report),
        "report.json": json.dumps(report.to_json(), indent=1, ensure_ascii=False) + "\n",
    }


@pytest.mark.parametrize("name", EXPECTED)
def test_report_is_the_golden_one(name: str, request: pytest.FixtureRequest) -> None:
    said = forms(report_on(name))
    if request.config.getoption("--update-goldens", default=False):
        for file, text in said.items():
            (HERE / name / file).write_text(text, "utf-8")
        return
    for file, text in said.items():
        path = HERE / name / file
        golden = path.read_text("utf-8") if path.exists() else ""
        if text != golden:
            lines = difflib.unified_diff(
                golden.splitlines(), text.splitlines(), f"golden {file}", "today", lineterm="", n=2
            )
            pytest.fail(f"{name}: pytest tests/golden --update-goldens\n" + "\n".join(lines), pytrace=False)


@pytest.mark.parametrize(("name", "expected"), EXPECTED.items())
def test_report_says_what_it_must(name: str, expected: tuple[str, str | None, str | None]) -> None:
    report = report_on(name)
    outcome, direction, headline = expected
    assert report.outcome == outcome
    assert direction in (ANY, report.direction)
    assert report.alert is (outcome == "changed")
    if headline:
        assert report.headline is not None
        assert report.headline.text == headline


@pytest.mark.parametrize(
    ("name", "kind", "before", "after"),
    [
        ("age-raised", "quantity", 13, 16),
        ("data-sale-flipped", "negation", "denied", "permission"),
        ("fee-raised", "quantity", 0.4, 0.65),
        ("notice-shortened", "quantity", 30, 14),
        ("retention-lengthened", "quantity", 30, 180),
        ("training-opt-out", "choice", "opt-in", "opt-out"),
        ("definition-widened", "definition", "Content", "Content"),
        ("duty-tightened", "modality", "advice", "obligation"),
        ("german", "quantity", 30, 14),
        ("french", "quantity", 30, 90),
    ],
)
def test_report_holds_the_fact(name: str, kind: str, before: object, after: object) -> None:
    facts = [fact for change in report_on(name).provisions for fact in change.facts]
    assert (kind, before, after) in [(fact.kind, fact.before_value, fact.after_value) for fact in facts]


def test_a_new_row_is_an_entry_of_the_table() -> None:
    [change] = [one for one in report_on("subprocessor-added").provisions if one.op == "added"]
    assert [(fact.kind, fact.after) for fact in change.facts] == [
        ("enumeration", "Rook Analytics LLC | Usage statistics | United States")
    ]


def test_stated_dates_are_told_apart() -> None:
    dates = report_on("many-changes-announced").dates
    found = [one and one.value.isoformat() for one in (dates.stated_updated, dates.effective, dates.objection)]
    assert found == ["2026-05-20", "2026-07-01", "2026-06-30"]


def test_every_pair_is_expected() -> None:
    assert {path.parent.name for path in HERE.glob("*/old.*")} == set(EXPECTED)

"""The PDF: its words can be read out of it again, it stays small, and no text breaks it."""

from datetime import UTC, datetime

import pypdfium2
import pytest

from services.differ.core.pipeline import build_report
from services.differ.core.render import pdf
from services.differ.core.render.pdf import to_pdf
from shared.domain.report import DocumentRef, PlatformRef, Report, Unusable
from tests.factories.differ import compared

AT = datetime(2026, 5, 1, tzinfo=UTC)
KEPT = "We keep this clause as it always was, for you and for everybody else."


def report(old: str, new: str, name: str = "Acorn <Ltd>") -> Report:
    """Of one kept clause, and one that changed."""
    return build_report(
        compared(f"{KEPT}\n{old}", f"{KEPT}\n{new}"),
        platform=PlatformRef(slug="acorn", name=name),
        document=DocumentRef(id="doc_1", type="Terms", url="https://acorn.test/terms", language="en"),
    )


def words(made: Report) -> str:
    """What a reader can copy from it, lines joined by spaces."""
    pages = pypdfium2.PdfDocument(to_pdf(made, AT))
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in pages).split())


def test_it_says_what_changed_without_colour() -> None:
    changed = report("You have 30 days to object to it in writing.", "You have 14 days to object to it in writing.")
    said = words(changed)
    assert to_pdf(changed, AT) == to_pdf(changed, AT)
    for part in (
        "Acorn <Ltd>: Terms",
        "https://acorn.test/terms",
        f"{changed.severity} severity",
        "You have [deleted: 30][inserted: 14] days to object",
        "Why this severity: ",
        str(changed.evidence.new.text_sha256),
        changed.disclaimer,
    ):
        assert part in said
    assert "fonts lack" not in said


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("“quoted” – dash … café", '"quoted" - dash ... café'),
        ("Ā ﬁ 通知 \ud800", "A fi ?? ?"),
        ("**bold** __line__ [link](javascript:x) <b>&amp;", "**bold** __line__ [link](javascript:x) <b>&amp;"),
        ("a\x00b\x1bc\u202ed", "a b c"),
    ],
)
def test_hostile_and_foreign_texts_stay_text(hostile: str, shown: str) -> None:
    said = words(report("You have 30 days.", f"You have 14 days. {hostile}", hostile))
    assert shown in said
    assert ("fonts lack" in said) == ("?" in shown or "\u202e" in hostile)


def test_a_long_provision_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MOST_CHARACTERS", 500)
    said = words(report("You have 30 days.", f"You have 14 days. {'x' * 3_000}"))
    assert "Cut here: " in said
    assert said.count("x") < 500 + 4 * 1_500


def test_many_changes_are_counted_after_the_last_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MOST_PAGES", 1)
    rules = [f"{n}. You send us paper number {n} within {n} days, or else we end your account." for n in range(60)]
    changed = report("You have 30 days.", "\n".join(rules))
    assert len(pypdfium2.PdfDocument(to_pdf(changed, AT))) <= 3
    assert "Not in this file: " in words(changed)


def test_what_could_not_be_compared_has_a_page_too() -> None:
    unusable = build_report(None, unusable=Unusable(side="new", reason="blank", why="The page is empty."))
    assert "The page is empty." in words(unusable)

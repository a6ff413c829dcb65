"""The sample's texts through the differ's own pipeline: what a newcomer is shown is what was written into them."""

import pytest

from services.cli.sample.platform import DOCUMENTS, REVISIONS, TEXTS, SamplePlatform
from services.differ.core.extract import PartContent
from services.differ.core.two_files import compare_files
from shared.domain.report import Report

PATHS = {document.slug: document.path for document in DOCUMENTS}


def capture(platform: SamplePlatform, slug: str) -> PartContent:
    _, _, body = platform.answer(PATHS[slug], None)
    return PartContent(f"http://lumenforge.localhost{PATHS[slug]}", "text/html", "utf-8", body)


def compared(slug: str, old: int, new: int) -> Report:
    platform = SamplePlatform(seed=old)
    platform.publish(slug, old)
    before = capture(platform, slug)
    platform.publish(slug, new)
    return compare_files(before, capture(platform, slug))


@pytest.mark.parametrize("slug", PATHS)
def test_the_page_around_a_document_is_no_change(slug: str) -> None:
    platform = SamplePlatform(seed=1)
    first = capture(platform, slug)
    for _ in range(5):
        assert compare_files(first, capture(platform, slug)).outcome == "unchanged"


@pytest.mark.parametrize(
    ("slug", "revision", "kinds"),
    [
        ("terms", 2, {"quantity"}),
        ("terms", 3, {"quantity", "party"}),
        ("privacy", 2, {"choice", "enumeration", "party"}),
        ("privacy", 3, {"negation", "quantity"}),
        ("acceptable-use", 3, {"modality", "quantity"}),
        ("api-terms", 2, {"modality", "quantity"}),
        ("api-terms", 3, {"quantity"}),
    ],
)
def test_a_revision_is_a_change_with_its_facts(slug: str, revision: int, kinds: set[str]) -> None:
    report = compared(slug, revision - 1, revision)
    assert report.outcome == "changed"
    assert report.alert
    found = {fact.kind for provision in report.provisions for fact in provision.facts}
    assert kinds <= found


def test_one_revision_is_editorial_and_told_to_nobody() -> None:
    report = compared("acceptable-use", 1, 2)
    assert (report.outcome, report.alert) == ("editorial", False)


@pytest.mark.parametrize(
    ("slug", "revision", "operation"),
    [("terms", 2, "added"), ("terms", 2, "renumbered"), ("terms", 3, "added"), ("acceptable-use", 3, "moved")],
)
def test_sections_are_added_renumbered_and_moved(slug: str, revision: int, operation: str) -> None:
    report = compared(slug, revision - 1, revision)
    assert operation in {provision.op for provision in report.provisions}


def test_the_error_page_is_unusable() -> None:
    platform = SamplePlatform(seed=1)
    before = capture(platform, "privacy")
    platform.show_error("privacy", True)
    report = compare_files(before, capture(platform, "privacy"))
    assert report.unusable is not None
    assert (report.outcome, report.unusable.side, report.unusable.reason) == ("unusable", "new", "error-page")


def test_a_flap_would_be_a_change_if_it_were_believed() -> None:
    platform = SamplePlatform(seed=1)
    before = capture(platform, "privacy")
    platform.flap_once("privacy")
    assert compare_files(before, capture(platform, "privacy")).outcome == "changed"


@pytest.mark.parametrize(
    ("slug", "least"), [("terms", 1000), ("privacy", 600), ("acceptable-use", 300), ("api-terms", 300)]
)
def test_the_texts_are_as_long_as_such_texts_are(slug: str, least: int) -> None:
    for revision in range(1, REVISIONS + 1):
        assert len((TEXTS / f"{slug}.{revision}.html").read_text(encoding="utf-8").split()) >= least


def test_no_text_is_without_its_document() -> None:
    there = {file.name for file in TEXTS.iterdir()}
    wanted = {f"{document.slug}.{revision}.html" for document in DOCUMENTS for revision in range(1, REVISIONS + 1)}
    assert there == wanted

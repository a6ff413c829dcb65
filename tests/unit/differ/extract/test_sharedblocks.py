"""What may be learned as a site's own, and what never: policy left out by mistake is worse than a stray link."""

import pytest

from services.differ.core.blocks import Extraction
from services.differ.core.extract import ChromeSet, edge_blocks, learn_chrome
from tests.unit.differ.extract.pages import SENTENCE, read

LINKS = "<p><a href=/trust>Trust centre</a></p><p><a href=/press>Press room</a> <a href=/jobs>Work with us</a></p>"
NAMES = ("Terms", "Privacy", "Cookies")


def document(name: str, *, before: str = "", after: str = "", middle: str = "") -> str:
    own = "".join(f"<p>{name} {letter}: {SENTENCE}</p>" for letter in "ABCDE")
    return f"<html lang=en><body>{before}<h1>{name}</h1>{own}{middle}{own}{after}</body></html>"


def learned(**around: str) -> list[str]:
    return sorted(block.text for block in learn_chrome(edge_blocks(read(document(name, **around))) for name in NAMES))


def chrome(**around: str) -> ChromeSet:
    blocks = learn_chrome(edge_blocks(read(document(name, **around))) for name in NAMES)
    return ChromeSet("1", frozenset(block.hash for block in blocks))


def lines(page: Extraction) -> list[str]:
    return page.reading_text.splitlines()


@pytest.mark.parametrize("where", ["before", "after"])
def test_links_at_the_ends_of_three_documents_are_learned(where: str) -> None:
    assert learned(**{where: LINKS}) == ["Press room Work with us", "Trust centre"]


@pytest.mark.parametrize(
    ("case", "around"),
    [
        ("a governing-law clause", {"after": "<p>The laws of Ireland govern these terms.</p>"}),
        ("a contact clause", {"after": "<p>Questions? <a href=/help>Write to us</a>, we will answer.</p>"}),
        ("an e-mail address", {"after": "<p><a href=mailto:law@acme.example>Our lawyers</a></p>"}),
        ("a telephone number", {"after": "<p><a href=tel:+35315550100>Call our office</a></p>"}),
        ("a postal address", {"after": "<p>Acme Ltd, Quay Street, Dublin</p>"}),
        ("a date", {"before": "<p>Effective 8 July 2026</p>"}),
        ("a dated link", {"before": "<p><a href=/old>Version of 8 July 2026</a></p>"}),
        ("a heading", {"after": "<h2><a href=/law>Law</a></h2>"}),
        ("a numbered item", {"after": "<ol><li><a href=/dpa>Data processing addendum</a></li></ol>"}),
        ("policies named by a clause", {"after": f"<p>These policies are part of the agreement:</p>{LINKS}"}),
        ("links under a heading", {"after": f"<h2>Policies that apply</h2>{LINKS}"}),
        ("links in the midst of the text", {"middle": LINKS}),
    ],
)  # fmt: skip
def test_policy_is_never_learned(case: str, around: dict[str, str]) -> None:
    assert learned(**around) == [], case


def test_two_documents_teach_nothing() -> None:
    assert learn_chrome(edge_blocks(read(document(name, after=LINKS))) for name in NAMES[:2]) == ()


def test_a_document_of_links_alone_has_no_ends() -> None:
    assert edge_blocks(read(f"<html><body><main>{LINKS * 4}</main></body></html>")) == ()


def test_what_was_learned_is_left_out_at_the_ends_and_nowhere_else() -> None:
    left = read(document("Usage", middle=LINKS, after=LINKS), chrome=chrome(after=LINKS))
    assert left.ignored["shared-block"] == 2
    assert lines(left).count("Trust centre") == 1
    assert lines(left)[-1].startswith("Usage E")


def test_a_new_link_among_known_ones_stays_alone() -> None:
    left = read(document("Usage", after=f"{LINKS}<p><a href=/new>A new page</a></p>"), chrome=chrome(after=LINKS))
    assert lines(left)[-2:] == [lines(read(document("Usage")))[-1], "A new page"]


def test_the_same_words_that_lead_elsewhere_are_another_block() -> None:
    moved = LINKS.replace("/trust", "/security")
    assert "Trust centre" in lines(read(document("Usage", after=moved), chrome=chrome(after=LINKS)))

"""Lines that a page shows about itself go; clauses that share their words stay."""

import pytest

from services.differ.core.extract.furniture import KINDS
from tests.unit.differ.extract.test_loss_and_chrome import lines

GONE = {
    "pager": ["1-10 of 18 results", "Page 2 of 5", "Showing 1 – 20 of 40 items"],
    "page-tool": [
        "Back to top",
        "Print | Download PDF",
        "See what changed",
        "Previous: Refunds",
        "App Store Google Play",
        "Filter by",
    ],
    "counter": ["1,204 views", "Viewed 1,239 times", "13 out of 22 found this helpful"],
    "copyright-line": ["© 2026 Acorn Inc. All rights reserved.", "Acorn Inc. © 2019-2026", "Copyright 2026 Acorn"],
    "loading": ["Loading...", "Please wait…"],
    "byline": ["Written by Alex Kim"],
    "machine-id": ["Request ID: 8f3a22bc99"],
    "page-stamp": ["Page generated in 0.208 s"],
    "promotion": [
        "Sign up for our newsletter.",
        "Scan the code to download the Acorn app",
        "Hi! How can we help you today?",
    ],
}


@pytest.mark.parametrize("line", [line for kind in GONE.values() for line in kind])
def test_furniture_goes(line: str) -> None:
    assert lines(f"<main>CLAUSES<p>{line}</p></main>") == []


def test_every_kind_has_a_line() -> None:
    assert [name for name, _ in KINDS] == list(GONE)


@pytest.mark.parametrize(
    "line",
    [
        "1 of 3 parties must agree",
        "Copyright infringement",
        "We respect the copyright of others.",
        "Print a copy of these terms.",
        "You may download 3 copies.",
        "Downloads",
        "Reviewed by a human",
        "Written by a lawyer, these terms bind you.",
        "Request ID cards of others",
        "Page limits apply",
        "Get our consent before you publish the app's name",
        "Learn more about your rights",
        "30 days",
        "5.2%",
    ],
)
def test_clauses_stay(line: str) -> None:
    assert lines(f"<main>CLAUSES<p>{line}</p></main>") == [line]


def test_a_path_above_the_text_goes_and_one_within_it_stays() -> None:
    path = "<p>Home / Legal / Terms</p>"
    assert lines(f"<main>{path}CLAUSES</main>") == []
    assert lines(f"<main>CLAUSES{path}</main>") == ["Home / Legal / Terms"]

"""The pages' colours are the redline's, and there is one set of them, besides the one of what a search found."""

import re
from importlib import resources

import pytest

from services.differ.core.render.page_style import DARK, LIGHT
from tests.factories.contrast import contrast

CSS = resources.files("services.api.static").joinpath("clausewatch.css").read_text("utf-8")
ROOTS = [
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{(.*?)\}", CSS, re.S)
]


@pytest.mark.parametrize(("root", "colours"), [(0, LIGHT), (1, DARK)], ids=["light", "dark"])
def test_the_pages_have_the_redlines_colours(root: int, colours: dict[str, str]) -> None:
    found = ROOTS[root]["found"]
    assert ROOTS[root] == {**colours, "found": found}
    assert contrast(colours["ink"], found) >= 4.5, "WCAG 2.1, 1.4.3"

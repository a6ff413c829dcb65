"""The pages' colours are the redline's, and there is one set of them."""

import re
from importlib import resources

import pytest

from services.differ.core.render.page_style import DARK, LIGHT

CSS = resources.files("services.api.static").joinpath("clausewatch.css").read_text("utf-8")
ROOTS = [
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{(.*?)\}", CSS, re.S)
]


@pytest.mark.parametrize(("root", "colours"), [(0, LIGHT), (1, DARK)], ids=["light", "dark"])
def test_the_pages_have_the_redlines_colours(root: int, colours: dict[str, str]) -> None:
    assert ROOTS[root] == colours

"""Pages made to take a worker's time."""

import time

import pytest

from services.differ.core.extract.content import Unextractable
from services.differ.core.extract.limits import MAX_ATTRIBUTES
from services.differ.core.extract.tree import parse
from tests.unit.differ.extract.pages import read


@pytest.mark.parametrize(
    "html",
    [
        "<p " + " ".join(f"a{n}=1" for n in range(300_000)) + ">x",
        "<p " + "x " * 300_000 + ">",
        "<p" + "".join(f" a{n}='{n} > 1'" for n in range(300_000)) + ">",
    ],
)
def test_an_element_with_countless_attributes_is_refused(html: str) -> None:
    with pytest.raises(Unextractable, match="attributes") as refused:
        parse(html)
    assert refused.value.reason == "too-large"


@pytest.mark.parametrize(
    "html",
    [
        "<p " + " ".join(f"a{n}=1" for n in range(MAX_ATTRIBUTES - 1)) + ">x",
        '<svg><path d="' + "M 1 2 " * 50_000 + '"/></svg>',
        '<p class="' + "c " * 50_000 + '">x',
        "<p " + 'a="' * 50_000,
    ],
)
def test_long_values_are_no_attributes(html: str) -> None:
    assert parse(html).root is not None


@pytest.mark.parametrize("unit", ["[", "![", "*a", "`a ", "- a\n", "|", "<a", "&", "~~a "])
def test_endless_markdown_is_refused_at_once(unit: str) -> None:
    begin = time.process_time()
    with pytest.raises(Unextractable) as refused:
        read(unit * (1_000_000 // len(unit)), "text/markdown")
    assert refused.value.reason == "too-large"
    assert time.process_time() - begin < 1

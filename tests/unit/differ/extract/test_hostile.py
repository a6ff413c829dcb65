"""Pages made to take a worker's time."""

import pytest

from services.differ.core.extract.content import Unextractable
from services.differ.core.extract.limits import MAX_ATTRIBUTES
from services.differ.core.extract.tree import parse


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

"""Lists of boxes to tick: written without a template, and escaped all the same."""

from services.api.pages.boxes import boxes

EVIL = '"><script>alert(1)</script>'


def test_each_value_has_a_box_with_its_words() -> None:
    listed = boxes("types", (("tos", "Terms & more"), ("dpa", "Agreement")), frozenset({"dpa"}))
    assert listed.count("<li>") == listed.count("</li>") == 2
    assert '<input type="checkbox" name="types" value="tos"> Terms &amp; more</label>' in listed
    assert '<input type="checkbox" name="types" value="dpa" checked> Agreement</label>' in listed


def test_names_and_words_are_text() -> None:
    assert "<script" not in boxes(EVIL, ((EVIL, EVIL),), frozenset({EVIL}))

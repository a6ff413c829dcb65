"""Every rule that a change can be judged by is said in words."""

import pytest

from services.differ.core.compare.editorial import STEPS
from services.differ.core.gravity import WEIGHTS
from services.differ.core.render.reasons import in_words
from services.differ.core.subjects import SUBJECTS
from services.differ.core.taxonomy import taxonomy
from shared.domain import reasons

CODES = (
    *(f"editorial.{name}" for name, _ in STEPS),
    *(
        f"editorial.{name}"
        for name in [
            "moved",
            "renumbered",
            "stated-date",
            "title",
            "repeated",
            "heading",
            "label",
            "link",
            "layout",
            "typing",
        ]
    ),
    *(f"weight.{one.name}" for one in WEIGHTS),
    *(f"gift.{gift}" for gift in ("right", "service", "forbearance")),
    *(f"category.{one.id}:{one.default_severity}" for one in taxonomy().values()),
    *(
        f"quantity.{verb}{suffix}"
        for verb in ["lengthened", "shortened", "raised", "lowered", "nearly-equal", "added", "removed", "changed"]
        for suffix in ("", *(f":{one.name}" for one in SUBJECTS))
    ),
    *(
        f"{kind}.{came}{suffix}"
        for kind in ("modality", "negation")
        for came in ("added", "removed", "changed")
        for suffix in ("", ":user", ":duty", ":power")
    ),
    *(
        f"{kind}.{came}"
        for kind in ("date", "reference", "definition", "party", "enumeration")
        for came in ("added", "removed", "changed")
    ),
    *(f"scope.{width}-{came}" for width in ("broader", "narrower") for came in ("added", "removed", "changed")),
    *(f"choice.{how}" for how in ("weakened", "strengthened", "changed", "added:default", "removed:opt-in")),
    *(f"{whole}.{came}" for whole in ("provision", "sentence", "fragment") for came in ("added", "removed")),
    "wording.rewritten",
    "wording.changed",
    "category.none",
    *(f"{one.id}: {why}" for one in taxonomy().values() for why in ("phrase: you may not", "heading: terms", "model")),
)


def test_each_code_has_words() -> None:
    assert [code for code in CODES if in_words(code) == code or "." in in_words(code)] == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("quantity.shortened:notice", "notice became shorter"),
        ("quantity.raised", "an amount rose"),
        ("category.dispute.arbitration:high", "its category, Arbitration, weighs high by itself"),
        ("modality.changed:power", "what the provider may do changed"),
        ("scope.broader-added", "words that widen the clause came in"),
        ("privacy.children: phrase: children under", "it says “children under”"),
        ("enumeration.removed", "an entry of a list is gone"),
    ],
)
def test_the_words_say_what_was_found(code: str, words: str) -> None:
    assert in_words(code).casefold() == words.casefold()


@pytest.mark.parametrize(
    "code", ["", "made-up", "quantity.", "category.made.up:high", "scope.none-added", "weight.none"]
)
def test_what_is_no_rule_of_now_is_left_as_it_is(code: str) -> None:
    assert in_words(code) == code


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("quantity.shortened:notice", "notice became shorter"),
        ("quantity.raised", "an amount rose"),
        ("category.dispute.class_action:high", "its category, class action, weighs high by itself"),
        ("provision.added", "the whole provision came in"),
        ("made-up", "made-up"),
    ],
)
def test_mails_say_it_without_the_differs_names(code: str, words: str) -> None:
    assert reasons.in_words(code) == words

"""Modality and negation by the action they govern, and phrases that are none of either."""

import pytest

from services.differ.core.compare.facts import facts_of
from services.differ.core.compare.redline import TextPair
from shared.domain.report import Fact

MODALS = [
    # old, new, kind, words before, words after, value before, value after
    ("You may not copy it.", "You may copy it.", "negation", "may not", "may", "permission, denied", "permission"),
    ("We will tell you.", "We will not tell you.", "negation", "will", "will not", "commitment", "commitment, denied"),
    ("We share it.", "We no longer share it.", "negation", None, "no longer", None, "denied"),
    ("We never sell it.", "We sell it.", "negation", "never", None, "denied", None),
    ("Advertisers can't run it.", "Advertisers can run it.", "negation", "can't", "can",
     "permission, denied", "permission"),
    ("We won't sell it.", "We will sell it.", "negation", "won't", "will", "commitment, denied", "commitment"),
    ("You need not pay.", "You must pay.", "modality", "need not", "must", "permission", "obligation"),
    ("You are required to pay.", "You are not required to pay.", "negation", "are required to", "are not required to",
     "obligation", "obligation, denied"),
    ("You are allowed to resell it.", "You are no longer allowed to resell it.", "negation",
     "are allowed to", "are no longer allowed to", "permission", "permission, denied"),
    ("You may resell it.", "You are prohibited from reselling it.", "negation", "may", "are prohibited from",
     "permission", "permission, denied"),
    ("Resale is prohibited here.", "Resale is no longer prohibited here.", "negation", "is prohibited",
     "is no longer prohibited", "permission, denied", "permission"),
    ("We act unless you are a minor.", "We act if you are a minor.", "negation", "unless", "if", "denied", None),
    ("We act without a court order.", "We act with a court order.", "negation", "without", "with", "denied", None),
    ("Neither you nor we pay.", "Both you nor we pay.", "negation", "Neither", "Both", "denied", None),
    ("It is neither kept nor sold.", "It is neither kept or sold.", "negation", "nor", "or", "denied", None),
    ("We give no warranty of it.", "We give a warranty of it.", "negation", "no", "a", "denied", None),
    ("We are expected to answer.", "We are obligated to answer.", "modality", "are expected to", "are obligated to",
     "advice", "obligation"),
]  # fmt: skip


def facts(old: str, new: str) -> tuple[Fact, ...]:
    return facts_of(TextPair(old, new), (), (), {}, english=True)


def seen(old: str, new: str) -> list[tuple[object, ...]]:
    return [(f.kind, f.before, f.after, f.before_value, f.after_value) for f in facts(old, new)]


@pytest.mark.parametrize(("old", "new", "kind", "before", "after", "before_value", "after_value"), MODALS)
def test_modals(
    old: str,
    new: str,
    kind: str,
    before: str | None,
    after: str | None,
    before_value: str | None,
    after_value: str | None,
) -> None:
    assert (kind, before, after, before_value, after_value) in seen(old, new)


def test_two_denials_that_change_places_are_two_facts() -> None:
    """As many denials as before, but of other actions: counting them would find nothing."""
    found = facts("We will not sell data. We will keep data.", "We will sell data. We will not keep data.")
    assert [(f.kind, f.before_value, f.after_value) for f in found] == [
        ("negation", "commitment, denied", "commitment"),
        ("negation", "commitment", "commitment, denied"),
    ]


def test_a_bare_denial_that_goes_to_another_action_is_two_facts() -> None:
    found = facts("We do not sell data. We store data.", "We sell data. We do not store data.")
    assert [(f.before, f.after) for f in found] == [("do not", None), (None, "do not")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("You may stay and we may go.", "We may go and you may stay."),
        ("You may not use it.", "You may not access it."),
        ("We must tell you of it.", "We must promptly tell you of it."),
        ("Users may not copy it.", "You may not copy it."),
    ],
)
def test_the_same_modality_of_reworded_clauses_is_no_fact(old: str, new: str) -> None:
    assert not [f for f in facts(old, new) if f.kind in ("modality", "negation")]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("Uses, including but not limited to ads.", "Uses, including ads.", "scope"),
        ("We do it, including ads.", "We do it, including, without limitation, ads.", "scope"),
        ("We remove posts.", "We remove posts without prior notice.", "scope"),
        ("We do it with your consent.", "We do it by default.", "choice"),
    ],
)
def test_denials_inside_fixed_phrases_belong_to_the_phrase(old: str, new: str, kind: str) -> None:
    assert [f.kind for f in facts(old, new)] == [kind]


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        ("We tell our vendors.", "We tell our insurers.", "vendor", "insurer"),
        ("We tell third parties.", "We tell government authorities.", "third party", "government authority"),
        ("We tell our vendors.", "We tell our vendors and analytics providers.", None, "analytics provider"),
        ("Run by Acorn here.", "Run by Birch Labs, Inc. here.", "Acorn", "Birch Labs, Inc."),
    ],
)
def test_parties(old: str, new: str, before: str | None, after: str | None) -> None:
    found = [f for f in facts(old, new) if f.kind == "party"]
    assert [(f.before_value, f.after_value) for f in found] == [(before, after)]


@pytest.mark.parametrize(
    ("old", "new", "after", "value"),
    [
        ("You grant a right to it.", "You grant a perpetual right to it.", "perpetual", "broader"),
        ("You grant a licence to it.", "You grant a limited licence to it.", "limited", "narrower"),
        ("You get a licence to it.", "You get a non-transferable licence to it.", "non-transferable", "narrower"),
        ("We exclude liability.", "We exclude liability to the extent permitted by law.",
         "to the extent permitted by law", "narrower"),
        ("We keep it.", "We keep it in perpetuity.", "in perpetuity", "broader"),
    ],
)  # fmt: skip
def test_scope(old: str, new: str, after: str, value: str) -> None:
    assert seen(old, new) == [("scope", None, after, None, value)]


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        ("See section 3.6 of it.", "See section 4.1 of it.", "3.6", "4.1"),
        ("As in sub-paragraphs 2.1 and 2.2 of it.", "As in sub-paragraphs 2.1 and 5.2 of it.", "2.2", "5.2"),
        ("Listed in Appendix B of it.", "Listed in Appendix C of it.", "B", "C"),
    ],
)
def test_references(old: str, new: str, before: str, after: str) -> None:
    assert [(f.kind, f.before_value, f.after_value) for f in facts(old, new)] == [("reference", before, after)]


def test_a_definition_needs_no_quotation_marks() -> None:
    found = facts("Content means words. It is yours.", "Content means words and pictures. It is yours.")
    assert [(f.kind, f.before_value) for f in found if f.kind == "definition"] == [("definition", "Content")]
    assert not [f for f in facts("This means much.", "This means little.") if f.kind == "definition"]

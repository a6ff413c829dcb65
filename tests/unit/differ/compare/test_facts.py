"""A row for each kind of fact and each of its patterns: which words, which values, on which side."""

import pytest

from services.differ.core.compare.facts import facts_of
from services.differ.core.compare.redline import TextPair
from shared.domain.provisions import ProvisionLink
from shared.domain.report import Fact

FACTS = [
    # kind, old text, new text, words before, words after, value before, value after, unit
    ("modality|You may tell us.|You must tell us.|may|must|permission|obligation|"),
    ("modality|You should keep it safe.|You shall keep it safe.|should|shall|advice|obligation|"),
    ("modality|We will tell you.|We may tell you.|will|may|commitment|permission|"),
    ("negation|We will not sell it.|We will sell it.|will not|will|commitment, denied|commitment|"),
    ("negation|We may sell it.|We may not sell it.|may|may not|permission|permission, denied|"),
    ("negation|We do not sell it.|We sell it.|do not||denied||"),
    ("negation|You can leave.|You cannot leave.|can|cannot|permission|permission, denied|"),
    ("choice|You can opt out of it.|You can opt in to it.|opt out|opt in|opt-out|opt-in|"),
    ("choice|We do so with your consent.|We do so by default.|with your consent|by default|consent|default|"),
    ("party|Run by Acorn Ireland Ltd, Dublin.|Run by Acorn OpCo, LLC, Dublin.|Acorn Ireland Ltd|Acorn OpCo, LLC"
     "|Acorn Ireland Ltd|Acorn OpCo, LLC|"),
    ("party|We tell our vendors.|We tell our vendors and our affiliates.||affiliates||affiliate|"),
    ("enumeration|We keep name, mail and age.|We keep name, mail, place and age.||place|||"),
    ("enumeration|We keep name, mail and age.|We keep name and age.|mail||||"),
    ("enumeration|We keep:\nname\nage|We keep:\nname\nyour voice\nage||your voice|||"),
    ("scope|We remove posts.|We remove posts at our sole discretion.||at our sole discretion||broader|"),
    ("scope|Uses, including but not limited to ads.|Uses.|including but not limited to||broader||"),
    ("scope|You give a licence.|You give a worldwide licence.||worldwide||broader|"),
    ("scope|We do it.|We do it only there.||only||narrower|"),
    ("reference|As in Section 5.2 above.|As in Section 6.1 above.|Section 5.2|Section 6.1|5.2|6.1|"),
    ('definition|"Content" means words.|"Content" means words that you send.|"Content" means words.'
     '|"Content" means words that you send.|Content|Content|'),
    ("date|It ends on 1 March 2026.|It ends on July 1, 2026.|1 March 2026|July 1, 2026|2026-03-01|2026-07-01|"),
]  # fmt: skip

QUANTITIES = [
    ("with 30 days' notice", "with 14 days' notice", "30 days", "14 days", 30, 14, "day"),
    ("within thirty (30) days", "within sixty (60) days", "thirty (30) days", "sixty (60) days", 30, 60, "day"),
    ("after two weeks", "after three weeks", "two weeks", "three weeks", 2, 3, "week"),
    ("in 5 business days", "in 3 business days", "5 business days", "3 business days", 5, 3, "business day"),
    ("up to $1,000 a year", "up to $50 a year", "$1,000 a year", "$50 a year", 1000, 50, "USD"),
    ("costs 20 euros now", "costs 25 euros now", "20 euros", "25 euros", 20, 25, "EUR"),
    ("an uptime of 99.9%", "an uptime of 99.5%", "99.9%", "99.5%", 99.9, 99.5, "%"),
    ("be 13 years old", "be 16 years old", "13 years old", "16 years old", 13, 16, "year"),
    ("below the age of 13", "below the age of 16", "age of 13", "age of 16", 13, 16, "year"),
    ("send 100 requests", "send 60 requests", "100 requests", "60 requests", 100, 60, "request"),
    ("pay $2 million", "pay $3 million", "$2 million", "$3 million", 2_000_000, 3_000_000, "USD"),
]


def facts(old: str, new: str, **given: object) -> tuple[Fact, ...]:
    settings: dict[str, object] = {"old_links": (), "new_links": (), "renumbered": {}, "english": True, **given}
    return facts_of(TextPair(old, new), **settings)  # type: ignore[arg-type]


def assert_spans_hold(found: tuple[Fact, ...], old: str, new: str) -> None:
    for fact in found:
        assert fact.before == (old[slice(*fact.before_span)] if fact.before_span else None)
        assert fact.after == (new[slice(*fact.after_span)] if fact.after_span else None)


@pytest.mark.parametrize("row", FACTS)
def test_each_kind_is_found_with_words_values_and_spans(row: str) -> None:
    kind, old, new, before, after, before_value, after_value, _ = (part or None for part in row.split("|"))
    assert old is not None
    assert new is not None
    found = facts(old, new)
    assert_spans_hold(found, old, new)
    seen = [(f.kind, f.before, f.after, f.before_value, f.after_value) for f in found]
    assert (kind, before, after, before_value, after_value) in seen


@pytest.mark.parametrize(("old", "new", "before", "after", "before_value", "after_value", "unit"), QUANTITIES)
def test_amounts_carry_numbers_and_units(
    old: str, new: str, before: str, after: str, before_value: float, after_value: float, unit: str
) -> None:
    found = facts(f"It is so {old} here.", f"It is so {new} here.")
    assert_spans_hold(found, f"It is so {old} here.", f"It is so {new} here.")
    assert [(f.kind, f.unit, f.before, f.after, f.before_value, f.after_value) for f in found] == [
        ("quantity", unit, before, after, before_value, after_value)
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("within thirty (30) days", "within 30 days"),
        ("within 14 days", "within 2 weeks"),
        ("on 1 March 2026", "on March 1, 2026"),
        ("You may stay and we may go.", "We may go and you may stay."),
        ("We tell vendors.", "We inform our vendors."),
        ("See Section 7 of the notice.", "See Section 7 of our notice."),
    ],
)
def test_the_same_thing_said_otherwise_is_no_fact(old: str, new: str) -> None:
    assert facts(old, new) == ()


def test_numbers_of_sections_and_dates_are_no_amounts() -> None:
    assert [f.kind for f in facts("Section 5 applies.", "Section 6 applies.")] == ["reference"]
    assert [f.kind for f in facts("From 3 May 2025 on.", "From 9 May 2025 on.")] == ["date"]


def test_a_reference_that_followed_its_clause_is_no_fact() -> None:
    assert facts("See Section 5.2.", "See Section 5.3.", renumbered={"5.2": "5.3"}) == ()


@pytest.mark.parametrize(
    ("old", "new", "renumbered", "told"),
    [
        # 10 was put in before the clause that is 11 now
        ("Sections 2, 9 and 10 go on.", "Sections 2, 9, 10 and 11 go on.", {"10": "11"}, [(None, "11")]),
        # 4 only followed its clause
        ("See Sections 4 and 7.", "See Sections 5 and 8.", {"4": "5"}, [("7", "8")]),
        # 3 was taken out, and 4 took its number
        ("Sections 2, 3 and 4 go on.", "Sections 2 and 3 go on.", {"4": "3"}, [("4", None)]),
        # the number is the same, and what it points to is not
        ("As Section 3 says.", "As Section 3 says, mostly.", {"3": "4"}, []),
        ("As Section 3 says.", "As Section 6 says.", {"3": "4"}, [("Section 3", "Section 6")]),
    ],
)
def test_a_reference_is_told_by_the_number_that_came_or_went(
    old: str, new: str, renumbered: dict[str, str], told: list[tuple[str | None, str | None]]
) -> None:
    found = facts(old, new, renumbered=renumbered)
    assert [(f.before, f.after) for f in found if f.kind == "reference"] == told


@pytest.mark.parametrize(
    ("old_target", "new_target", "counts"),
    [
        ("acorn.example/privacy", "acorn.example/data", True),
        ("acorn.example/privacy", "other.example/privacy", True),
        ("acorn.example/legal/privacy", "www.acorn.example/policies/privacy-policy", False),
        ("acorn.example/legal/notice-1", "acorn.example/legal/terms", True),
        ("acorn.example/privacy", "www.acorn.example/privacy/", False),
        ("acorn.example/en/privacy", "acorn.example/de/privacy", False),
        ("help.example/articles/123456-old-words", "help.example/articles/123456-new-words", False),
    ],
)
def test_a_link_counts_where_it_leads_to_another_page(old_target: str, new_target: str, counts: bool) -> None:
    text = "Read the privacy notice."
    found = facts(
        text,
        text,
        old_links=(ProvisionLink((9, 23), old_target),),
        new_links=(ProvisionLink((9, 23), new_target),),
    )
    assert [(f.kind, f.unit, f.before_value, f.after_value) for f in found] == (
        [("reference", "link", old_target, new_target)] if counts else []
    )


def test_other_languages_give_amounts_and_links_only() -> None:
    found = facts("Sie können binnen 30 % widerrufen.", "Sie müssen binnen 20 % widerrufen.", english=False)
    assert [f.kind for f in found] == ["quantity"]

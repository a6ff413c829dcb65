"""Amounts: numbers in words, currencies, ages, and periods that are only counted otherwise."""

import pytest

from services.differ.core.compare.facts import facts_of
from services.differ.core.compare.facts.amounts import amount_change, amount_in
from services.differ.core.compare.facts.numbers import number
from services.differ.core.compare.facts.quantity import nearly_equal
from services.differ.core.compare.redline import TextPair
from services.differ.core.directions import Scene, leaning
from services.differ.core.judge import strength_of
from shared.domain.report import Fact


def only_fact(old: str, new: str) -> Fact:
    found = facts_of(TextPair(old, new), (), (), {}, english=True)
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("thirty (30)", 30),
        ("twenty-one", 21),
        ("one hundred and eighty", 180),
        ("one hundred eighty (180)", 180),
        ("two thousand five hundred", 2_500),
        ("ten million", 10_000_000),
        ("1,000.50", 1_000.5),
    ],
)
def test_numbers(words: str, value: float) -> None:
    assert number(words) == value


@pytest.mark.parametrize(
    ("old", "new", "before", "after", "unit"),
    [
        ("pay USD 100 now", "pay USD 2,500 now", 100, 2500, "USD"),
        ("pay CA$5 now", "pay CA$7 now", 5, 7, "CAD"),
        ("pay $1.5m now", "pay $2m now", 1_500_000, 2_000_000, "USD"),
        ("pay 20 € now", "pay 30 € now", 20, 30, "EUR"),
        ("under the age of 6 months", "under the age of 9 months", 6, 9, "month"),
        ("aged 13 here", "aged 16 here", 13, 16, "year"),
        ("within one hundred eighty (180) days", "within ninety days", 180, 90, "day"),
        ("send 10 photos now", "send 20 photos now", 10, 20, "photo"),
        ("a fee of ten percent is due", "a fee of 12.5% is due", 10, 12.5, "%"),
    ],
)
def test_values_and_units(old: str, new: str, before: float, after: float, unit: str) -> None:
    found = only_fact(old, new)
    assert (found.kind, found.before_value, found.after_value, found.unit) == ("quantity", before, after, unit)


NEARLY = [("30 days", "one month"), ("thirty (30) days", "1 month"), ("60 days", "two months"),
          ("six months", "180 days"),
          ("365 days", "one year"), ("12 months", "365 days"), ("4 weeks", "one month")]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), NEARLY)
def test_a_period_counted_otherwise_is_told_and_is_neutral(old: str, new: str) -> None:
    before, after = f"We keep your data for {old} at most.", f"We keep your data for {new} at most."
    found = only_fact(before, after)
    assert nearly_equal(found)
    assert (found.before, found.after) == (old, new)
    assert leaning(found, Scene(before, after, None)).direction == "neutral"
    assert leaning(found, Scene(before, after, None)).rule.startswith("quantity.nearly-equal")
    assert strength_of(found) == "weak"


@pytest.mark.parametrize(
    ("old", "new"), [("30 days", "14 days"), ("30 days", "two months"), ("1 month", "20 days"), ("$30", "$31")]
)
def test_other_amounts_are_not_nearly_equal(old: str, new: str) -> None:
    assert not nearly_equal(only_fact(f"It is {old} long.", f"It is {new} long."))


@pytest.mark.parametrize(("old", "new"), [("12 months", "one year"), ("14 days", "2 weeks"), ("24 hours", "1 day")])
def test_exactly_equal_periods_are_no_fact(old: str, new: str) -> None:
    assert facts_of(TextPair(f"for {old} on", f"for {new} on"), (), (), {}, english=True) == ()


@pytest.mark.parametrize(
    ("text", "words", "per"),
    [
        ("Send 600 requests per minute.", "600 requests per minute", 1 / 60),
        ("Send 600 requests a minute.", "600 requests a minute", 1 / 60),
        ("Send 600 requests/minute.", "600 requests/minute", 1 / 60),
        ("Send 900 requests per 15 minutes.", "900 requests per 15 minutes", 0.25),
        ("Send 900 calls in any rolling fifteen-minute time.", "900 calls in any rolling fifteen-minute", 0.25),
        ("Send 600 API requests per key per minute.", "600 API requests per key per minute", 1 / 60),
        ("Make 100 calls daily.", "100 calls daily", 24),
        ("The fee is $10 a month.", "$10 a month", 730),
        ("The fee is $10/month.", "$10/month", 730),
        ("The fee is $99 per annum.", "$99 per annum", 8760),
        ("The fee is $10 per user per month.", "$10 per user per month", 730),
        ("Interest is 2% per month.", "2% per month", 730),
        ("Support takes 2 hours a day.", "2 hours a day", 24),
        ("Within 30 days after a month we write.", "30 days", None),
        ("Each phase lasts 12 months each.", "12 months", None),
        ("It is for those aged 16 a year from now.", "aged 16", None),
        ("Own 5 devices.", "5 devices", None),
        ("Own 5 devices. Per month we look.", "5 devices", None),
    ],
)
def test_what_an_amount_is_by_belongs_to_it(text: str, words: str, per: float | None) -> None:
    fact = only_fact(text, "")
    assert fact.before == words
    amount = amount_in(words)
    assert amount is not None
    assert amount.window == (None if per is None else pytest.approx(per))


@pytest.mark.parametrize(
    ("old", "new", "sign"),
    [
        ("600 requests per minute", "300 requests per minute", -1),
        ("600 requests per minute", "6,000 requests per hour", -1),
        ("600 requests per minute", "36,000 requests per hour", 0),
        ("900 requests per 15 minutes", "900 requests per 30 minutes", -1),
        ("$10 a month", "$12 monthly", 1),
        ("5 GB", "500 MB", -1),
        ("5 business days", "7 days", 0),
        ("5 business days", "6 days", -1),
        ("2 hours a day", "8 hours a week", -1),
        ("500 requests", "300 calls", None),
        ("5 users", "10 devices", None),
        ("5 users", "10", 1),
        ("$10 per month", "$100 per year", None),
        ("2% per month", "20% per year", None),
        ("$10", "€12", None),
        ("$10", "12%", None),
        ("1,000 requests", "1,000 requests per day", None),
    ],
)
def test_only_amounts_of_one_kind_rise_or_fall(old: str, new: str, sign: int | None) -> None:
    fact = only_fact(f"It is {old} for all.", f"It is {new} for all.")
    assert (fact.before, fact.after) == (old, new)
    more = amount_change(fact)
    assert sign == (None if more is None else (more > 1e-9) - (more < -1e-9))


@pytest.mark.parametrize(
    ("old", "new", "direction"),
    [
        ("You may send 600 requests per minute.", "You may send 300 requests/minute.", "worse"),
        ("You may make 100 calls daily.", "You may make 200 calls daily.", "better"),
        ("The fee is $10 a month.", "The fee is $100 a year.", "neutral"),
        ("Pro is $10 per user per month.", "Pro is $12 per user per month.", "neutral"),
        ("Up to 5 users may share it.", "Up to 10 devices may share it.", "neutral"),
        ("Up to 5 GB of storage is yours.", "Up to 500 MB of storage is yours.", "worse"),
    ],
)
def test_the_direction_is_that_of_what_can_be_compared(old: str, new: str, direction: str) -> None:
    assert leaning(only_fact(old, new), Scene(old, new, None)).direction == direction


def test_joined_clauses_give_no_facts() -> None:
    """Neither the number that now stands in the text nor the paragraph that was a line of its own is one."""
    old = "We keep it safe.\n\nGeneral terms apply to each of you and to us."
    new = "We keep it safe. 8.1 General terms apply to each of you and to us."
    assert facts_of(TextPair(old, new), (), (), {}, english=True) == ()

"""Severity, direction and reasons of whole comparisons, a row for each rule."""

import pytest

from services.differ.core.judge import SEVERITY, STRENGTH
from services.differ.core.pipeline import build_report
from shared.domain.report import ProvisionChange
from tests.factories.differ import compared

FILLER = "This clause is here so that the document is longer than its change."


def change(old: str, new: str, **meta: object) -> ProvisionChange:
    [found] = compared(f"{old}\n{FILLER}" if old else FILLER, f"{new}\n{FILLER}" if new else FILLER, **meta).changes
    return found


SUBSTANTIVE = [
    # old, new, severity, direction, a reason
    ("We may terminate your account with 30 days' notice.", "We may terminate your account with 14 days' notice.",
     "high", "worse", "quantity.shortened:notice"),
    ("We may terminate your account with 14 days' notice.", "We may terminate your account with 30 days' notice.",
     "medium", "better", "quantity.lengthened:notice"),
    ("We retain your data for 30 days.", "We retain your data for 90 days.",
     "medium", "worse", "quantity.lengthened:retention"),
    ("We keep each version of the API available for at least 12 months.",
     "We keep each version of the API available for at least 6 months.",
     "medium", "worse", "quantity.shortened:available"),
    ("We may suspend you, and you may appeal within 14 days.", "We may suspend you, and you may appeal within 7 days.",
     "high", "worse", "quantity.shortened:appeal"),
    ("We answer requests of the press in 2 days.", "We answer requests of the press in 4 days.",
     "medium", "worse", "quantity.lengthened:response"),
    ("Our total liability will not exceed $100.", "Our total liability will not exceed $50.",
     "high", "worse", "quantity.lowered:liability"),
    ("The fee is $10 and refunds are not given.", "The fee is $12 and refunds are not given.",
     "medium", "worse", "quantity.raised:fee"),
    ("The subscription fee is $10 for each seat.", "The subscription fee is $12 for each seat.",
     "medium", "worse", "quantity.raised:fee"),
    ("We will not sell your personal data.", "We will sell your personal data.",
     "high", "worse", "negation.changed:power"),
    ("We will sell your personal data.", "We will not sell your personal data.",
     "medium", "better", "negation.changed:power"),
    ("We will notify you of any personal data breach.", "We may notify you of any personal data breach.",
     "medium", "worse", "modality.changed:duty"),
    ("You may close your account, which is termination.", "You must close your account, which is termination.",
     "high", "worse", "modality.changed:user"),
    ("We train our models on it if you opt in to that.", "We train our models on it unless you opt out of that.",
     "high", "worse", "choice.weakened"),
    ("We share your personal data with vendors.", "We share your personal data with vendors and our affiliates.",
     "medium", "worse", "party.added"),
    ("We may remove any content you post.", "We may remove any content you post at our sole discretion.",
     "medium", "worse", "scope.broader-added"),
    ("We collect name, email and age from you.", "We collect name, email, location and age from you.",
     "medium", "worse", "enumeration.added"),
    ("You have the right to access and delete it; see [here](a.example/x).",
     "You have the right to access and delete it; see [here](a.example/y).", "low", "neutral", "reference.changed"),
    ("The forest is green and wide.", "The forest is green and dark.", "low", "neutral", "wording.changed"),
]  # fmt: skip

WHOLE = [
    ("", "You agree to binding arbitration and a class action waiver.", "high", "worse", "provision.added"),
    ("You agree to binding arbitration and a class action waiver.", "", "medium", "better", "provision.removed"),
    ("You have the right to access your data and to data portability.", "", "medium", "worse", "provision.removed"),
    ("We do not sell your personal information to advertisers.", "", "high", "worse", "provision.removed"),
    (
        "We will tell you of changes to these terms 30 days in advance by email.",
        "",
        "high",
        "worse",
        "provision.removed",
    ),
    ("", "You may opt out of arbitration within 30 days.", "medium", "better", "provision.added"),
    # a right after a heading that runs into the clause; a choice, in other words
    ("", "Appeals. You may appeal the suspension of your account.", "medium", "better", "provision.added"),
    ("", "You have control over our use of targeted advertising.", "medium", "better", "provision.added"),
    ("", "You can switch targeted advertising off at any time.", "medium", "better", "provision.added"),
    ("You can switch targeted advertising off at any time.", "", "high", "worse", "provision.removed"),
    ("", "To opt out of targeted advertising, visit the settings.", "medium", "better", "provision.added"),
    ("", "If you wish to opt out of targeted advertising, write to us.", "medium", "better", "provision.added"),
    # what a right reaches further, or through whom, is no burden
    (
        "We use web beacons here.",
        "We use web beacons here. You can switch them off at any time.",
        "medium",
        "better",
        "scope.broader-added",
    ),
    (
        "You may opt out of targeted advertising.",
        "You may opt out of targeted advertising at any time.",
        "low",
        "better",
        "scope.broader-added",
    ),
    (
        "You may opt out of targeted advertising.",
        "You may opt out of targeted advertising through our vendors.",
        "medium",
        "neutral",
        "party.added",
    ),
    (
        "You may opt out of targeted advertising.",
        "You may opt out of targeted advertising solely by post.",
        "medium",
        "worse",
        "scope.narrower-added",
    ),
    # but not what is denied, nor whom to write to
    ("", "You may not cancel your subscription in its renewal term.", "medium", "worse", "provision.added"),
    ("", "You can report a web beacon to our office by email.", "medium", "neutral", "provision.added"),
    ("", "Termination fees.", "low", "neutral", "fragment.added"),
    ("", "The forest is green and wide.", "low", "neutral", "provision.added"),
]

RECIPIENTS = "# Our subprocessors\n- Alder Cloud hosts data\n- Birch Mail sends email"

EDITORIAL = [
    ("Last updated: 1 March 2026", "Last updated: 2 April 2026", "editorial.stated-date"),
    ("", "Last updated: 2 April 2026", "editorial.stated-date"),
    ("# Your choices", "# Your options", "editorial.heading"),
    ("", "# Choices", "editorial.heading"),
    ("", FILLER, "editorial.repeated"),
    ("", "Acorn Terms", "editorial.title"),
    ("Read the notice.", "Read the [notice](acorn.example/notice).", "editorial.link"),
    ("5.1 Read the notice about it.", "5.2 Read the notice about it.", "editorial.renumbered"),
]


@pytest.mark.parametrize(("old", "new", "severity", "direction", "reason"), SUBSTANTIVE + WHOLE)
def test_substantive_changes(old: str, new: str, severity: str, direction: str, reason: str) -> None:
    found = change(old, new)
    assert reason in found.reasons
    assert (found.severity, found.direction) == (severity, direction)
    assert 0.3 <= found.confidence <= 1


@pytest.mark.parametrize(("old", "new", "reason"), EDITORIAL)
def test_editorial_changes_never_alert(old: str, new: str, reason: str) -> None:
    found = change(old, new, title="Acorn Terms")
    assert (found.severity, found.direction) == ("editorial", "neutral")
    assert reason in found.reasons
    report = build_report(compared(f"{old}\n{FILLER}", f"{new}\n{FILLER}", title="Acorn Terms"))
    assert (report.outcome, report.alert) == ("editorial", False)


def test_an_entry_more_in_a_list_of_recipients_is_worse() -> None:
    [found] = compared(RECIPIENTS, f"{RECIPIENTS}\n- Cedar Speech transcribes personal data").changes
    assert ([fact.kind for fact in found.facts], found.direction) == (["enumeration"], "worse")
    [back] = compared(f"{RECIPIENTS}\n- Cedar Speech transcribes personal data", RECIPIENTS).changes
    assert back.direction == "better"


@pytest.mark.parametrize(
    ("lead", "direction"),
    [
        ("You may refuse targeted advertising by:", "better"),
        ("We use web beacons. You can opt out of them through:", "better"),
        ("We use web beacons for:", "worse"),
        ("You may not refuse targeted advertising for:", "worse"),
    ],
)
def test_one_way_more_to_use_a_choice_is_better(lead: str, direction: str) -> None:
    old = f"{lead}\n- the settings of the browser\n- the button below"
    [found] = compared(f"{old}\n{FILLER}", f"{old}\n- the footer of the page\n{FILLER}").changes
    assert (found.reasons[0], found.direction) == ("enumeration.added", direction)


def test_a_moved_clause_is_neither_removed_nor_added() -> None:
    other = "Irish law governs these terms and all disputes."
    more = "A third clause stands between the two others here."
    [found] = compared(f"{FILLER}\n{other}\n{more}", f"{other}\n{more}\n{FILLER}").changes
    assert (found.op, found.severity, found.reasons) == ("moved", "editorial", ("editorial.moved",))


def test_a_path_that_changed_through_markup_alone_is_no_change() -> None:
    assert compared(f"## Law\n{FILLER}", f"#### Law\n{FILLER}").changes == ()


def test_every_kind_of_fact_has_a_strength_and_every_strength_a_severity() -> None:
    assert set(STRENGTH.values()) == {"strong", "moderate", "weak"}
    assert {strength for strength, _ in SEVERITY} == {"strong", "moderate"}


def test_other_languages_are_compared_and_say_their_limits() -> None:
    comparison = compared("Sie dürfen kündigen.", "Sie müssen kündigen.", language="de")
    assert comparison.outcome == "changed"
    assert [fact.kind for fact in comparison.changes[0].facts] == []
    assert "English only" in comparison.limits[0]

"""The taxonomy's data, and what it makes of plain clauses."""

import pytest

from services.differ.core.classify import classify
from services.differ.core.taxonomy import instruments, taxonomy

CLAUSES = [
    ("We may suspend or terminate your account.", "contract.termination"),
    ("You agree to binding arbitration and waive a jury trial.", "dispute.arbitration"),
    ("These terms are governed by the laws of Ireland.", "dispute.choice_of_law"),
    ("The courts of Dublin have exclusive jurisdiction.", "dispute.jurisdiction"),
    ("We are not liable for consequential damages.", "liability.limitation"),
    ("You will indemnify us and hold us harmless.", "liability.indemnification"),
    ("The service is provided as is, without warranty.", "liability.warranty_disclaimer"),
    ("We use your content to train our models.", "ai.training_on_user_data"),
    ("We disclose your data to our affiliates and partners.", "privacy.third_party_sharing"),
    ("We use cookies for targeted advertising.", "privacy.ads_tracking"),
    ("We retain your data for as long as necessary.", "privacy.retention"),
    ("You have the right to access and to data portability.", "privacy.user_rights"),
    ("Transfers rest on standard contractual clauses.", "privacy.transfer"),
    ("The service is not for children under 13.", "privacy.children"),
    ("Your plan will automatically renew.", "billing.auto_renewal"),
    ("Fees are not refundable; taxes are extra. Refunds are rare.", "billing.fees_refunds"),
    ("You may not reverse engineer or scrape it.", "use.scraping_reverse_engineering"),
    ("The rate limit is stated in the console.", "api.limits_deprecation"),
    ("A subprocessor acts on documented instructions.", "dpa.processor_terms"),
]


@pytest.mark.parametrize(("text", "category"), CLAUSES)
def test_clauses_find_their_category(text: str, category: str) -> None:
    assert classify(text, ())[0].id == category


def test_headings_help_and_nothing_is_guessed() -> None:
    assert classify("We decide on it alone.", ()) == ()
    [found] = classify("We decide on it alone.", ("9. Termination",))
    assert (found.id, found.why) == ("contract.termination", "heading: termination")


def test_the_taxonomy_is_whole() -> None:
    assert len(taxonomy()) == 33
    for category in taxonomy().values():
        assert category.default_severity in ("high", "medium", "low")
        assert category.polarity in ("burden", "protection", "neutral")
        assert category.strong
        assert category.regulations
        assert all(regulation.id in instruments() for regulation in category.regulations)


def test_no_two_categories_share_a_strong_phrase() -> None:
    phrases = [phrase for category in taxonomy().values() for phrase in category.strong]
    assert len(phrases) == len(set(phrases))

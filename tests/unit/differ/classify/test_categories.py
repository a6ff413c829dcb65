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
    ("We keep the pictures that you send for up to 90 days.", "privacy.retention"),
    ("Backups are overwritten after 35 days.", "privacy.retention"),
    ("Recordings are stored on our servers for at least two years.", "privacy.retention"),
    ("Messages are erased within 1 month, unless a law says otherwise.", "privacy.retention"),
    ("Within the European Union you may withdraw from the contract in two weeks.", "billing.fees_refunds"),
    ("Clauses 3 and 4 continue to hold after the end.", "contract.boilerplate"),
    ("We take no decisions about you without a human.", "ai.automated_decisions"),
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


FORMS = [
    # plurals, participles and spellings that their stems part
    ("Cookies remember your language.", "privacy.cookies"),
    ("You see personalised ads.", "privacy.ads_tracking"),
    ("Do not pass on API keys.", "api.developer_responsibility"),
    ("Harassment is no joke.", "use.acceptable_use"),
    ("You give us a licence: you grant a licence to use it.", "content.user_licence"),
    ("We may be modifying these terms.", "contract.unilateral_change"),
    ("Whoever does it is banned.", "contract.termination"),
]


@pytest.mark.parametrize(("text", "category"), FORMS)
def test_every_form_of_a_word_counts(text: str, category: str) -> None:
    assert classify(text, ())[0].id == category


@pytest.mark.parametrize(
    ("text", "path", "category"),
    [
        ("Effective date: 9 October 2026", ("Lumenforge Developer Terms",), None),
        ("Persistent", ("Cookie Policy", "Necessary"), None),
        ("It lasts for the session.", ("Cookie Policy",), "privacy.cookies"),
        ("Rook Analytics LLC", ("Subprocessors",), "dpa.processor_terms"),
        ("Rook Analytics LLC", ("Data Policy", "Subprocessors"), "dpa.processor_terms"),
    ],
)
def test_the_title_of_a_document_says_nothing_of_a_clause_alone(
    text: str, path: tuple[str, ...], category: str | None
) -> None:
    found = classify(text, path)
    assert (found[0].id if found else None) == category


def test_the_taxonomy_is_whole() -> None:
    assert len(taxonomy()) == 34
    for category in taxonomy().values():
        assert category.default_severity in ("high", "medium", "low")
        assert category.polarity in ("burden", "protection", "neutral")
        assert category.strong
        assert category.regulations
        assert all(regulation.id in instruments() for regulation in category.regulations)


def test_no_two_categories_share_a_strong_phrase() -> None:
    phrases = [phrase for category in taxonomy().values() for phrase in category.strong]
    assert len(phrases) == len(set(phrases))


MISFIRED = [
    # words of one category in a text of none, or of another
    ("We develop new features from time to time.", "api.developer_responsibility"),
    ("Your profile shows your picture.", "ai.automated_decisions"),
    ("Keep your password to yourself.", "privacy.retention"),
    # nor the same letters in another sense, or who does it
    ("We may keep a share of the fee.", "privacy.third_party_sharing"),
    ("Your account's name must be your own, and notices go to its address.", "contract.termination"),
    ("We do not use the address for anything else.", "use.acceptable_use"),
    ("Maintenance follows, except where the weather does not allow us to work.", "use.acceptable_use"),
    # what is kept for some time, and is no data
    ("We keep each version available for 6 months.", "privacy.retention"),
    ("You must delete your copies within 7 days.", "privacy.retention"),
    ("Keep it safe for 90 days.", "privacy.retention"),
    ("Join the discussion in our forum.", "dispute.jurisdiction"),
    ("The concert's venue is shown on the ticket.", "dispute.jurisdiction"),
    ("An independent audit of the platform takes place each year.", "api.developer_responsibility"),
    ("Products: Lumenforge for Teams, Lumenforge Developer Platform.", "api.developer_responsibility"),
    ("Ask us anything about our brand guidelines.", "api.developer_responsibility"),
    ("We use surveys to develop and improve our website.", "ai.training_on_user_data"),
    ("Unsubscribe at any time by clicking the link in our mails.", "contract.consent_by_use"),
    ("Limit what is shown by using the controls below.", "contract.consent_by_use"),
    ("Do not store anything that infringes intellectual property rights.", "content.user_licence"),
    ("Decisions about your account may be made by automated means.", "use.scraping_reverse_engineering"),
    ("Output needs a clear disclosure of the help it had.", "privacy.third_party_sharing"),
]


@pytest.mark.parametrize(("text", "category"), MISFIRED)
def test_a_word_alone_misleads_nobody(text: str, category: str) -> None:
    assert category not in [match.id for match in classify(text, ())]


RANKED = [
    ("Decisions about your account may be made by automated means.", "ai.automated_decisions"),
    ("Do not access the service through automated means.", "use.scraping_reverse_engineering"),
    ("We keep prompts for 60 days, and open them only to detect harm.", "privacy.retention"),
    ("You must be at least 16 years old to open an account.", "privacy.children"),
    ("We may sell your personal data. We share it with service providers.", "privacy.ads_tracking"),
    ("Invoices are due within 30 days. We may change the fee with 60 days' notice.", "billing.fees_refunds"),
    ("Content that exploits or endangers children is not allowed.", "use.acceptable_use"),
    ("We may use your feedback without owing you anything.", "content.user_licence"),
]


@pytest.mark.parametrize(("text", "category"), RANKED)
def test_the_better_of_two_comes_first(text: str, category: str) -> None:
    assert classify(text, ())[0].id == category


def test_confidence_grows_with_the_evidence_and_never_reaches_certainty() -> None:
    little, much = "Venue for a claim.", "Exclusive jurisdiction and venue: the courts of Dublin, for any claim."
    [one], [two, *_] = classify(little, ()), classify(much, ("Jurisdiction and venue",))
    assert 0 < one.confidence < two.confidence <= 0.95

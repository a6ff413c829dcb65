"""Which rules of law a provision's words call for."""

import pytest

from services.differ.core.classify.regulations import regulations_for, text_rules
from services.differ.core.taxonomy import instruments, taxonomy

CALLED = [
    # text, categories, an id and reference that must be there
    ("Consumers in the European Union agree to arbitration.", ["dispute.arbitration"], "brussels-ia", "Arts 17-19"),
    ("The service is not for children under 13.", ["privacy.children"], "coppa", "16 CFR §§ 312.4-312.5"),
    ("You must be at least 16.", [], "gdpr", "Art. 8"),
    ("A data subject may object.", [], "gdpr", "Arts 2-3"),
    ("We notify you of a personal data breach within 72 hours.", ["privacy.security_breach"], "gdpr", "Art. 33"),
    ("We do not make decisions based solely on automated processing.", [], "gdpr", "Art. 22"),
    ("Residents of California have further rights.", [], "ccpa", "§ 1798.100 et seq."),
    ("Biometric data of people in Illinois.", [], "bipa", "740 ILCS 14/15"),
    ("You must disclose that the text is AI-generated.", [], "ai-act", "Art. 50"),
    ("You may not use it for social scoring.", ["use.acceptable_use"], "ai-act", "Art. 5"),
    ("We certify to the EU-U.S. Data Privacy Framework.", ["privacy.transfer"], "dpf", "Art. 1"),
]
NOT_CALLED = [
    ("Users agree to arbitration.", ["dispute.arbitration"], "brussels-ia", "Arts 17-19"),
    ("Consumers in the European Union pay taxes.", ["billing.fees_refunds"], "brussels-ia", "Arts 17-19"),
    ("Article 13 stays.", [], "coppa", "16 CFR §§ 312.4-312.5"),
    ("AI-generated images cost two credits.", [], "ai-act", "Art. 50"),
]


def _keys(text: str, categories: list[str]) -> list[tuple[str, str]]:
    return [(one.id, one.ref) for one in regulations_for(categories, text)]


@pytest.mark.parametrize(("text", "categories", "id_", "ref"), CALLED)
def test_words_call_for_a_rule(text: str, categories: list[str], id_: str, ref: str) -> None:
    assert (id_, ref) in _keys(text, categories)


@pytest.mark.parametrize(("text", "categories", "id_", "ref"), NOT_CALLED)
def test_other_words_do_not(text: str, categories: list[str], id_: str, ref: str) -> None:
    assert (id_, ref) not in _keys(text, categories)


def test_those_of_the_category_follow_and_none_stands_twice() -> None:
    keys = _keys("Do not use it for social scoring of a data subject.", ["use.acceptable_use"])
    given = [(one.id, one.ref) for one in taxonomy()["use.acceptable_use"].regulations]
    assert set(given) <= set(keys)
    assert len(keys) == len(set(keys))
    assert regulations_for([], "Hello.") == ()


def test_an_application_date_is_said() -> None:
    [rule] = [one for one in regulations_for([], "Social scoring is banned.") if one.id == "ai-act"]
    assert rule.why.endswith("(applies from 2 February 2025)")


def test_every_rule_names_a_known_instrument_and_known_categories() -> None:
    for rule in text_rules():
        assert rule.regulation.id in instruments()
        assert rule.categories <= set(taxonomy())
        assert all(rule.groups)

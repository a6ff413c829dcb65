"""The check refuses what its spans do not prove: each rule, by sentences that a careless writer could have made."""

import pytest

from services.differ.core.summarise_check import RULES, faults, is_proven, label_evidence
from services.differ.core.taxonomy import taxonomy
from shared.domain.report import Proof, Side

BEFORE = "We may end this contract with thirty (30) days' notice. The fee is $10.50 or 2 % of sales since 1 March 2026."
BEFORE += " It allows 600 calls a minute, or $10 a month."
AFTER = "We may end this contract with 14 days' notice. The fee is €10.50 or 3 % of sales since 1 July 2026."
AFTER += " It allows 6,000 calls an hour, or $100 a year."


def at(side: Side, words: str) -> Proof:
    text = BEFORE if side == "before" else AFTER
    return Proof(side=side, span=(text.index(words), text.index(words) + len(words)))


PERIODS = (at("before", "thirty (30) days"), at("after", "14 days"), at("after", "notice"))
CLAUSES = (at("before", "We may end this contract"), at("after", "We may end this contract"))
FEES = (at("before", "The fee is $10.50 or 2 % of sales"), at("after", "The fee is €10.50 or 3 % of sales"))
RATES = (at("before", "600 calls a minute, or $10 a month"), at("after", "6,000 calls an hour, or $100 a year"))
DATES = (at("before", "1 March 2026"), at("after", "since 1 July 2026"))


@pytest.mark.parametrize(
    ("text", "proof"),
    [
        ("Notice fell from 30 days to 14 days.", PERIODS),
        ("Notice fell from thirty days to 14 days.", PERIODS),
        ("“thirty (30) days” became “14 days”.", PERIODS),
        ("The fee changed from $10.50 to €10.50.", FEES),
        ("The fee rose from 2 % to 3 %.", FEES),
        ("It fell from 600 calls a minute to 6,000 calls an hour.", RATES),
        ("It changed from $10 a month to $100 a year.", RATES),
        ("The date changed from 1 March 2026 to 1 July 2026: “since 1 July 2026”.", DATES),
        ("New: “We may end this contract”.", CLAUSES[1:]),
        ("Removed: “We may end this contract”.", CLAUSES[:1]),
    ],
)
def test_what_its_spans_prove_may_be_said(text: str, proof: tuple[Proof, ...]) -> None:
    assert faults(text, proof, BEFORE, AFTER) == ()


REFUSED: list[tuple[str, str, tuple[Proof, ...]]] = [
    ("proof.span", "Something changed.", ()),
    ("proof.span", "Something changed.", (Proof(side="after", span=(3, 3)),)),
    ("proof.span", "Something changed.", (Proof(side="after", span=(0, 999)),)),
    ("proof.quotation", "“30 weeks” became “14 days”.", PERIODS),
    ("proof.quotation", "New: “We must end this contract”.", CLAUSES),
    ("proof.quotation", "New: “We may … contract”.", CLAUSES),
    ("proof.number", "Notice fell from 30 days to 7 days.", PERIODS),
    ("proof.number", "Notice fell from 30 days to seven days.", PERIODS),
    ("proof.number", "Notice fell from 30 days to 4 days.", PERIODS),
    ("proof.number", "The fee is now $3.", FEES),
    ("proof.number", "The fee is now £10.50.", FEES),
    ("proof.number", "The fee is now 10.50 %.", FEES),
    ("proof.number", "The date changed from 1 March 2025 to 1 July 2026.", DATES),
    ("proof.modal", "We must now end this contract.", CLAUSES),
    ("proof.modal", "We may not now end this contract.", CLAUSES),
    ("proof.modal", "We may now end this contract without notice.", (*CLAUSES, *PERIODS)),
    ("proof.term", "We may now sell this contract.", CLAUSES),
    ("proof.term", "Acorn may now end this contract.", CLAUSES),
    ("proof.term", "Notice fell from 30 weeks to 14 weeks.", PERIODS),
    ("proof.term", "The date changed from 1 May 2026 to 1 August 2026.", DATES),
    ("proof.topic", "Retention period fell from 30 days to 14 days.", PERIODS),
    ("proof.topic", "Notice before termination fell from 30 days to 14 days.", PERIODS),
    ("proof.topic", "Arbitration: “thirty (30) days” became “14 days”.", PERIODS),
    ("proof.side", "“14 days” became “thirty (30) days”.", PERIODS),
    ("proof.side", "Notice changed from 14 days to 30 days.", PERIODS),
    ("proof.side", "New: “We may end this contract”.", CLAUSES[:1]),
    ("proof.side", "Removed: “We may end this contract”.", CLAUSES[1:]),
    ("proof.side", "We no longer end this contract.", CLAUSES[1:]),
    ("proof.order", "Notice rose from 30 days to 14 days.", PERIODS),
    ("proof.order", "The fee fell from 2 % to 3 %.", FEES),
    ("proof.order", "It rose from 600 calls a minute to 6,000 calls an hour.", RATES),
    ("proof.order", "It rose from $10 a month to $100 a year.", RATES),
]


@pytest.mark.parametrize(("rule", "text", "proof"), REFUSED)
def test_what_its_spans_do_not_prove_is_refused(rule: str, text: str, proof: tuple[Proof, ...]) -> None:
    assert rule in faults(text, proof, BEFORE, AFTER)
    assert not is_proven(text, proof, BEFORE, AFTER)


def test_every_rule_refuses_something() -> None:
    assert {rule for rule, _, _ in REFUSED} == set(RULES)


def test_a_side_that_does_not_exist_proves_nothing() -> None:
    assert faults("“thirty (30) days” became “14 days”.", PERIODS, None, AFTER) == ("proof.span",)


def test_a_heading_may_lead_only_where_it_is_the_provisions_own() -> None:
    text = "Ending it: “thirty (30) days” became “14 days”."
    assert is_proven(text, PERIODS, BEFORE, AFTER, ["Ending it"])
    assert "proof.term" in faults(text, PERIODS, BEFORE, AFTER, ["Fees"])


@pytest.mark.parametrize("category", taxonomy())
def test_every_category_is_shown_by_each_of_its_strong_phrases(category: str) -> None:
    assert all(label_evidence(category).search(phrase) for phrase in taxonomy()[category].strong)

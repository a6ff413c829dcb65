"""Which changes a subscription is about."""

import pytest

from shared.domain.subscriptions import Cadence, ChangeFacts, Subscription, matches, soonest

FACTS = ChangeFacts(
    platform="acme",
    document_id="doc_1",
    document_type="Terms of Service",
    severity="medium",
    direction="worse",
    categories=frozenset({"contract.termination", "dispute.arbitration"}),
    provision_ids=frozenset({"prv_1", "prv_2"}),
)


def of(*values: str) -> frozenset[str]:
    return frozenset(values)


@pytest.mark.parametrize(
    ("subscription", "expected"),
    [
        (Subscription(), True),
        (Subscription(platforms=of("acme", "borealis")), True),
        (Subscription(platforms=of("borealis")), False),
        (Subscription(documents=of("doc_1")), True),
        (Subscription(documents=of("doc_2")), False),
        (Subscription(document_types=of("Terms of Service")), True),
        (Subscription(document_types=of("Privacy Policy")), False),
        (Subscription(categories=of("dispute.arbitration")), True),
        (Subscription(categories=of("data.sale")), False),
        (Subscription(provisions=of("prv_2")), True),
        (Subscription(provisions=of("prv_9")), False),
        (Subscription(directions=of("worse")), True),
        (Subscription(directions=of("better")), False),
        (Subscription(platforms=of("acme"), document_types=of("Privacy Policy")), False),
        (Subscription(platforms=of("acme"), categories=of("dispute.arbitration"), documents=of("doc_1")), True),
        (Subscription(minimum_severity="medium"), True),
        (Subscription(minimum_severity="high"), False),
    ],
)
def test_every_kind_that_is_named_must_apply(subscription: Subscription, expected: bool) -> None:
    assert matches(subscription, FACTS) is expected


def test_the_soonest_cadence_wins() -> None:
    assert soonest([Cadence.WEEKLY, Cadence.SAME_DAY, Cadence.DAILY]) is Cadence.SAME_DAY


def test_an_unknown_severity_is_refused() -> None:
    with pytest.raises(ValueError, match="enormous"):
        Subscription(minimum_severity="enormous")

"""What the registry says of a provision as it stands."""

import pytest

from services.differ.core.registry import describe
from shared.domain.provisions import Provision, ProvisionKind


def provision(text: str, *path: str, kind: ProvisionKind = ProvisionKind.CLAUSE) -> Provision:
    return Provision("prv_1", 1, kind, path, path[-1] if path else None, None, text, text.lower(), (0, 1))


@pytest.mark.parametrize(
    ("text", "path", "category", "severity", "weight"),
    [
        ("Any dispute is settled by binding arbitration.", ("Disputes",), "dispute.arbitration", "high", None),
        (
            "We may terminate your account at our sole discretion and without notice.",
            ("Termination",),
            "contract.termination",
            "high",
            "weight.discretion",
        ),
        # what gives something weighs less than others of its category, and little where it says nothing else
        ("You may close your account on any day.", ("Termination",), "contract.termination", "low", "gift.right"),
        (
            "You may close your account on any day. We charge you until then, and you cannot open another.",
            ("Termination",),
            "contract.termination",
            "medium",
            "gift.right",
        ),
        (
            "We will not sell your personal data.",
            ("Recipients",),
            "privacy.ads_tracking",
            "low",
            "gift.forbearance",
        ),
        (
            "Nothing in these terms limits our liability for fraud.",
            ("Limitation of liability",),
            "liability.limitation",
            "low",
            "gift.forbearance",
        ),
        ("You may not close your account by letter.", (), "contract.termination", "medium", "weight.conduct"),
        ("The weather was fine when we wrote this.", (), None, "low", None),
    ],
)
def test_a_provision_has_a_category_a_severity_and_their_reasons(
    text: str, path: tuple[str, ...], category: str | None, severity: str, weight: str | None
) -> None:
    said = describe(provision(text, *path))
    assert (said.category, said.severity) == (category, severity)
    assert (said.categories[:1] == (category,)) is (category is not None)
    assert weight is None or weight in said.reasons


def test_a_heading_alone_states_nothing() -> None:
    said = describe(provision("Binding arbitration", kind=ProvisionKind.HEADING))
    assert (said.category, said.confidence, said.reasons) == (None, None, ())

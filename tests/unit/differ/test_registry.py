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

"""Settings that cannot be used: the message names the variable, what it holds, and what is allowed."""

import pytest

from shared.settings import SettingsError, load_settings


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("CLAUSEWATCH_TICK_S", "soon", "CLAUSEWATCH_TICK_S is 'soon', but should be a valid number"),
        ("CLAUSEWATCH_POISON_AFTER", "0", "CLAUSEWATCH_POISON_AFTER is '0', but should be greater than or equal to 1"),
        ("CLAUSEWATCH_METRICS_PORT", "http", "CLAUSEWATCH_METRICS_PORT is 'http', but should be a valid integer"),
        ("CLAUSEWATCH_ENV", "staging", "CLAUSEWATCH_ENV is 'staging', but should be 'development' or 'production'"),
        (
            "CLAUSEWATCH_ALLOW_LOOPBACK",
            "perhaps",
            "CLAUSEWATCH_ALLOW_LOOPBACK is 'perhaps', but should be a valid boolean",
        ),
        ("CLAUSEWATCH_LOOPBACK_PORTS", "80,x", "CLAUSEWATCH_LOOPBACK_PORTS is 'x', but should be a valid integer"),
    ],
)
def test_a_fault_names_variable_value_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SettingsError) as refused:
        load_settings()

    assert str(refused.value) == f"unusable settings: {said}"


def test_no_secret_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUSEWATCH_ENV", "production")
    monkeypatch.setenv("CLAUSEWATCH_SECRET_KEY", "tooshortsecret")

    with pytest.raises(SettingsError) as refused:
        load_settings()

    assert "CLAUSEWATCH_SECRET_KEY needs at least 32 characters" in str(refused.value)
    assert "tooshortsecret" not in str(refused.value)

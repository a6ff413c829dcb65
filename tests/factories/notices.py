"""What notices of each kind carry, as the notifier writes it; texts are ours."""

from typing import Any

from services.notifier.core.compose.digest import digest_data

DOCUMENT = {"id": "doc_1", "type": "Terms of Service", "url": "https://acme.example/terms", "language": "en"}


def change_line(headline: str = "Notice is shorter", platform: str = "Acme", **changed: Any) -> dict[str, Any]:
    return {
        "type": "change.detected",
        "id": "chg_1",
        "platform": {"slug": "acme", "name": platform},
        "document": {"id": "doc_1", "type": "Terms of Service", "url": "https://acme.example/terms"},
        "severity": "low",
        "direction": "worse",
        "headline": headline,
        "detected_at": "2026-04-10T08:00:00.000Z",
        **changed,
    }


def digest(*changes: dict[str, Any], conditions: list[Any] | None = None, over_quota: int = 0) -> dict[str, Any]:
    period = {"name": "2026-04-13", "start": "2026-04-06T08:00:00.000Z", "end": "2026-04-13T08:00:00.000Z"}
    about = {"id": "dig_1", "cadence": "weekly", "period": period, "over_quota": over_quota}
    return digest_data(about, changes, conditions or [])


def grouped(*told: tuple[dict[str, Any], dict[str, Any] | None]) -> dict[str, Any]:
    """Changes of one platform that came close together: each line, with its report where there is one."""
    lines = [{**line, "id": f"chg_{number}"} for number, (line, _) in enumerate(told)]
    period = {
        "name": "2026-04-10T08:10:00.000Z:acme",
        "start": "2026-04-10T08:01:00.000Z",
        "end": "2026-04-10T08:10:00.000Z",
    }
    about = {"id": "dig_1", "cadence": "immediate", "period": period, "over_quota": 0}
    reports = {f"chg_{number}": report for number, (_, report) in enumerate(told) if report}
    return digest_data(about, lines, []) | {"reports": reports}


def condition(detail: str = "http-status: 503", **changed: Any) -> dict[str, Any]:
    state = {"id": "cnd_1", "kind": "unreachable", "phase": "began", "detail": detail}
    times = {"began_at": "2026-04-10T08:00:00Z", "ended_at": None}
    return {
        "platform": {"slug": "acme", "name": "Acme"},
        "document": DOCUMENT,
        "condition": state | times | changed,
    }


def incident(
    address: str = "https://alice.example/hook", detail: str = "HTTP 503", phase: str = "disabled"
) -> dict[str, Any]:
    endpoint = {"id": "ep_1", "kind": "webhook", "address": address}
    reason = "endpoint-gone" if phase == "disabled" else None
    about = {"phase": phase, "reason": reason, "since": "2026-04-10T08:00:00+00:00", "detail": detail}
    return {**about, "endpoint": endpoint}

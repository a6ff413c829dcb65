"""How feeds and calendars name a change."""

from services.differ.core.render.wording import DIRECTIONS
from shared.db.registry.changes import ChangeEntry


def named(change: ChangeEntry) -> str:
    """Whose document changed."""
    return f"{change.platform_name} {change.document_type}"


def headline(change: ChangeEntry) -> str:
    """What changed; a change that was revised says so first."""
    said = change.headline or "The document changed"
    return said if change.status == "confirmed" else f"{change.status.capitalize()}: {said}"


def weight(change: ChangeEntry) -> str:
    """Severity and direction."""
    severity = "Editorial" if change.severity == "editorial" else f"{change.severity.capitalize()} severity"
    return severity if change.direction == "neutral" else f"{severity}, {DIRECTIONS[change.direction]}"

"""How to refer to a change so that another finds and can check it."""

from shared.domain.report import Report


def citation(report: Report, record: str) -> str:
    """One paragraph: who, what, when, the record, and the hashes of both texts; `record` is the address of its page."""
    parts = []
    if report.platform and report.document:
        parts.append(f"{report.platform.name}, {report.document.type}, {report.document.url}")
    if report.headline:
        parts.append(f"“{report.headline.text}”")
    seen = report.dates.first_seen_new
    if seen:
        parts.append(f"first seen {seen.day} {seen:%B %Y, %H:%M} UTC")
    if report.dates.effective:
        day = report.dates.effective.value
        parts.append(f"stated to take effect {day.day} {day:%B %Y}")
    parts.append(f"Clausewatch record {report.id}, {record}")
    for name, side in (("before", report.evidence.old), ("after", report.evidence.new)):
        if side.text_sha256:
            parts.append(f"SHA-256 of the text {name} {side.text_sha256}")
    status = f" This record was {report.status}." if report.status in {"corrected", "retracted"} else ""
    return "; ".join(parts) + "." + status

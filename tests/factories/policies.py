"""A policy long enough to be read as one; the words are ours."""

from html import escape

_CLAUSES = (
    ("1. About these terms", "These terms are an agreement between you and Acme Example Ltd about the Acme service."),
    ("2. Your account", "You must be at least 16 years old. You keep your password to yourself and tell us of misuse."),
    ("3. Acceptable use", "You may not resell the service, probe it for weaknesses, or use it to harm other people."),
    ("4. Fees", "You pay the fees shown when you order. We will refund what you paid for service you did not get."),
    ("5. Termination", "We may end this agreement with {notice} notice. You may end it at any time in your settings."),
    ("6. Liability", "Nothing in these terms limits liability for intent, or for injury to life, body or health."),
    (
        "7. Law and courts",
        "The law of the place where you live applies, and you may sue us in its courts.",
    ),
)


def policy(*, notice: str = "30 days") -> str:
    """Terms of service in Markdown."""
    clauses = "\n\n".join(f"## {heading}\n\n{text.format(notice=notice)}" for heading, text in _CLAUSES)
    return f"# Acme Terms of Service\n\n{clauses}\n"


def as_html(markdown: str, *, around: str = "") -> str:
    """The same as a page, with what stands around it."""
    blocks = []
    for block in markdown.strip().split("\n\n"):
        level = len(block) - len(block.lstrip("#"))
        tag = f"h{level}" if level else "p"
        blocks.append(f"<{tag}>{escape(block.lstrip('# '))}</{tag}>")
    title = "<title>Terms of Service</title>"
    return (
        f"<!doctype html><html lang=en><head>{title}</head><body>{around}<main>{''.join(blocks)}</main></body></html>"
    )

"""`clausewatch evidence …`: the ledger's key and heads, and bundles that prove what was recorded."""

import typer

from services.cli.lazy import Entry, LazyGroup

COMMANDS = {
    "export": Entry("services.cli.evidence.export:export", "Write what proves a change or a version to one zip."),
    "verify": Entry("services.cli.evidence.verify:verify", "Check a bundle of evidence, offline."),
    "key": Entry("services.cli.evidence.keys:key", "Print the public key that heads are signed with."),
    "heads": Entry("services.cli.evidence.keys:heads", "List the signed heads of the ledger."),
    "audit": Entry("services.cli.evidence.audit:audit", "Examine the ledger itself."),
}


class _Evidence(LazyGroup):
    """`verify` needs neither database nor installation, and does not wait for what the others import."""

    entries = COMMANDS


app = typer.Typer(
    cls=_Evidence,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.callback()
def _group() -> None:
    """Export and check bundles of evidence; show the ledger's key and heads, and examine the ledger itself."""

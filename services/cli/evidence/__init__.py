"""`clausewatch evidence …`: the ledger's key and heads, and bundles that prove what was recorded."""

import typer

from services.cli.evidence.audit import audit
from services.cli.evidence.export import export
from services.cli.evidence.keys import heads, key
from services.cli.evidence.verify import verify

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Export and check bundles of evidence; show the ledger's key and heads, and examine the ledger itself.",
)
app.command("export")(export)
app.command("verify")(verify)
app.command("key")(key)
app.command("heads")(heads)
app.command("audit")(audit)

"""`clausewatch subscribe`: which changes are told, where and how soon."""

from typing import Annotated

import typer

from services.cli.account import LOCAL_ACCOUNT, local_accounts, named_endpoint
from services.cli.errors import UsageError
from services.cli.opening import open_installation
from services.cli.output import print_json, say
from services.cli.watch import AsJson, named_document
from services.differ.core.taxonomy import taxonomy
from services.notifier.handlers.accounts import NotAllowed
from shared.db.sources import platform_slug
from shared.domain.subscriptions import CADENCES, SEVERITIES, Cadence, Subscription

_SEVERITIES = ", ".join(SEVERITIES)


def subscribe(
    to: Annotated[
        list[str], typer.Option("--to", metavar="ENDPOINT", help="Who is told: an endpoint's id or address.")
    ],
    platform: Annotated[list[str], typer.Option(help="A platform's name; all of them otherwise.")] = [],  # noqa: B006
    document: Annotated[list[str], typer.Option(help='An id, the beginning of one, or "platform/type".')] = [],  # noqa: B006
    kind: Annotated[list[str], typer.Option("--type", help='"Terms of Service", "Privacy Policy", …')] = [],  # noqa: B006
    category: Annotated[list[str], typer.Option(help="Of the taxonomy: dispute.arbitration, …")] = [],  # noqa: B006
    min_severity: Annotated[str, typer.Option(help=f"The least grave that is told: {_SEVERITIES}.")] = "low",
    cadence: Annotated[str, typer.Option(help=f"How soon: {', '.join(CADENCES)}.")] = Cadence.IMMEDIATE.value,
    as_json: AsJson = False,
) -> None:
    """Hear of changes. What is named several times means any of these; what is not named means all."""
    if min_severity not in SEVERITIES:
        raise UsageError(f"subscribe: --min-severity {min_severity!r} is not one of {_SEVERITIES}")
    if cadence not in CADENCES:
        raise UsageError(f"subscribe: --cadence {cadence!r} is not one of {', '.join(CADENCES)}")
    _check_categories(category)
    with open_installation() as opened:
        endpoints = [named_endpoint(opened, reference) for reference in to]
        wanted = Subscription(
            platforms=frozenset(platform_slug(name) for name in platform),
            documents=frozenset(named_document(opened, reference).id for reference in document),
            document_types=frozenset(kind),
            categories=frozenset(category),
            minimum_severity=min_severity,
            cadence=Cadence(cadence),
        )
        try:
            subscription_id = local_accounts(opened).subscribe(LOCAL_ACCOUNT, wanted, [one.id for one in endpoints])
        except NotAllowed as error:
            raise UsageError(f"subscribe: {error}") from None
    if as_json:
        print_json({"id": subscription_id})
    else:
        told = ", ".join(endpoint.address for endpoint in endpoints)
        say(f"{told} will hear of {_in_words(wanted)}, {cadence} ({subscription_id})")


def _check_categories(categories: list[str]) -> None:
    known = taxonomy()
    for category in categories:
        if category not in known:
            near = [name for name in known if name.startswith(category.split(".")[0] + ".")] or list(known)[:5]
            raise UsageError(f"subscribe: there is no category {category!r}; there is {', '.join(near)}")


def _in_words(wanted: Subscription) -> str:
    named = [value for _, value in wanted.terms()]
    of = f" of {', '.join(named)}" if named else ""
    least = (
        "every change"
        if wanted.minimum_severity == SEVERITIES[0]
        else f"changes of severity {wanted.minimum_severity} or above"
    )
    return least + of

"""`clausewatch subscribe`: which changes are told, where and how soon."""

import shlex
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer

from services.cli.account import LOCAL_ACCOUNT, local_accounts, named_endpoint
from services.cli.errors import UsageError
from services.cli.known_names import check_category, check_provisions, platform_names, type_names
from services.cli.opening import Opened, open_installation
from services.cli.options import AsJson
from services.cli.output import ago, print_json, say, show_table, styled
from services.cli.plan import warn_of_limits
from services.cli.watch import named_document
from shared.db.notifier.subscriptions import SubscriptionStore
from shared.db.sources import Sources
from shared.domain.subscriptions import CADENCES, DIRECTIONS, SEVERITIES, Cadence, Subscription
from shared.usecases.accounts import NotAllowed
from shared.usecases.previewing import PREVIEW
from shared.usecases.previewing import preview as changes_told

_SEVERITIES = ", ".join(SEVERITIES)


def subscribe(
    to: Annotated[
        list[str], typer.Option("--to", metavar="ENDPOINT", help="Who is told: an endpoint's id or address.")
    ] = [],  # noqa: B006
    platform: Annotated[list[str], typer.Option(metavar="NAME", help="A platform's name; all of them otherwise.")] = [],  # noqa: B006
    document: Annotated[
        list[str], typer.Option(metavar="DOCUMENT", help='An id, the beginning of one, or "platform/type".')
    ] = [],  # noqa: B006
    kind: Annotated[
        list[str], typer.Option("--type", metavar="TYPE", help='"Terms of Service", "Privacy Policy", …')
    ] = [],  # noqa: B006
    category: Annotated[
        list[str], typer.Option(metavar="CATEGORY", help="Of the taxonomy: dispute.arbitration, …")
    ] = [],  # noqa: B006
    provision: Annotated[list[str], typer.Option(metavar="ID", help="The id of a single one: prv_…")] = [],  # noqa: B006
    direction: Annotated[
        list[str], typer.Option(metavar="WORD", help=f"For those bound: {', '.join(DIRECTIONS)}.")
    ] = [],  # noqa: B006
    min_severity: Annotated[
        str, typer.Option(metavar="WORD", help=f"The least grave that is told: {_SEVERITIES}.")
    ] = "low",
    cadence: Annotated[
        str, typer.Option(metavar="WORD", help=f"How soon: {', '.join(CADENCES)}.")
    ] = Cadence.IMMEDIATE.value,
    preview: Annotated[
        bool, typer.Option("--preview", help="Only show what of the last 90 days would have been told.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Hear of changes. What is named several times means any of these; what is not named means all."""
    if min_severity not in SEVERITIES:
        raise UsageError(f"subscribe: --min-severity {min_severity!r} is not one of {_SEVERITIES}")
    if cadence not in CADENCES:
        raise UsageError(f"subscribe: --cadence {cadence!r} is not one of {', '.join(CADENCES)}")
    for name in category:
        check_category(name)
    for name in direction:
        if name not in DIRECTIONS:
            raise UsageError(f"subscribe: --direction {name!r} is not one of {', '.join(DIRECTIONS)}")
    if not to and not preview:
        raise UsageError("subscribe: '--to' names nobody to tell: `clausewatch endpoints list` shows whom there is")
    with open_installation() as opened:
        endpoints = [named_endpoint(opened, reference) for reference in to]
        watched = Sources(opened.database).names()
        platforms, types = platform_names(watched), type_names(watched)
        slugs, kinds = [platforms.key(name) for name in platform], [types.key(name) for name in kind]
        wanted = Subscription(
            platforms=frozenset(slugs),
            documents=frozenset(named_document(opened, reference).id for reference in document),
            document_types=frozenset(types.known[key] for key in kinds),
            categories=frozenset(category),
            provisions=frozenset(provision),
            directions=frozenset(direction),
            minimum_severity=min_severity,
            cadence=Cadence(cadence),
        )
        check_provisions(wanted.provisions, SubscriptionStore(opened.database).provisions_among(wanted.provisions))
        if preview:
            _show_preview(opened, wanted, as_json=as_json)
            return
        try:
            subscription_id = local_accounts(opened).subscribe(LOCAL_ACCOUNT, wanted, [one.id for one in endpoints])
        except NotAllowed as error:
            raise UsageError(f"subscribe: {error}") from None
        warn_of_limits(opened)
    if as_json:
        print_json({"id": subscription_id})
    else:
        told = ", ".join(endpoint.address for endpoint in endpoints)
        say(f"{told} will hear of {_in_words(wanted)}, {cadence} ({subscription_id})")
    for remark in _remarks(platforms.unwatched(slugs), types.unwatched(kinds)):
        typer.echo(remark, err=True)


def _show_preview(opened: Opened, wanted: Subscription, *, as_json: bool) -> None:
    """The changes of the last 90 days that would have been told, with how many a week that is."""
    now = opened.clock.now()
    found = changes_told(SubscriptionStore(opened.database), LOCAL_ACCOUNT, wanted, now, inside=as_json)
    if as_json:
        print_json([{"id": one.id, "headline": one.headline, **asdict(one.facts)} for one in found])
        return
    show_table(
        ("change", "found", "of", "severity", "direction", "headline"),
        [
            (
                one.id,
                ago(one.detected_at, now),
                f"{one.platform} / {one.facts.document_type}",
                styled(one.facts.severity),
                one.facts.direction,
                one.headline,
            )
            for one in found
        ],
        empty="nothing of the last 90 days would have been told",
    )
    if found:
        count = f"{len(found)} change{'' if len(found) == 1 else 's'}"
        say(f"{count} in 90 days, {len(found) * 7 / PREVIEW.days:.1f} a week; nothing was subscribed to")


def _remarks(platforms: list[str], types: list[str]) -> Iterator[str]:
    """What a subscriber would wonder at later: silence, and why."""
    for name in platforms:
        yield f"{name} is not watched yet: `clausewatch catalogue add {shlex.quote(name)}` begins it"
    for name in types:
        yield f"no document of the type {name} is watched yet"


def _in_words(wanted: Subscription) -> str:
    named = [value for _, value in wanted.terms()]
    of = f" of {', '.join(named)}" if named else ""
    least = (
        "every change"
        if wanted.minimum_severity == SEVERITIES[0]
        else f"changes of severity {wanted.minimum_severity} or above"
    )
    return least + of

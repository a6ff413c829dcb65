"""`clausewatch deliveries …`: what was sent, what waits, and why."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from services.cli.account import LOCAL_ACCOUNT, named_endpoint
from services.cli.changes import since_moment
from services.cli.errors import UsageError
from services.cli.opening import Opened, open_installation
from services.cli.options import AsJson
from services.cli.output import ago, print_json, say, show_facts, show_table, styled
from shared.db.notifier.accounts import AccountStore, ListedDelivery
from shared.db.notifier.mail_events import MailEvents
from shared.db.notifier.replay import UNDELIVERED, Wanted, replay_many
from shared.db.tables import MailEventRow
from shared.domain.deliveries import REPLAYABLE, DeliveryState, IllegalMove
from shared.domain.mail import MailEventKind, fate_of
from shared.domain.notices import subject_in_words

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="See what was sent, and send it again."
)

_STATES = ", ".join(DeliveryState)


@app.command("list")
def list_deliveries(
    state: Annotated[list[str], typer.Option(help=f"Only in this state: {_STATES}.")] = [],  # noqa: B006
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List deliveries, newest first; every one that was held or given up says why."""
    for name in state:
        if name not in list(DeliveryState):
            raise UsageError(f"deliveries list: --state {name!r} is not one of {_STATES}")
    with open_installation() as opened:
        found = AccountStore(opened.database).deliveries(states=state, limit=limit)
        now = opened.clock.now()
    if as_json:
        print_json([asdict(delivery) for delivery in found])
        return
    show_table(
        ("delivery", "made", "tells", "to", "state", "reason", "attempts", "due"),
        [
            (
                one.id,
                ago(one.created_at, now),
                subject_in_words(one.subject),
                one.address,
                styled(one.state),
                one.reason,
                str(one.attempts),
                None if one.settled_at else ago(one.due_at, now),
            )
            for one in found
        ],
        empty="no deliveries yet",
    )


@app.command()
def show(
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="Its id, or the beginning of it.")],
    as_json: AsJson = False,
) -> None:
    """Show one delivery with every attempt: when, how it went, how long it took, what the receiver answered."""
    with open_installation() as opened:
        accounts = AccountStore(opened.database)
        found = accounts.deliveries(reference=delivery, limit=2) if delivery else []
        if len(found) != 1:
            problem = "names several deliveries" if found else "names no delivery"
            raise UsageError(f"deliveries show: {delivery!r} {problem}: `clausewatch deliveries list` shows them")
        attempts = accounts.attempts(found[0].id)
        events = MailEvents(opened.database).of(found[0].id)
    fate = fate_of(MailEventKind(one.kind) for one in events)
    if as_json:
        attempt_log = [one.model_dump(exclude={"delivery_id"}) for one in attempts]
        mail_log = [one.model_dump(exclude={"delivery_id", "received_at"}) for one in events]
        print_json({**asdict(found[0]), "attempt_log": attempt_log, "mail": fate, "mail_log": mail_log})
        return
    _show_facts(found[0], fate)
    show_table(
        ("attempt", "at", "outcome", "status", "took", "error", "answer"),
        [
            (
                str(one.n),
                one.at.isoformat(timespec="milliseconds"),
                one.outcome,
                None if one.status is None else str(one.status),
                f"{one.duration_ms} ms",
                one.error,
                one.answer,
            )
            for one in attempts
        ],
        empty="not tried yet",
    )
    if events:
        _show_events(events)


@app.command()
def retry(
    delivery: Annotated[list[str] | None, typer.Argument(metavar="[DELIVERY]…", help="Their ids.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="What this endpoint was told: its id or address.")] = None,
    since: Annotated[str | None, typer.Option(help="What was made since: 2026-05-01, or 12h, 7d.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only what is not known to have arrived.")] = False,
    dead: Annotated[bool, typer.Option("--dead", help="Only what was given up.")] = False,
) -> None:
    """Send deliveries again, with the same id and words, so that a receiver knows them for the same.

    With --endpoint or --since and neither --failed nor --dead, webhooks are sent again what they took, too.
    """
    several = endpoint is not None or since is not None or failed or dead
    if bool(delivery) == several:
        raise UsageError("deliveries retry: name DELIVERY ids, or choose by --endpoint, --since, --failed, --dead")
    with open_installation() as opened:
        if delivery:
            accounts = AccountStore(opened.database)
            count = sum(_retry(opened, accounts, one) for one in delivery)
        else:
            states = (
                {DeliveryState.DEAD} if dead else UNDELIVERED if failed else UNDELIVERED | {DeliveryState.DELIVERED}
            )
            now = opened.clock.now()
            wanted = Wanted(
                account_id=LOCAL_ACCOUNT,
                states=states,
                endpoint_id=named_endpoint(opened, endpoint).id if endpoint is not None else None,
                since=since_moment(since, now, "deliveries retry") if since is not None else None,
            )
            count = replay_many(opened.database, wanted, now)
    say(f"{count} deliver{'y' if count == 1 else 'ies'} due now")


def _retry(opened: Opened, accounts: AccountStore, delivery_id: str) -> bool:
    try:
        standing = accounts.replay(delivery_id, opened.clock.now())
    except IllegalMove as error:
        allowed = ", ".join(sorted(REPLAYABLE))
        raise UsageError(f"deliveries retry: {delivery_id}: {error}; it must be {allowed}") from None
    if standing is None:
        raise UsageError(f"deliveries retry: there is no delivery {delivery_id!r}")
    return True


def _show_events(events: Sequence[MailEventRow]) -> None:
    """What the mail provider said of it since."""
    show_table(
        ("then", "at", "said"),
        [(one.kind, one.at.isoformat(timespec="seconds"), one.detail or None) for one in events],
        empty="",
    )


def _show_facts(delivery: ListedDelivery, fate: str | None) -> None:
    show_facts(
        [
            ("delivery", delivery.id),
            ("tells", f"{delivery.notice_kind} ({subject_in_words(delivery.subject)})"),
            ("to", f"{delivery.channel} {delivery.address}"),
            ("state", styled(delivery.state)),
            ("reason", delivery.reason),
            ("mail", fate),
            ("made", delivery.created_at.isoformat(timespec="seconds")),
            ("due", None if delivery.settled_at else delivery.due_at.isoformat(timespec="seconds")),
            ("settled", delivery.settled_at.isoformat(timespec="seconds") if delivery.settled_at else None),
        ]
    )

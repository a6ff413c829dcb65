"""The mails that sign members in."""

from datetime import datetime

from sqlmodel import Session

from shared.db.identity.members import Member
from shared.db.notifier.accounts import insert_endpoint
from shared.db.notifier.bulk import insert_missing_many
from shared.db.notifier.records import NewNotice
from shared.db.notifier.telling import add_notice, delivery_values
from shared.db.session import Database
from shared.db.tables import AccountRow, DeliveryRow
from shared.db.upsert import insert_missing
from shared.domain.deliveries import Channel, DeliveryState, EndpointState, Standing
from shared.domain.fanout import Opening, Watcher
from shared.domain.notices import NoticeKind, sign_in_subject
from shared.domain.subscriptions import Cadence
from shared.ids import new_id

NEWCOMERS = "acc_newcomers"
"""Sends what goes to addresses that have no account of their own yet; nobody is its member."""


class SignInMails:
    """Hands links to the notifier as ordinary deliveries, which `claims.py` lets through to whatever endpoint.

    A member's mailbox that the account does not list is a removed endpoint: nothing else is ever sent there.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def send(self, member: Member, link_id: str, now: datetime) -> None:
        """Have that link mailed to the member it was made for."""
        with self._database.transaction() as session:
            _send(session, member.account_id, member.email, link_id, now)

    def send_newcomer(self, email: str, link_id: str, now: datetime) -> None:
        """Have that link mailed to an address that has no account yet."""
        account = {"id": NEWCOMERS, "name": "Newcomers", "plan": "free", "timezone": "UTC", "created_at": now}
        with self._database.transaction() as session:
            insert_missing(session, AccountRow, account)
            _send(session, NEWCOMERS, email.casefold(), link_id, now)


def _send(session: Session, account_id: str, email: str, link_id: str, now: datetime) -> None:
    endpoint, _ = insert_endpoint(session, account_id, Channel.EMAIL, email, None, now, state=EndpointState.REMOVED)
    notice = NewNotice(NoticeKind.SIGN_IN, sign_in_subject(link_id), new_id("cor"))
    state = EndpointState(endpoint.state)
    to = Watcher(endpoint.id, account_id, Channel.EMAIL, state, plan="", timezone="UTC", matches=())
    due = Opening(Standing(DeliveryState.PENDING, now), Cadence.IMMEDIATE)
    values = delivery_values(add_notice(session, notice, now), to, due, charged=False, now=now)
    insert_missing_many(session, DeliveryRow, [values])

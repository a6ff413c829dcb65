"""How often an address may be asked for its consent, and the mail that asks."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.notifier.core.compose import NotComposable
from shared.db.notifier.records import Claim
from shared.domain.consent import CONFIRM_WITHIN, may_ask_at
from shared.domain.notices import NoticeKind
from tests.unit.notifier.test_composing import AT, LINKS, claim, composer, parts


def ago(**span: float) -> datetime:
    return AT - timedelta(**span)


@pytest.mark.parametrize(
    ("asked", "again_at"),
    [
        ([], AT),
        ([ago(minutes=1)], AT + timedelta(minutes=59)),
        ([ago(hours=1)], AT),
        ([ago(minutes=59, seconds=59)], AT + timedelta(seconds=1)),
        ([ago(hours=2), ago(hours=4), ago(hours=6), ago(hours=8)], AT),
        ([ago(hours=hours) for hours in (2, 4, 6, 8, 10)], AT + timedelta(hours=14)),
        ([ago(hours=hours) for hours in (2, 4, 6, 8, 24)], AT),
        ([ago(hours=hours) for hours in (10, 8, 6, 4, 0.5)], AT + timedelta(hours=14)),
        ([ago(hours=hours) for hours in (23.9, 23.8, 23.7, 23.6, 0.5)], AT + timedelta(minutes=30)),
        ([AT, AT], AT + timedelta(hours=1)),
    ],
    ids=[
        "never",
        "just now",
        "an hour",
        "nearly",
        "four",
        "five",
        "the fifth a day ago",
        "both",
        "the hour",
        "at once",
    ],
)
def test_an_address_is_asked_once_an_hour_and_five_times_a_day(asked: list[datetime], again_at: datetime) -> None:
    assert may_ask_at(asked, AT) == again_at


def asking(name: str = "alice") -> Claim:
    one = claim(name)
    kind = NoticeKind.ENDPOINT_CONFIRMATION
    return replace(one, notice=replace(one.notice, kind=kind, subject="confirmation:cnf_1", document_id=None))


def test_the_mail_has_its_readers_link_and_no_other() -> None:
    made, one = composer(), asking()
    body = made.words([one])["dlv_alice"]
    assert isinstance(body, bytes)
    link = LINKS.confirm("ep_alice", AT + CONFIRM_WITHIN)
    message = made.message(one, body, AT)
    for part in parts(message.body):
        assert link in part
        assert "12 April 2026, 09:00 UTC" in part
        assert "/u/" not in part
        assert "/p/" not in part
    assert b"List-Unsubscribe" not in message.body
    assert link.rpartition("/")[2].encode() not in body
    assert json.loads(body)["blanks"].keys() == {"confirm"}


def test_without_a_public_address_nobody_is_asked() -> None:
    body = composer().words([asking()])["dlv_alice"]
    assert isinstance(body, bytes)
    homeless = composer(links=None)
    refused = homeless.words([asking()])["dlv_alice"]
    assert isinstance(refused, NotComposable)
    assert "CLAUSEWATCH_PUBLIC_URL" in str(refused)
    with pytest.raises(NotComposable, match="CLAUSEWATCH_PUBLIC_URL"):  # it was set when the words were frozen
        homeless.message(asking(), body, AT)

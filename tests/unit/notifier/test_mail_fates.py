"""What becomes of a mail, in whatever order its events come, and which of them suppress its address."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from shared.domain.deliveries import Reason
from shared.domain.mail import MailEvent, MailEventKind, MailFate, fate_of, outweighs, suppressed_by

AT = datetime(2026, 4, 10, 8, tzinfo=UTC)
K = MailEventKind


@pytest.mark.parametrize(
    ("kinds", "fate"),
    [
        ([], None),
        ([K.PROCESSED], MailFate.ACCEPTED),
        ([K.PROCESSED, K.DEFERRED], MailFate.SOFT),
        ([K.PROCESSED, K.BLOCKED], MailFate.SOFT),
        ([K.PROCESSED, K.DEFERRED, K.DELIVERED], MailFate.DELIVERED),
        ([K.PROCESSED, K.DELIVERED, K.BOUNCE], MailFate.BOUNCED),
        ([K.DROPPED], MailFate.BOUNCED),
        ([K.PROCESSED, K.DELIVERED, K.SPAM_REPORT], MailFate.COMPLAINED),
        ([K.DELIVERED, K.UNSUBSCRIBE], MailFate.DELIVERED),
    ],
)
def test_a_fate_does_not_depend_on_the_order_of_events(kinds: list[MailEventKind], fate: MailFate | None) -> None:
    assert {fate_of(order) for order in permutations(kinds)} == {fate}


@pytest.mark.parametrize(
    ("kind", "detail", "reason"),
    [
        (K.BOUNCE, "550 no such user", Reason.MAIL_BOUNCED),
        (K.BLOCKED, "421 try later", None),
        (K.DEFERRED, "450 greylisted", None),
        (K.PROCESSED, "", None),
        (K.DELIVERED, "250 ok", None),
        (K.SPAM_REPORT, "", Reason.MAIL_COMPLAINED),
        (K.UNSUBSCRIBE, "", Reason.MAIL_UNSUBSCRIBED),
        (K.GROUP_UNSUBSCRIBE, "", Reason.MAIL_UNSUBSCRIBED),
        (K.DROPPED, "Bounced Address", Reason.MAIL_BOUNCED),
        (K.DROPPED, "Invalid", Reason.MAIL_BOUNCED),
        (K.DROPPED, "Spam Reporting Address", Reason.MAIL_COMPLAINED),
        (K.DROPPED, "Unsubscribed Address", Reason.MAIL_UNSUBSCRIBED),
        (K.DROPPED, "Recipient List over Package Quota", None),
        (K.DROPPED, "Spam Content", None),
    ],
)
def test_what_suppresses_an_address(kind: MailEventKind, detail: str, reason: Reason | None) -> None:
    assert suppressed_by(MailEvent("evt", kind, "a@reader.example", AT, detail=detail)) is reason


def test_what_the_reader_said_outweighs_a_bounce() -> None:
    bounced, unsubscribed, complained = Reason.MAIL_BOUNCED, Reason.MAIL_UNSUBSCRIBED, Reason.MAIL_COMPLAINED
    assert [outweighs(complained, bounced), outweighs(unsubscribed, bounced), outweighs(complained, unsubscribed)] == [
        True
    ] * 3
    assert not outweighs(bounced, complained)
    assert not outweighs(bounced, bounced)

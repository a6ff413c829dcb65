"""One claim's message: each reader's own links in words that all share, and secrets that no key opens."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from services.notifier.core.compose import NotComposable
from services.notifier.core.compose.email import mail_templates
from services.notifier.handlers.composing import Composer, Letterhead
from shared.db.notifier.records import Claim, Notice
from shared.domain.deliveries import Channel
from shared.domain.notices import NoticeKind
from shared.links import Links
from shared.secrets import SecretBox
from tests.factories.reports import provision, report

AT = datetime(2026, 4, 10, 9, tzinfo=UTC)
BOX = SecretBox(["a key for the tests, long enough"])
LINKS = Links("https://cw.example", BOX)


class Memory:
    """Frozen words and reports, in memory."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        self._told, self._frozen = told, dict[str, bytes]()

    def bodies(self, hashes: Collection[str]) -> dict[str, bytes]:
        return {sha256: self._frozen[sha256] for sha256 in hashes}

    def freeze(self, bodies: Mapping[str, bytes], uses: Mapping[str, Sequence[Claim]]) -> None:
        self._frozen.update(bodies)

    def report(self, change_id: str) -> Mapping[str, Any] | None:
        return self._told


def claim(name: str, channel: Channel = Channel.EMAIL, secrets: tuple[str, ...] = ()) -> Claim:
    notice = Notice("ntc_1", NoticeKind.CHANGE_DETECTED, "change:chg_1", "doc_1", {}, "cor_1", AT)
    return Claim(
        delivery_id=f"dlv_{name}",
        token="t",
        lease_until=AT + timedelta(minutes=2),
        notice=notice,
        endpoint_id=f"ep_{name}",
        channel=channel,
        address=f"{name}@reader.example" if channel is Channel.EMAIL else "https://reader.example/hook",
        secrets=secrets,
        failing_since=None,
        attempts=0,
        ambiguous_before=False,
        body_sha256=None,
    )


def composer(told: Mapping[str, Any] | None = None, links: Links | None = LINKS) -> Composer:
    memory = Memory(told or report(provision()))
    return Composer(memory, memory, BOX, mail_templates(), Letterhead("Watch <w@cw.example>", links))


def parts(body: bytes) -> list[str]:
    message = message_from_bytes(body, policy=default)
    assert isinstance(message, EmailMessage)
    return [part.get_content() for part in message.iter_parts()]


def test_each_reader_gets_their_own_links_in_words_that_are_shared() -> None:
    made, claims = composer(), [claim("alice"), claim("bob")]
    words = made.words(claims)
    alice, bob = words["dlv_alice"], words["dlv_bob"]
    assert isinstance(alice, bytes)
    assert alice == bob
    for one in claims:
        message = made.message(one, alice, AT)
        assert [value for _, value in message.personal] == [
            LINKS.preferences(one.endpoint_id),
            LINKS.unsubscribe(one.endpoint_id),
        ]
        for part in parts(message.body):
            assert LINKS.preferences(one.endpoint_id) in part
            assert LINKS.unsubscribe(one.endpoint_id) in part
            assert "blank-" not in part


def test_what_is_personal_stands_in_the_frozen_words() -> None:
    made, one = composer(), claim("alice")
    body = made.words([one])["dlv_alice"]
    assert isinstance(body, bytes)
    frozen = json.loads(body)
    for blank, _ in made.message(one, body, AT).personal:
        assert blank in frozen["text"]
        assert blank in frozen["html"]


def test_a_page_cannot_say_the_word_that_stands_for_a_link() -> None:
    forged = Links("https://cw.example", SecretBox(["another key, that of an attacker"])).blanks("ntc_1")["preferences"]
    other = LINKS.blanks("ntc_2")["preferences"]
    told = report(provision(), headline={"text": f"Now {forged} and {other}", "proof": []})
    made, one = composer(told), claim("alice")
    body = made.words([one])["dlv_alice"]
    assert isinstance(body, bytes)
    text, html = parts(made.message(one, body, AT).body)
    for part in (text, html):
        assert forged in part
        assert other in part


def test_without_a_public_address_there_is_no_footer() -> None:
    made, one = composer(links=None), claim("alice")
    body = made.words([one])["dlv_alice"]
    assert isinstance(body, bytes)
    message = made.message(one, body, AT)
    assert message.personal == ()
    assert all("nsubscribe" not in part for part in parts(message.body))


@pytest.mark.parametrize("channel", [Channel.WEBHOOK, Channel.SLACK])
def test_a_secret_that_no_key_opens_says_what_to_mend(channel: Channel) -> None:
    sealed = SecretBox(["the key of last year, since lost"]).seal("whsec_x")
    with pytest.raises(NotComposable, match="CLAUSEWATCH_RETIRED_SECRET_KEYS"):
        composer().message(claim("alice", channel, (sealed,)), b"{}", AT)


def test_an_alert_links_to_where_it_can_be_called_wrong() -> None:
    record = "https://cw.example/changes/chg_1"
    told = report(provision(), links={"record": record, "redline": None, "evidence": None})
    made, one = composer(told), claim("alice")
    body = made.words([one])["dlv_alice"]
    assert isinstance(body, bytes)
    assert all(f"{record}/wrong" in part for part in parts(made.message(one, body, AT).body))
    slack = made.words([claim("team", Channel.SLACK)])["dlv_team"]
    assert isinstance(slack, bytes)
    assert f"{record}/wrong" in slack.decode()

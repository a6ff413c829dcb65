"""Mails with the same words share a request, inside SendGrid's limits, and each has an outcome of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.notifier.adapters import sendgrid_request
from services.notifier.adapters.outbox import OutboxSender
from services.notifier.adapters.sendgrid import SendGridSender
from services.notifier.core.compose.email import Content, Envelope, mime_message
from services.notifier.core.messages import Accepted, Message, SendFailed, SendFailureKind
from tests.contracts.senders import NOW, serving
from tests.fakes.sendgrid import KEY, FakeSendGrid

Sending = Callable[[SendGridSender], Awaitable[Any]]


def mail(number: int, *, words: str = "Notice is shorter", personal: Sequence[tuple[str, str]] = ()) -> Message:
    """A mail to one of many readers; names of `personal` in its words are filled in with the values."""
    text, html = f"{words}\n", f"<p>{words}</p>\n"
    for name, value in personal:
        text, html = text.replace(name, value), html.replace(name, value)
    address, delivery_id = f"reader{number}@example.org", f"dlv_{number}"
    link = f"https://cw.example/u/ep_{number}/t"
    envelope = Envelope(delivery_id, address, "Watch <w@cw.example>", NOW, thread="doc_1", unsubscribe_url=link)
    content = Content("Notice is shorter", text, html)
    return Message(delivery_id, address, mime_message(content, envelope), personal=tuple(personal))


def linked(number: int) -> Message:
    """A mail in whose words a link is the reader's own."""
    return mail(number, words="Stop: %stop-7f3a%", personal=[("%stop-7f3a%", f"https://cw.example/u/{number}")])


def sending(server: FakeSendGrid, send: Sending, **options: Any) -> Any:
    async def main() -> Any:
        async with asyncio.timeout(30), serving(server.handle) as base:
            sender = SendGridSender(KEY, now=lambda: NOW, host=base, **options)
            try:
                return await send(sender)
            finally:
                await sender.close()

    return asyncio.run(main())


def outcomes(server: FakeSendGrid, messages: Sequence[Message], **options: Any) -> list[Accepted | SendFailed]:
    async def send(sender: SendGridSender) -> list[Any]:
        return await asyncio.gather(*map(sender.send, messages), return_exceptions=True)

    result: list[Accepted | SendFailed] = sending(server, send, **options)
    return result


def sizes(server: FakeSendGrid) -> list[int]:
    return sorted(len(request["personalizations"]) for request in server.requests)


def test_the_same_words_are_one_request_with_what_is_each_reader_s_own() -> None:
    server = FakeSendGrid()
    messages = [linked(number) for number in range(64)]
    assert all(isinstance(one, Accepted) and one.status == 202 for one in outcomes(server, messages))
    assert sizes(server) == [64]
    for number, taken in enumerate(server.taken):
        assert (taken.delivery_id, taken.address) == (f"dlv_{number}", f"reader{number}@example.org")
        assert taken.text == f"Stop: https://cw.example/u/{number}\n"
        assert taken.html == f"<p>Stop: https://cw.example/u/{number}</p>\n"
        assert taken.headers["Message-ID"] == f"<dlv_{number}@cw.example>"
        assert taken.headers["List-Unsubscribe"] == f"<https://cw.example/u/ep_{number}/t>"
        assert taken.headers["References"] == "<doc_1.thread@cw.example>"


def test_other_words_are_another_request() -> None:
    server = FakeSendGrid()
    outcomes(server, [mail(1), mail(2, words="Something else"), mail(3)])
    assert sizes(server) == [1, 2]
    assert {taken.text for taken in server.taken} == {"Notice is shorter\n", "Something else\n"}


def test_a_thousand_fill_a_request() -> None:
    server = FakeSendGrid()
    outcomes(server, [mail(number) for number in range(1_050)], window_s=0.5)
    assert sizes(server) == [50, 1_000]


def test_an_address_comes_once_in_a_request_however_it_is_written() -> None:
    server = FakeSendGrid()
    twice = [mail(1), replace(mail(1), delivery_id="dlv_again", address="Reader1@Example.org"), mail(2)]
    assert all(isinstance(one, Accepted) for one in outcomes(server, twice))
    assert sum(sizes(server)) == 3
    assert max(sizes(server)) == 2


def test_a_request_stays_below_the_size_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notifier.adapters.sendgrid.MOST_BYTES", 4_000)
    server = FakeSendGrid()
    assert all(isinstance(one, Accepted) for one in outcomes(server, [mail(number) for number in range(20)]))
    assert len(sizes(server)) > 2
    assert sum(sizes(server)) == 20


@pytest.mark.parametrize(
    ("words", "personal"),
    [
        ("Quoted: %n%. Yours: %n%", [("%n%", "x" * 9_998)]),
        ("The terms say %m% and yours is %n%", [("%n%", "%m%"), ("%m%", "v")]),
        ("%n% and %nn%%n%", [("%n", "a"), ("%nn%", "b")]),
        ("%n%", [("%n%", "a"), ("", "b")]),
    ],
)
def test_words_that_substitution_would_spoil_go_as_they_are(words: str, personal: list[tuple[str, str]]) -> None:
    server = FakeSendGrid()
    message = mail(1, words=words, personal=[pair for pair in personal if pair[0]])
    outcomes(server, [replace(message, personal=tuple(personal))])
    [request] = server.requests
    assert "substitutions" not in request["personalizations"][0]
    expected = sendgrid_request.letter_of(replace(message, personal=())).words
    assert (server.taken[0].text, server.taken[0].html) == (expected.text, expected.html)


def test_a_name_that_the_terms_quote_is_not_replaced_in_them() -> None:
    server = FakeSendGrid()
    message = replace(mail(1, words="They write %stop% themselves"), personal=(("%stop%", "https://cw.example/1"),))
    outcomes(server, [message])
    assert server.taken[0].text == "They write %stop% themselves\n"


def test_a_bad_recipient_is_refused_alone() -> None:
    server = FakeSendGrid(unknown={"reader2@example.org"})
    first, second, third, fourth = outcomes(server, [linked(number) for number in range(1, 5)])
    assert isinstance(second, SendFailed)
    assert (second.kind, second.permanent, second.ambiguous) == (SendFailureKind.RECIPIENT, True, False)
    assert all(isinstance(one, Accepted) for one in (first, third, fourth))
    assert [taken.delivery_id for taken in server.taken] == ["dlv_1", "dlv_3", "dlv_4"]
    assert sizes(server) == [3, 4]


def test_a_refusal_that_blames_nobody_kills_nobody_and_each_goes_alone_next() -> None:
    server = FakeSendGrid(unknown={"reader2@example.org"}, blames=False)
    messages = [mail(number) for number in range(1, 5)]

    async def send(sender: SendGridSender) -> tuple[list[Any], list[Any]]:
        first = await asyncio.gather(*map(sender.send, messages), return_exceptions=True)
        return first, await asyncio.gather(*map(sender.send, messages), return_exceptions=True)

    first, again = sending(server, send)
    assert [(one.permanent, one.ambiguous, one.status) for one in first] == [(False, False, 400)] * 4
    assert [isinstance(one, Accepted) for one in again] == [True, False, True, True]
    assert again[1].permanent
    assert sizes(server) == [1, 1, 1, 1, 4]


def test_a_second_refusal_leaves_the_others_for_later() -> None:
    """The server names one bad recipient a time; the send does not go on asking for ever."""

    class OneByOne(FakeSendGrid):
        async def handle(self, request: Any) -> Any:
            self.unknown = {f"reader{len(self.requests) + 1}@example.org"}
            return await super().handle(request)

    server = OneByOne()
    refused = outcomes(server, [mail(number) for number in range(1, 5)])
    assert [one.permanent for one in refused if isinstance(one, SendFailed)] == [True, True, False, False]
    assert len(server.requests) == 2


def test_silence_is_ambiguous_for_all_in_the_request() -> None:
    server = FakeSendGrid(silent=True)
    failed = outcomes(server, [mail(number) for number in range(3)], deadline_s=0.3)
    assert [(one.kind, one.ambiguous) for one in failed if isinstance(one, SendFailed)] == [("timeout", True)] * 3


def test_a_request_that_never_began_is_certain() -> None:
    """Eight requests hang; the ninth waits for a thread until its deadline."""
    server = FakeSendGrid(silent=True)
    failed = outcomes(server, [mail(number, words=f"words {number}") for number in range(9)], deadline_s=0.5)
    assert sorted(one.ambiguous for one in failed if isinstance(one, SendFailed)) == [False] + [True] * 8
    assert len(server.taken) == 8


def test_the_sandbox_checks_and_sends_nothing() -> None:
    server = FakeSendGrid()
    [accepted] = outcomes(server, [mail(1)], sandbox=True)
    assert isinstance(accepted, Accepted)
    assert (accepted.status, accepted.answer) == (200, "sandbox: checked, not sent")
    assert (len(server.requests), server.taken) == (1, [])


def test_sendgrid_s_words_are_those_of_the_outbox(tmp_path: Path) -> None:
    """What is put back under names for SendGrid reads as the message that the other senders carry."""
    server, message = FakeSendGrid(), linked(7)
    outcomes(server, [message])
    asyncio.run(OutboxSender(tmp_path).send(message))
    kept = sendgrid_request.letter_of(Message("dlv_7", message.address, (tmp_path / "dlv_7.eml").read_bytes()))
    assert (server.taken[0].text, server.taken[0].html) == (kept.words.text, kept.words.html)

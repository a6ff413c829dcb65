"""What SendGrid is asked: one request of the v3 mail API for all whose mail has the same words.

Limits are those of its reference (Mail Send: "Limitations" and the fields of `personalizations`).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from typing import Any

from sendgrid.helpers.mail import (
    ClickTracking,
    CustomArg,
    Email,
    Header,
    Mail,
    MailSettings,
    OpenTracking,
    Personalization,
    SandBoxMode,
    Substitution,
    To,
    TrackingSettings,
)

from services.notifier.core.messages import Message

MOST_RECIPIENTS = 1_000
"""Personalizations of a request; each has one recipient, and no address comes twice."""
MOST_BYTES = 30_000_000
MOST_SUBSTITUTION_BYTES = 10_000
"""Of one personalization, names and values together."""

_PASSED_ON = (
    "Message-ID",
    "In-Reply-To",
    "References",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
)


@dataclass(frozen=True, slots=True)
class Words:
    """What several recipients read alike: a From header, subject, text and HTML."""

    sender: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One recipient's share of a request. `substitutions` are names in the words and what stands there for this one."""

    words: Words
    delivery_id: str
    address: str
    headers: tuple[tuple[str, str], ...]
    substitutions: tuple[tuple[str, str], ...]

    @property
    def size(self) -> int:
        """Bytes that it adds to a request, its words left out."""
        return len(json.dumps(_personalization(self).get()))


def letter_of(message: Message) -> Letter:
    """The same words and headers as the message that SMTP would have carried."""
    parsed = message_from_bytes(message.body, policy=default)
    if not isinstance(parsed, EmailMessage):
        raise TypeError("the message was not parsed by the modern policy")
    own = Words(str(parsed["From"]), str(parsed["Subject"]), _part(parsed, "plain"), _part(parsed, "html"))
    shared = _shared(own, message.personal)
    written = dict(parsed.raw_items())  # as they stand: parsing each costs more than all the rest
    headers = tuple((name, "".join(written[name].splitlines())) for name in _PASSED_ON if written.get(name))
    return Letter(
        shared or own, message.delivery_id, message.address, headers, message.personal if shared is not None else ()
    )


def request_body(letters: Sequence[Letter], *, sandbox: bool) -> dict[str, Any]:
    """The JSON of one request; the letters have the same words, and no two the same address."""
    words = letters[0].words
    name, address = parseaddr(words.sender)
    mail = Mail(
        from_email=Email(address, name),
        subject=words.subject,
        plain_text_content=words.text,
        html_content=words.html,
    )
    tracking = TrackingSettings()
    tracking.click_tracking, tracking.open_tracking = ClickTracking(False, False), OpenTracking(False)
    mail.tracking_settings = tracking
    if sandbox:
        mail.mail_settings = MailSettings(sandbox_mode=SandBoxMode(True))
    body: dict[str, Any] = mail.get()
    # Not by `add_personalization`, which puts each before the last: a refusal names them by their place.
    body["personalizations"] = [_personalization(letter).get() for letter in letters]
    return body


def words_size(words: Words) -> int:
    """Bytes of a request without its letters, with room for the settings that every request has."""
    return len(json.dumps([words.sender, words.subject, words.text, words.html])) + 1_000


def _personalization(letter: Letter) -> Any:
    personalization = Personalization()
    personalization.add_to(To(letter.address))
    for name, value in letter.headers:
        personalization.add_header(Header(name, value))
    for name, value in letter.substitutions:
        personalization.add_substitution(Substitution(name, value))
    personalization.add_custom_arg(CustomArg("delivery_id", letter.delivery_id))
    return personalization


def _shared(own: Words, personal: Sequence[tuple[str, str]]) -> Words | None:
    """The words with each name in place of its value; None where SendGrid would not make the same words of them again.

    That is so where a name stands in the words anyway, since quoted terms may hold anything.
    """
    texts = (own.subject, own.text, own.html)
    others = [*texts, *(value for _, value in personal)]
    for name, value in personal:
        taken = any(name in text for text in others) or sum(name in other for other, _ in personal) != 1
        if not name or not value or taken:
            return None
    if sum(len(part.encode()) for pair in personal for part in pair) > MOST_SUBSTITUTION_BYTES:
        return None
    text, html = (_named(part, personal) for part in (own.text, own.html))
    if (_filled(text, personal), _filled(html, personal)) != (own.text, own.html):
        return None
    return Words(own.sender, own.subject, text, html)


def _named(text: str, personal: Sequence[tuple[str, str]]) -> str:
    for name, value in sorted(personal, key=lambda pair: -len(pair[1])):
        text = text.replace(value, name)
    return text


def _filled(text: str, personal: Sequence[tuple[str, str]]) -> str:
    for name, value in personal:
        text = text.replace(name, value)
    return text


def _part(parsed: EmailMessage, subtype: str) -> str:
    part = parsed.get_body((subtype,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""

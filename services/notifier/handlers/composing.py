"""The words of each claim: composed once for a notice and channel, frozen in the database, the same ever after."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from jinja2 import Environment
from sqlalchemy.exc import DBAPIError

from services.notifier.core.compose import NotComposable
from services.notifier.core.compose.email import Content, Envelope, email_content, mime_message
from services.notifier.core.compose.email_digest import DETAILED
from services.notifier.core.compose.slack import addressed, slack_message
from services.notifier.core.compose.webhook import webhook_body
from services.notifier.core.messages import Message
from shared.db.notifier.records import Claim, Notice
from shared.domain import signing
from shared.domain.consent import CONFIRM_WITHIN
from shared.domain.deliveries import Channel
from shared.domain.notices import NoticeKind, sign_in_subject
from shared.domain.subscriptions import Cadence
from shared.links import CONFIRM, SIGN_IN, Links
from shared.logging import get_logger
from shared.secrets import Unsealable

log = get_logger()

_OF_ITS_OWN = {NoticeKind.ENDPOINT_CONFIRMATION: CONFIRM, NoticeKind.SIGN_IN: SIGN_IN}
"""The one link in a mail that has no other: it is nothing that one could unsubscribe from."""

_KEY_MEND = "Name the key it was sealed with in CLAUSEWATCH_RETIRED_SECRET_KEYS, or add the endpoint anew."


class Bodies(Protocol):
    """Where frozen words are kept; see `shared.db.notifier.deliveries.DeliveryStore`."""

    def bodies(self, hashes: Collection[str]) -> dict[str, bytes]: ...

    def freeze(self, bodies: Mapping[str, bytes], uses: Mapping[str, Sequence[Claim]]) -> None: ...


class Reports(Protocol):
    """Where change reports are read; see `shared.db.notifier.telling.TellingStore`."""

    def report(self, change_id: str) -> Mapping[str, Any] | None: ...


class Box(Protocol):
    """Opens what was sealed; see `shared.secrets.SecretBox`."""

    def open(self, sealed: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands on every email; `links` where there is a public address for them."""

    sender: str
    links: Links | None = None


class Composer:
    """Puts claims into words and words into messages."""

    def __init__(
        self, bodies: Bodies, reports: Reports, box: Box, templates: Environment, letterhead: Letterhead
    ) -> None:
        self._bodies, self._reports, self._box = bodies, reports, box
        self._templates, self._letterhead = templates, letterhead

    def words(self, claims: Sequence[Claim]) -> dict[str, bytes | NotComposable]:
        """For each delivery id, its frozen words, or why there are none. New words are stored before this returns."""
        said = {claim.delivery_id: claim.body_sha256 for claim in claims if claim.body_sha256}
        stored = self._bodies.bodies(set(said.values())) if said else {}
        words: dict[str, bytes | NotComposable] = {
            delivery_id: stored.get(sha256, NotComposable("its frozen body is missing"))
            for delivery_id, sha256 in said.items()
        }
        unsaid: dict[tuple[str, Channel], list[Claim]] = defaultdict(list)
        for claim in claims:
            if not claim.body_sha256:
                unsaid[claim.notice.id, claim.channel].append(claim)
        fresh: dict[str, bytes] = {}
        uses: dict[str, list[Claim]] = defaultdict(list)
        for (_, channel), sharing in unsaid.items():
            try:
                body = self._composed(sharing[0].notice, channel)
            except NotComposable as error:
                words.update({claim.delivery_id: error for claim in sharing})
                continue
            sha256 = hashlib.sha256(body).hexdigest()
            fresh[sha256] = body
            uses[sha256] += sharing
            words.update({claim.delivery_id: body for claim in sharing})
        if fresh:
            self._bodies.freeze(fresh, uses)
        return words

    def message(self, claim: Claim, body: bytes, at: datetime) -> Message:
        """The message of one attempt: signed now, or with its reader's own links. NotComposable without a secret."""
        if claim.channel is Channel.EMAIL:
            return self._mail(claim, body)
        try:
            secrets = [self._box.open(sealed) for sealed in claim.secrets]
        except Unsealable as error:
            raise NotComposable(f"the endpoint's secret cannot be read: {error} {_KEY_MEND}") from error
        if claim.channel is Channel.SLACK:
            if not secrets:
                raise NotComposable("the endpoint has no URL")
            return Message(claim.delivery_id, secrets[0], addressed(body, claim.delivery_id))
        try:
            headers = signing.headers(claim.delivery_id, int(at.timestamp()), body, secrets)
        except signing.InvalidSecret as error:
            raise NotComposable(str(error)) from error
        return Message(claim.delivery_id, claim.address, body, headers)

    def _composed(self, notice: Notice, channel: Channel) -> bytes:
        """The words of one notice; whatever trips over it is NotComposable, or it would hold up its whole batch."""
        try:
            return self._compose(notice, channel)
        except (NotComposable, DBAPIError):
            raise
        except Exception as error:
            log.exception("notice.fault", notice_id=notice.id, channel=channel.value)
            raise NotComposable(f"the words cannot be written: {type(error).__name__}: {error}") from error

    def _compose(self, notice: Notice, channel: Channel) -> bytes:
        data = self._data(notice)
        if channel is Channel.EMAIL:
            return email_content(notice.kind, notice.created_at, data, self._templates, self._blanks(notice)).frozen()
        if channel is Channel.SLACK:
            return slack_message(notice.kind, notice.created_at, data)
        return webhook_body(notice.kind, notice.created_at, data)

    def _data(self, notice: Notice) -> Mapping[str, Any]:
        if notice.kind is NoticeKind.DIGEST and notice.data["digest"]["cadence"] == Cadence.IMMEDIATE:
            ids = [change["id"] for change in notice.data["changes"][:DETAILED]]
            found = {change_id: self._reports.report(change_id) for change_id in ids}
            return {**notice.data, "reports": {change_id: report for change_id, report in found.items() if report}}
        if notice.kind is not NoticeKind.CHANGE_DETECTED:
            return notice.data
        report = self._reports.report(notice.subject.removeprefix("change:"))
        if report is None:
            raise NotComposable(f"{notice.subject} is not in the database")
        return report

    def _blanks(self, notice: Notice) -> dict[str, str]:
        links = self._letterhead.links
        if notice.kind in _OF_ITS_OWN:
            return _needed(links).blanks(notice.id, [_OF_ITS_OWN[notice.kind]])
        return links.blanks(notice.id) if links else {}

    def _mail(self, claim: Claim, body: bytes) -> Message:
        links, content = self._letterhead.links, Content.thawed(body)
        if claim.notice.kind is NoticeKind.ENDPOINT_CONFIRMATION:
            expires, unsubscribe = claim.notice.created_at + CONFIRM_WITHIN, None
            values = {CONFIRM: _needed(links).confirm(claim.endpoint_id, expires)}
        elif claim.notice.kind is NoticeKind.SIGN_IN:
            link_id, unsubscribe = claim.notice.subject.removeprefix(sign_in_subject("")), None
            values = {SIGN_IN: _needed(links).sign_in(link_id)}
        else:
            unsubscribe = links.unsubscribe(claim.endpoint_id) if links else None
            values = links.personal(claim.endpoint_id) if links else {}
        personal = tuple((blank, values.get(name, "")) for name, blank in content.blanks.items())
        envelope = Envelope(
            delivery_id=claim.delivery_id,
            recipient=claim.address,
            sender=self._letterhead.sender,
            at=claim.notice.created_at,
            thread=claim.notice.document_id,
            unsubscribe_url=unsubscribe,
            personal=personal,
        )
        return Message(claim.delivery_id, claim.address, mime_message(content, envelope), personal=personal)


def _needed(links: Links | None) -> Links:
    if links is None:
        raise NotComposable("this mail needs a link: set CLAUSEWATCH_PUBLIC_URL")
    return links

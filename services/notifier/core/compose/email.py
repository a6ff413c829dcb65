"""The words of an email, frozen for every recipient, and the message around them for one (RFC 5322, 2919, 8058)."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateError, select_autoescape

from services.notifier.core.compose import NotComposable, wording
from services.notifier.core.compose.email_digest import digest
from services.notifier.core.compose.incident import incident
from services.notifier.core.compose.plan import plan_view
from services.notifier.core.compose.view import Alert, alert, subject_of
from shared.domain.consent import CONFIRM_WITHIN, SIGN_IN_WITHIN
from shared.domain.notices import NoticeKind


@dataclass(frozen=True, slots=True)
class Content:
    """What every recipient of a notice reads; `blanks` are what stands in it for a recipient's own values, by name."""

    subject: str
    text: str
    html: str
    blanks: Mapping[str, str] = field(default_factory=dict)

    def frozen(self) -> bytes:
        """The stored form."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def thawed(cls, body: bytes) -> "Content":
        """From the stored form."""
        return cls(**json.loads(body))


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is particular to one delivery. `at` is when the notice was made, so that a repeat is the same message."""

    delivery_id: str
    recipient: str
    sender: str
    at: datetime
    thread: str | None = None
    """The document's id: a stable root that keeps its alerts in one thread."""
    unsubscribe_url: str | None = None
    personal: tuple[tuple[str, str], ...] = ()
    """Each blank as it stands in the content, and what this recipient reads there."""


def mail_templates() -> Environment:
    """The environment of the template files; HTML is escaped, an unknown name is an error."""
    environment = Environment(
        loader=PackageLoader("services.notifier.core.compose"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["quoted"] = wording.quoted
    return environment


def email_content(
    kind: NoticeKind,
    at: datetime,
    data: Mapping[str, Any],
    templates: Environment,
    blanks: Mapping[str, str] = MappingProxyType({}),
) -> Content:
    """The words for a notice of any kind; NotComposable where its data lacks something.

    `blanks` are the words that stand for one reader's links (`Links.blanks`); without them the footer has no links.
    """
    try:
        template, subject, context = _context(kind, at, data)
        text = templates.get_template(f"{template}.txt").render(subject=subject, blanks=blanks, **context)
        if "unsubscribe" in blanks:
            text += templates.get_template("footer.txt").render(blanks=blanks)
        html = templates.get_template(f"{template}.html").render(subject=subject, blanks=blanks, **context)
        content = Content(subject, text, html, dict(blanks))
        content.frozen()
    except (KeyError, TypeError, ValueError, AttributeError, TemplateError) as error:
        raise NotComposable(f"the email cannot be written: {type(error).__name__}: {error}") from error
    return content


def mime_message(content: Content, envelope: Envelope) -> bytes:
    """The whole message, with CRLF; the same bytes for the same content and envelope."""
    name, mailbox = parseaddr(envelope.sender)
    domain = mailbox.rpartition("@")[2]
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(wording.one_line(name), addr_spec=mailbox)
    message["To"] = Address(addr_spec=envelope.recipient)
    message["Subject"] = wording.one_line(content.subject)
    message["Date"] = format_datetime(envelope.at)
    message["Message-ID"] = f"<{envelope.delivery_id}@{domain}>"
    if envelope.thread:
        message["In-Reply-To"] = message["References"] = f"<{envelope.thread}.thread@{domain}>"
    message["List-Id"] = f"Clausewatch alerts <alerts.{domain}>"
    if envelope.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{wording.one_line(envelope.unsubscribe_url)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(_filled(content.text, envelope.personal), cte="quoted-printable")
    message.add_alternative(_filled(content.html, envelope.personal), subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_{envelope.delivery_id}")
    return message.as_bytes()


def _filled(text: str, personal: tuple[tuple[str, str], ...]) -> str:
    for blank, value in personal:
        text = text.replace(blank, value)
    return text


class _UnfoldedLinks(EmailPolicy):
    """Folds as usual, but never a header of links: some signers and readers stumble over a folded one."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower().startswith("list-") or name.lower() in {"message-id", "references", "in-reply-to"}:
            return f"{name}: {value}{self.linesep}".encode("ascii", "replace")
        return super().fold_binary(name, value)


_POLICY = _UnfoldedLinks(linesep=SMTP.linesep, utf8=False)


def _context(kind: NoticeKind, at: datetime, data: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    match kind:
        case NoticeKind.CHANGE_DETECTED:
            told = alert(data, at)
            return "change", subject_of(told), {"view": told}
        case NoticeKind.CHANGE_CORRECTED | NoticeKind.CHANGE_RETRACTED:
            return _revision(kind, alert(data, at))
        case NoticeKind.CONDITION:
            return _condition(data)
        case NoticeKind.DIGEST:
            view = digest(data)
            return "digest", view.subject, {"view": view}
        case NoticeKind.ENDPOINT_INCIDENT:
            return _incident(data)
        case NoticeKind.QUOTA:
            return _quota(data)
        case NoticeKind.PLAN:
            plan = plan_view(data)
            return "plan", f"[PLAN] {plan.sentence}", {"view": plan}
        case NoticeKind.ENDPOINT_CONFIRMATION:
            until = wording.moment((at + CONFIRM_WITHIN).isoformat())
            return "confirmation", "Do you want alerts of Clausewatch here?", {"until": until}
        case NoticeKind.SIGN_IN:
            until = wording.moment((at + SIGN_IN_WITHIN).isoformat())
            return "sign_in", "Sign in to Clausewatch", {"until": until}
        case NoticeKind.ENDPOINT_TEST:
            return "test", "Clausewatch test", {}
        case _:
            raise NotComposable(f"there is no email for {kind}")


def _revision(kind: NoticeKind, view: Alert) -> tuple[str, str, dict[str, Any]]:
    """Its reason is the report's first note."""
    retracted = kind is NoticeKind.CHANGE_RETRACTED
    tag = "[RETRACTED]" if retracted else f"[CORRECTED · {view.severity.upper()}]"
    subject = wording.one_line(f"{tag} {view.platform} {view.document}: {view.headline}", 160)
    return "revision", subject, {"view": view, "retracted": retracted}


def _condition(data: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    condition = data["condition"]
    platform, document = wording.one_line(data["platform"]["name"], 80), wording.one_line(data["document"]["type"], 80)
    sentence = wording.condition_sentence(condition["kind"], condition["phase"], platform, document)
    tag = condition["kind"].upper() if condition["phase"] == "began" else "RECOVERED"
    context = {
        "platform": platform,
        "document": document,
        "url": wording.one_line(data["document"]["url"], 2000),
        "sentence": sentence,
        "detail": wording.visible(condition["detail"]),
        "began": wording.moment(condition["began_at"]),
        "ended": wording.moment(condition["ended_at"]),
    }
    return "condition", wording.one_line(f"[{tag}] {sentence}"), context


def _quota(data: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    sentence, day = wording.quota_sentence(data), wording.day(date.fromisoformat(data["day"]))
    return "quota", f"[QUOTA] {sentence}", {"sentence": sentence, "day": day, "used_up": data["phase"] == "used-up"}


def _incident(data: Mapping[str, Any]) -> tuple[str, str, dict[str, Any]]:
    view = incident(data)
    return "incident", f"[{view.tag}] {view.sentence}", {"view": view}

"""`clausewatch messages render DIR`: what every channel makes of every kind of notice, to look at."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from jinja2 import Environment

from services.cli.errors import UsageError
from services.cli.output import say
from services.notifier.core.compose.email import Content, Envelope, email_content, mail_templates, mime_message
from services.notifier.core.compose.samples import AT, BASE, Sample, channels_of, samples
from services.notifier.core.compose.slack import addressed, slack_message
from services.notifier.core.compose.webhook import webhook_body
from shared.domain.consent import CONFIRM_WITHIN
from shared.domain.deliveries import Channel
from shared.domain.notices import NoticeKind
from shared.links import CONFIRM, PREFERENCES, SIGN_IN, UNSUBSCRIBE, Links
from shared.secrets import SecretBox

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Write out what is sent, with made-up notices.",
)

_DELIVERY, _ENDPOINT = "dlv_sample", "ep_sample"
_OF_ITS_OWN = {NoticeKind.ENDPOINT_CONFIRMATION: CONFIRM, NoticeKind.SIGN_IN: SIGN_IN}


@app.callback()
def _group() -> None:
    """Write out what is sent, with made-up notices."""


@app.command()
def render(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files go; it is made where it is missing.")],
) -> None:
    """Write every kind of notice as each channel gets it: .eml and .html (email), .json (Slack, webhook)."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, written in _files():
            (folder / name).write_bytes(written)
            say(name)
    except OSError as error:
        raise UsageError(f"messages render: {error.filename or folder}: {error.strerror}") from None


def _files() -> Iterator[tuple[str, bytes]]:
    templates = mail_templates()
    links = Links(BASE, SecretBox(["a key that opens nothing: these links are for show"]))
    for sample in samples():
        for channel in channels_of(sample.kind):
            if channel is Channel.EMAIL:
                yield from _mail(sample, templates, links)
            elif channel is Channel.SLACK:
                message = addressed(slack_message(sample.kind, AT, sample.data), _DELIVERY)
                yield f"{sample.name}.slack.json", _readable(message)
            else:
                shown = {name: value for name, value in sample.data.items() if name != "reports"}
                yield f"{sample.name}.webhook.json", _readable(webhook_body(sample.kind, AT, shown))


def _mail(sample: Sample, templates: Environment, links: Links) -> Iterator[tuple[str, bytes]]:
    alone = _OF_ITS_OWN.get(sample.kind)
    blanks = links.blanks("ntc_sample", [alone] if alone else [PREFERENCES, UNSUBSCRIBE])
    content = email_content(sample.kind, AT, sample.data, templates, blanks)
    values = {
        CONFIRM: links.confirm(_ENDPOINT, AT + CONFIRM_WITHIN),
        SIGN_IN: links.sign_in("sgn_sample"),
        **links.personal(_ENDPOINT),
    }
    personal = tuple((blank, values[name]) for name, blank in blanks.items())
    envelope = Envelope(
        delivery_id=_DELIVERY,
        recipient="reader@mail.example",
        sender="Clausewatch <alerts@clausewatch.example>",
        at=AT,
        unsubscribe_url=None if alone else values[UNSUBSCRIBE],
        personal=personal,
    )
    yield f"{sample.name}.eml", mime_message(content, envelope)
    yield f"{sample.name}.html", _page(content, personal)


def _page(content: Content, personal: tuple[tuple[str, str], ...]) -> bytes:
    html = content.html
    for blank, value in personal:
        html = html.replace(blank, value)
    return html.encode()


def _readable(message: bytes) -> bytes:
    return json.dumps(json.loads(message), ensure_ascii=False, indent=2).encode() + b"\n"

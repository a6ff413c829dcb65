"""`clausewatch messages render`: every kind of notice as every channel that can get it, whole and readable."""

import json
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from services.notifier.core.compose.samples import channels_of, samples
from shared.domain.deliveries import Channel
from shared.domain.notices import NoticeKind
from tests.factories.commands import Commands
from tests.fakes.block_kit import problems

ENDINGS = {Channel.EMAIL: ["eml", "html"], Channel.SLACK: ["slack.json"], Channel.WEBHOOK: ["webhook.json"]}
TO_OWNERS = {NoticeKind.ENDPOINT_INCIDENT, NoticeKind.QUOTA, NoticeKind.PLAN}
CHANNELS = {
    **{kind: set(Channel) for kind in NoticeKind},
    **{kind: {Channel.EMAIL, Channel.SLACK} for kind in TO_OWNERS},
    NoticeKind.ENDPOINT_CONFIRMATION: {Channel.EMAIL},
    NoticeKind.SIGN_IN: {Channel.EMAIL},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "made" / "messages"


@pytest.fixture
def listed(folder: Path, tmp_path: Path) -> list[str]:
    """What the command says it wrote."""
    return Commands(tmp_path / "data")("messages", "render", str(folder)).split()


def test_every_kind_is_written_for_every_channel_that_gets_it(folder: Path, listed: list[str]) -> None:
    assert {sample.kind: set(channels_of(sample.kind)) for sample in samples()} == CHANNELS
    wanted = {
        f"{one.name}.{ending}" for one in samples() for channel in CHANNELS[one.kind] for ending in ENDINGS[channel]
    }
    assert set(listed) == wanted == {path.name for path in folder.iterdir()}


@pytest.mark.usefixtures("listed")
def test_mails_say_the_same_in_text_and_html_and_lead_somewhere(folder: Path) -> None:
    for path in folder.glob("*.eml"):
        mail = message_from_bytes(path.read_bytes(), policy=default)
        assert isinstance(mail, EmailMessage)
        text, html = (part.get_content() for part in mail.iter_parts())
        page = path.with_suffix(".html").read_text("utf-8")
        assert html.split() == page.split()
        assert text.strip()
        for shown in (text, html):
            assert not re.search(r"blank-|None|\{\{|Undefined", shown), path.name
        assert html.count("<h1>") == 1
        assert '<html lang="en">' in html
        assert not re.search(r"<img|url\(|<script", html)


@pytest.mark.usefixtures("listed")
def test_slack_would_take_them_and_webhooks_name_their_type(folder: Path) -> None:
    for path in folder.glob("*.slack.json"):
        assert problems(json.loads(path.read_bytes())) == [], path.name
    kinds = {json.loads(path.read_bytes())["type"] for path in folder.glob("*.webhook.json")}
    assert kinds == {kind.value for kind in NoticeKind if Channel.WEBHOOK in CHANNELS[kind]}


@pytest.mark.parametrize("name", ["change-corrected", "change-retracted", "digest-grouped"])
@pytest.mark.usefixtures("listed")
def test_whoever_reads_of_a_change_may_say_that_it_is_wrong(folder: Path, name: str) -> None:
    wrong = "https://clausewatch.example/changes/chg_sample1/wrong"
    mail = message_from_bytes((folder / f"{name}.eml").read_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    assert all(wrong in part.get_content() for part in mail.iter_parts())


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    assert "a file" in Commands(tmp_path / "data").refusal("messages", "render", str(tmp_path / "a file" / "x"))

"""Slack messages in Block Kit: what an alert says, inside Slack's limits, with nothing in it that Slack would act on.

Every text is a `plain_text` object, in which `*`, `_`, `~` and backticks mean nothing, and `&`, `<` and `>` are escaped
everywhere, so that no page can mention anybody, place a link or format (docs.slack.dev, "Formatting message text").
Links stand in buttons alone.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from services.notifier.core.compose import NotComposable, wording
from services.notifier.core.compose.email_digest import Digest, digest
from services.notifier.core.compose.incident import incident
from services.notifier.core.compose.plan import PlanView, plan_view
from services.notifier.core.compose.view import Alert, Clause, alert
from shared.domain.notices import NoticeKind

Block = dict[str, Any]

# Slack's limits (docs.slack.dev, "Block Kit reference"), in UTF-16 units of the escaped text: no count is stricter.
HEADER = 150
SECTION = 3_000
BUTTON_TEXT = 75
BUTTON_URL = 3_000

# What we allow ourselves, so that a whole message stays under the 13,000 characters or so that Slack takes in all.
_FALLBACK = 400
_HEADLINE = 600
_CLAUSE_HEADING = 600
_SIDE = 1_000
_SMALL = 500
_LINE = 400
_LINES_SHOWN = 20
"""Changes that the message of a digest shows."""
_GROUPED_SHOWN, _GROUPED_DETAILED, _GROUPED_SIDE = 10, 4, 500
"""Changes of a few minutes that one message shows, how many of them with a clause, and how long its sides may be."""

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_BUTTONS = (("record", "Full record"), ("redline", "Redline"), ("evidence", "Evidence"))


def slack_message(kind: NoticeKind, at: datetime, data: Mapping[str, Any]) -> bytes:
    """The JSON for a notice of any kind, the same for every channel it goes to; NotComposable where data is lacking."""
    try:
        summary, blocks = _message(kind, at, data)
        return _encoded({"text": _text(summary, _FALLBACK), "blocks": blocks})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotComposable(f"the Slack message cannot be written: {type(error).__name__}: {error}") from error


def addressed(message: bytes, delivery_id: str) -> bytes:
    """The message of one delivery: its id at the end, by which a repeat is known for one; Slack itself knows none."""
    payload = json.loads(message)
    payload["blocks"].append(_context(f"Clausewatch {delivery_id}"))
    return _encoded(payload)


def escaped(text: str, limit: int) -> str:
    """Text without control characters, escaped, and cut with an ellipsis to at most `limit` UTF-16 units."""
    text = wording.visible(text).encode("utf-8", "replace").decode().strip()
    whole = "".join(_ESCAPES.get(letter, letter) for letter in text)
    if _units(whole) <= limit:
        return whole
    kept, room = [], limit - 1
    for letter in text:
        written = _ESCAPES.get(letter, letter)
        room -= _units(written)
        if room < 0:
            break
        kept.append(written)
    return "".join(kept).rstrip() + "…"


def _message(kind: NoticeKind, at: datetime, data: Mapping[str, Any]) -> tuple[str, list[Block]]:
    match kind:
        case NoticeKind.CHANGE_DETECTED:
            return _change(alert(data, at))
        case NoticeKind.CHANGE_CORRECTED:
            return _correction(alert(data, at))
        case NoticeKind.CHANGE_RETRACTED:
            return _retraction(alert(data, at))
        case NoticeKind.CONDITION:
            return _condition(data)
        case NoticeKind.DIGEST:
            return _digest(digest(data))
        case NoticeKind.ENDPOINT_INCIDENT:
            return _incident(data)
        case NoticeKind.QUOTA:
            return _quota(data)
        case NoticeKind.PLAN:
            return _plan(plan_view(data))
        case NoticeKind.ENDPOINT_TEST:
            said = "Alerts of Clausewatch reach this channel. Nothing has changed, and there is nothing to do."
            return "Clausewatch test", [_header("Clausewatch test"), _section(said)]
        case _:
            raise NotComposable(f"there is no Slack message for {kind}")


def _change(view: Alert, tag: str = "", remarks: Sequence[str] = ()) -> tuple[str, list[Block]]:
    effective = f" · effective {wording.short_day(view.effective)}" if view.effective else ""
    title = f"[{tag}{view.severity.upper()}{effective}] {view.platform} {view.document}"
    blocks = [_header(title), *(_section(remark) for remark in remarks)]
    blocks += [_section(view.headline, _HEADLINE), _context(_judgement(view))]
    if view.dates:
        stated = [(f"{d.label}: {d.day}{f' ({d.left})' if d.left else ''}", d.quote) for d in view.dates]
        blocks.append(_fields(stated, _SMALL))
    for clause in view.clauses:
        blocks += [{"type": "divider"}, *_clause(clause)]
    if view.more:
        blocks.append(_section(f"And {view.more} more changed {'provision' if view.more == 1 else 'provisions'}."))
    blocks.append(_context(*_remarks(view)))
    return f"{title}: {view.headline}", [*blocks, *_actions(_links(view))]


def _correction(view: Alert) -> tuple[str, list[Block]]:
    return _change(
        view, "CORRECTED · ", ["An earlier alert of this change was wrong. It should read:", *view.notes[:1]]
    )


def _retraction(view: Alert) -> tuple[str, list[Block]]:
    title = f"[RETRACTED] {view.platform} {view.document}"
    blocks = [
        _header(title),
        _section("We told you of a change that does not stand. Please disregard what we said:"),
        _section(f"“{view.headline}”", _HEADLINE),
        *(_section(why) for why in view.notes[:1]),  # a revised report has the reason as its first note
        *_actions(_links(view)),
    ]
    return f"{title}: {view.headline}", blocks


def _condition(data: Mapping[str, Any]) -> tuple[str, list[Block]]:
    condition, document = data["condition"], data["document"]
    sentence = wording.condition_sentence(
        condition["kind"],
        condition["phase"],
        wording.one_line(data["platform"]["name"], 80),
        wording.one_line(document["type"], 80),
    )
    began, ended = wording.moment(condition["began_at"]), wording.moment(condition["ended_at"])
    tag = condition["kind"].upper() if condition["phase"] == "began" else "RECOVERED"
    blocks = [_header(f"[{tag}] {wording.one_line(data['platform']['name'], 80)}"), _section(sentence)]
    if condition["detail"]:
        blocks.append(_section(f"What we met: {condition['detail']}", _SIDE))
    blocks.append(_context(f"Since {began}{f', until {ended}' if ended else ''}."))
    if not ended:
        blocks.append(_section("Until it is over, changes of this document may go unseen. You hear once more then."))
    return f"[{tag}] {sentence}", [*blocks, *_actions([("The document", document["url"])])]


def _digest(view: Digest) -> tuple[str, list[Block]]:
    lines = [(section.platform, line) for section in view.sections for line in section.lines]
    blocks = [_header(view.title), _section(view.summary)]
    shown = _GROUPED_SHOWN if any(line.clauses for _, line in lines) else _LINES_SHOWN
    for place, (platform, line) in enumerate(lines[:shown]):
        blocks.append(_section(f"{platform} · {line.document} · {line.marked}\n{line.headline}", _LINE))
        if place < _GROUPED_DETAILED and line.clauses:
            blocks += _clause(line.clauses[0], _LINE, _GROUPED_SIDE)
    if view.conditions:
        blocks.append(_section("\n".join(view.conditions), _SIDE))
    more = view.more + len(lines[shown:])
    if more:
        blocks.append(_section(f"And {more} more."))
    if view.over_quota:
        blocks.append(_context(f"{view.over_quota} of these held back: the plan's deliveries of the day were used up."))
    links = [("Full digest", view.link)] if view.link else []
    return view.subject, [*blocks, *_actions(links)]


def _incident(data: Mapping[str, Any]) -> tuple[str, list[Block]]:
    view = incident(data)
    title = f"[{view.tag}] {view.sentence}"
    since = f"{'It failed from' if view.recovered else 'Failing since'} {view.since}."
    blocks = [_header(title), _section(f"{view.kind}: {view.address}", _SIDE), _context(since)]
    if view.detail:
        blocks.append(_section(f"The last answer: {view.detail}", _SIDE))
    return title, [*blocks, _section(view.closing), _context(*view.commands)]


def _quota(data: Mapping[str, Any]) -> tuple[str, list[Block]]:
    title = f"[QUOTA] {wording.quota_sentence(data)}"
    return title, [_header(title), _section("What is over that number is held, and comes in the next daily digest.")]


def _plan(view: PlanView) -> tuple[str, list[Block]]:
    title = f"[PLAN] {view.sentence}"
    shown = [_section(line) for line in view.lines[:_LINES_SHOWN]]
    return title, [_header(title), *shown, _section(view.closing), _context(view.command)]


def _judgement(view: Alert) -> str:
    sure = "" if view.confidence is None else f" · confidence {view.confidence} %"
    return f"{view.severity.capitalize()} severity · {view.direction}{sure}"


def _clause(clause: Clause, told: int = _CLAUSE_HEADING, side: int = _SIDE) -> Iterator[Block]:
    heading = f"{clause.op.capitalize()}: {clause.path}"
    yield _section(f"{heading}\n{clause.sentence}" if clause.sentence else heading, told)
    sides = []
    if clause.before:
        sides.append(("Before", clause.before_text))
    if clause.after:
        sides.append(("Now" if clause.before else "New", clause.after_text))
    if sides:
        yield _fields(sides, side)


def _remarks(view: Alert) -> Iterator[str]:
    if view.affected:
        yield f"Who is affected: {', '.join(view.affected)}."
    yield view.announced
    if view.first_seen:
        yield f"First seen {view.first_seen}."
    yield view.disclaimer


def _links(view: Alert) -> list[tuple[str, str]]:
    ours = [(label, view.links[name]) for name, label in _BUTTONS if name in view.links]
    doubt = [("This alert is wrong", view.wrong)] if view.wrong else []
    return [*ours, ("The document", view.url), *doubt]


def _header(text: str) -> Block:
    return {"type": "header", "text": _plain(text, HEADER)}


def _section(text: str, limit: int = _SMALL) -> Block:
    return {"type": "section", "text": _plain(text, limit)}


def _fields(titled: Sequence[tuple[str, str]], limit: int) -> Block:
    """Texts beside one another, each under its title; there are never more than three, of ten that are allowed."""
    return {"type": "section", "fields": [_plain(f"{title}\n{text}", limit) for title, text in titled]}


def _context(*texts: str) -> Block:
    return {"type": "context", "elements": [_plain(text, _SMALL) for text in texts]}


def _actions(links: Sequence[tuple[str, str]]) -> list[Block]:
    """A row of buttons for the links that Slack would take; no row where there is none."""
    buttons = [
        {"type": "button", "text": _plain(label, BUTTON_TEXT), "url": url} for label, url in links if _is_link(url)
    ]
    return [{"type": "actions", "elements": buttons}] if buttons else []


def _is_link(url: str) -> bool:
    """Whether it leads to a web page and nowhere else; one that is odd or too long is no button."""
    if _units(url) > BUTTON_URL or not url.isascii() or not url.isprintable() or set(url) & set(' <>"\\|'):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": _text(text, limit), "emoji": False}


def _text(text: str, limit: int) -> str:
    """Never empty, which Slack refuses as it does what is too long."""
    return escaped(text, limit) or "(no words)"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _encoded(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()

"""What Slack would refuse of a message, after the limits and text rules that docs.slack.dev writes down."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

BLOCKS = 50
WHOLE_MESSAGE = 13_000
"""Characters in all, a little below where Slack answers msg_blocks_too_long."""
_TEXT = {"header": 150, "section": 3_000}
_FIELD, _FIELDS = 2_000, 10
_CONTEXT_ELEMENTS, _ACTION_ELEMENTS = 10, 25
_BUTTON_TEXT, _BUTTON_URL = 75, 3_000
_FALLBACK = 4_000

_CONTROL = re.compile(r"[<>]|&(?!amp;|lt;|gt;)")


def problems(payload: Any) -> list[str]:
    """Why Slack would refuse the message, or act on what stands in it; nothing where it would only show it."""
    if not isinstance(payload, dict) or not {"text", "blocks"} <= payload.keys():
        return ["a message has text and blocks"]
    found = list(_text_problems("text", payload["text"], _FALLBACK))
    if not 1 <= len(payload["blocks"]) <= BLOCKS:
        found.append(f"{len(payload['blocks'])} blocks")
    for place, block in enumerate(payload["blocks"]):
        found += [f"block {place}: {problem}" for problem in _block_problems(block)]
    total = sum(length(text) for text in texts(payload))
    if total > WHOLE_MESSAGE:
        found.append(f"{total} characters in all")
    return found


def texts(payload: Any) -> Iterator[str]:
    """Every text that would be shown, buttons included, in order."""
    if isinstance(payload, Mapping):
        for key, value in payload.items():
            if key == "text" and isinstance(value, str):
                yield value
            elif key != "url":
                yield from texts(value)
    elif isinstance(payload, list):
        for value in payload:
            yield from texts(value)


def length(text: str) -> int:
    """In UTF-16 units, as JavaScript counts."""
    return len(text.encode("utf-16-le")) // 2


def _block_problems(block: Mapping[str, Any]) -> Iterator[str]:
    match block:
        case {"type": "divider", **rest} if not rest:
            return
        case {"type": "header", "text": text, **rest} if not rest:
            yield from _object_problems(text, _TEXT["header"])
        case {"type": "section", "text": text, **rest} if not rest:
            yield from _object_problems(text, _TEXT["section"])
        case {"type": "section", "fields": [*fields], **rest} if not rest and 1 <= len(fields) <= _FIELDS:
            for field in fields:
                yield from _object_problems(field, _FIELD)
        case {"type": "context", "elements": [*elements], **rest} if not rest and 1 <= len(elements) <= (
            _CONTEXT_ELEMENTS
        ):
            for element in elements:
                yield from _object_problems(element, _TEXT["section"])
        case {"type": "actions", "elements": [*elements], **rest} if not rest and 1 <= len(elements) <= (
            _ACTION_ELEMENTS
        ):
            for element in elements:
                yield from _button_problems(element)
        case _:
            yield f"no block of ours: {block}"


def _object_problems(value: Mapping[str, Any], limit: int) -> Iterator[str]:
    """All our texts are plain: `mrkdwn` has no escape for `*`, `_`, `~` and backticks."""
    if value.keys() != {"type", "text", "emoji"} or (value["type"], value["emoji"]) != ("plain_text", False):
        yield f"not plain text: {value}"
        return
    yield from _text_problems("text", value["text"], limit)


def _text_problems(name: str, text: Any, limit: int) -> Iterator[str]:
    if not isinstance(text, str) or not text.strip():
        yield f"{name} is empty"
    elif length(text) > limit:
        yield f"{name} has {length(text)} characters, {limit} are allowed"
    elif found := _CONTROL.search(text):
        yield f"{name} has an unescaped {found[0]!r}: {text[max(0, found.start() - 20) : found.end() + 20]!r}"


def _button_problems(element: Mapping[str, Any]) -> Iterator[str]:
    if element.keys() != {"type", "text", "url"} or element["type"] != "button":
        yield f"not a button: {element}"
        return
    yield from _object_problems(element["text"], _BUTTON_TEXT)
    url = urlsplit(element["url"])
    if length(element["url"]) > _BUTTON_URL or url.scheme not in {"http", "https"} or not url.hostname:
        yield f"not a link: {element['url'][:100]}"

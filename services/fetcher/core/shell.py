"""Whether a page is only the shell of a script that would write the text: a reason to render it in a browser."""

import re

_LITTLE_TEXT = 600
_SCRIPTED = re.compile(
    rb"""<div[^>]{0,100}\bid=["']?(?:root|app|__next|__nuxt|main-app|svelte|ember-application)\b"""
    rb"""|window\.__(?:INITIAL_STATE|NUXT|APOLLO_STATE|PRELOADED_STATE)__|\bng-version=|<app-root\b""",
    re.IGNORECASE,
)
_ASKS_FOR_SCRIPT = re.compile(
    rb"<noscript[^>]*>.{0,600}?\b(?:enable|requires?|need|activate)\b.{0,80}?javascript", re.IGNORECASE | re.DOTALL
)
_SCRIPT = re.compile(rb"<script\b", re.IGNORECASE)
_SEARCHED = 512 * 1024


def looks_like_shell(body: bytes, text_length: int) -> bool:
    """A hint, from HTML and the length of the text found in it (characters): scripts, a mount point and hardly a word.

    A page with text is none, whatever framework made it: what it holds was sent with it.
    """
    if text_length >= _LITTLE_TEXT:
        return False
    head = body[:_SEARCHED]
    if _SCRIPT.search(head) is None:
        return False
    return bool(_SCRIPTED.search(head) or _ASKS_FOR_SCRIPT.search(head))

"""Reading text and canonical text (DESIGN section 6)."""

import re
import unicodedata

from services.differ.core.extract.writtendates import iso_dates

_DOUBLE_QUOTES = "“”„‟″〝〞＂«»"
_SINGLE_QUOTES = "‘’‚‛′＇‹›`´"
_LONG_DASHES = "‒–—―⸺⸻﹘"
_HYPHENS = "‐‑⁃−－"
_INVISIBLE = [
    *(0x00AD, 0x034F, 0x061C, 0x180E, 0xFEFF, 0xFFFD),  # soft hyphen, joiners, byte order mark, broken bytes
    *range(0x200B, 0x2010),  # zero-width space and joiners, direction marks
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),  # variation selectors
]
_CONTROLS = [code for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\v\f\r\x85\x1c\x1d\x1e\x1f"]
# Icon fonts put their glyphs into the private use area; they are pictures, not words.
_ICONS = list(range(0xE000, 0xF900))

_FOLD: dict[int, str | None] = {
    **dict.fromkeys(map(ord, _DOUBLE_QUOTES), '"'),
    **dict.fromkeys(map(ord, _SINGLE_QUOTES), "'"),
    **dict.fromkeys(map(ord, _LONG_DASHES), "–"),
    **dict.fromkeys(map(ord, _HYPHENS), "-"),
    **dict.fromkeys(_INVISIBLE + _CONTROLS + _ICONS),
}
_SPACED_GUILLEMETS = re.compile(r"(?<!\w)«\s+|\s+»(?!\w)")

_DASHES = re.compile(r" ?– ?| - ")
_BEFORE_CLOSING = re.compile(r" (?=[.,;:!?)\]}])")
_AFTER_OPENING = re.compile(r"([(\[{]) ")
_AROUND_SLASH = re.compile(r" ?/ ?")

_AMOUNT_EN = r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|several|\d+)"
_UNIT_EN = r"(?:second|minute|hour|day|week|month|year)s?"
_AGO = "|".join(
    (
        rf"(?:(?:over|about|almost|around|more\s+than|less\s+than)\s+)?{_AMOUNT_EN}\s+{_UNIT_EN}\s+ago",
        r"vor\s+(?:über\s+|mehr\s+als\s+|etwa\s+)?(?:eine[mnr]|\d+)\s+(?:Sekunde|Minute|Stunde|Tag|Woche|Monat|Jahr)(?:e?n|e)?",
        r"il\s+y\s+a\s+(?:plus\s+d[e']\s*|environ\s+)?(?:une?|\d+)\s+(?:seconde|minute|heure|jour|semaine|mois|an|année)s?",
        r"\d+\s?(?:秒|分|時間|日|週間|[かヶヵ]月|年)前(?:に?(?:更新|公開))?",
        r"hace\s+(?:más\s+de\s+)?(?:una?|\d+)\s+(?:segundo|minuto|hora|día|semana|mes|año)(?:s|es)?",
    )
)
_LATELY = (
    rf"just\s+now|today|yesterday|(?:this|last)\s+(?:week|month|year)|in\s+the\s+(?:last|past)\s+(?:\d+\s+)?{_UNIT_EN}|recently"
    r"|heute|gestern|aujourd'hui|hier|hoy|ayer"
)
_UPDATED = (
    r"(?:(?:last\s+)?(?:updated|modified|edited|reviewed|published)|aktualisiert|zuletzt\s+(?:aktualisiert|geändert)"
    r"|mise?\s+à\s+jour|actualizado)"
)
RELATIVE_DATE = re.compile(rf"(?:{_UPDATED}\s*(?:on\s+)?:?\s*(?:{_AGO}|{_LATELY})|\b(?:{_AGO}))\b\.?", re.IGNORECASE)
_RELATIVE_DATE_WORDS = 14
"""A relative date inside a longer sentence is the policy speaking ("what you deleted 30 days ago")."""


def fold(text: str) -> str:
    """One style of quotes and dashes, nothing invisible; white space is left to the caller."""
    if "«" in text or "»" in text:
        text = _SPACED_GUILLEMETS.sub('"', text)
    return text if text.isascii() and text.isprintable() else text.translate(_FOLD)


def reading(text: str) -> str:
    """The words verbatim in NFC, white space collapsed, one style of quotes and dashes."""
    return unicodedata.normalize("NFC", " ".join(fold(text).split()))


def canonical(text: str) -> str:
    """What equality is judged on, from a block's reading text.

    Besides reading text: no relative dates, and no difference between the ways in which dates are written and
    space is set around punctuation, dashes and slashes.
    """
    if not text.isascii() or " - " in text:
        text = _DASHES.sub("-", text).replace("…", "...")
    text = iso_dates(text)
    if text.count(" ") < _RELATIVE_DATE_WORDS:
        text = RELATIVE_DATE.sub("", text)
    text = _AFTER_OPENING.sub(r"\1", _BEFORE_CLOSING.sub("", text))
    return _AROUND_SLASH.sub("/", text).strip() if "/" in text else text.strip()

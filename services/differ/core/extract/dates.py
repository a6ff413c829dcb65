"""Dates that a document states about itself: last update, effect, end of the time to object."""

import re
from collections.abc import Iterable

from services.differ.core.blocks import Block, StatedDate
from services.differ.core.extract.writtendates import DATE_PATTERN, MONTH, near_years, written_date

_LEADS: tuple[tuple[str, str], ...] = (
    (
        "updated",
        r"(?:last|date\s+of\s+last)\s+(?:updated?|modified|modification|revised|revision|amended|changed|edited|reviewed)"
        r"|(?:version|revision|release|publication|posted|published|updated?|revised|modified|issued?)(?:\s+date)?"
        r"|date\s+of\s+(?:last\s+)?(?:revision|update|release|publication)"
        r"|zuletzt\s+(?:aktualisiert|geändert)|letzte\s+(?:aktualisierung|änderung)|stand|aktualisiert|veröffentlicht"
        r"|dernière\s+(?:mise\s+à\s+jour|modification)|mise?\s+à\s+jour|última\s+(?:actualización|modificación|atualização)"
        r"|ultimo\s+aggiornamento|laatst\s+bijgewerkt|最終更新日?|更新日期|最近更新日期|发布日期",
    ),
    (
        "effective",
        r"(?:effective|in\s+effect)(?:\s+date)?(?:\s+(?:as\s+of|from|on|since|starting))?"
        r"|(?:will\s+(?:take|come\s+into)|takes?|comes?\s+into)\s+effect(?:\s+(?:on|as\s+of|from))?"
        r"|(?:applies|apply|valid)\s+(?:from|as\s+of)|date\s+of\s+entry\s+into\s+force"
        r"|gilt\s+ab(?:\s+dem)?|gültig\s+(?:ab|seit)(?:\s+dem)?|wirksam\s+(?:ab|zum)|in\s+kraft\s+(?:ab|seit|getreten\s+am)|datum\s+des\s+inkrafttretens"
        r"|(?:date\s+d[’']\s?)?entrée\s+en\s+vigueur(?:\s+le)?|en\s+vigueur\s+(?:depuis|à\s+partir\s+du|au|le|à\s+compter\s+du)"
        r"|fecha\s+de\s+entrada\s+en\s+vigor|vigente\s+(?:desde|a\s+partir\s+del?)|in\s+vigore\s+dal|ingangsdatum|生效日期",
    ),
    (
        "objection",
        r"(?:object|opt[\s-]out|reject|decline|cancel)(?:\s+[\w']+){0,6}?\s+(?:by|before|until|no\s+later\s+than)"
        r"|widerspr(?:uch|echen)(?:\s+\w+){0,6}?\s+bis(?:\s+zum)?",
    ),
)
_STATEMENTS = tuple(
    (
        role,
        re.compile(
            rf"(?<!\w)(?:{lead})\s*(?:is|was|:|–|-)?\s*(?:on|the|le|am|du|el)?\s*[:]?\s*{DATE_PATTERN}",
            re.IGNORECASE | re.VERBOSE,
        ),
    )
    for role, lead in ((role, lead.replace(" ", r"\s")) for role, lead in _LEADS)
)
_DATE_LINE = re.compile(
    rf"\W*(?:{'|'.join(lead.replace(' ', chr(92) + 's') for _, lead in _LEADS)})"
    rf"[\s:：–-]*(?:on|the|le|am|du|del?|el)?\s*(?:{DATE_PATTERN}|(?:{MONTH})\.?\s+(?:de\s+)?\d{{4}}|\d{{1,2}}[./]\d{{4}})\W*",
    re.IGNORECASE | re.VERBOSE,
)
_MAX_LINE_CHARS = 120
_MAX_BLOCK_CHARS = 600
_BEFORE_YEAR, _AFTER_YEAR = 100, 10


def only_states_a_date(text: str) -> bool:
    """Whether a line says when the document was updated or takes effect, and nothing else, in any language known."""
    return len(text) <= _MAX_LINE_CHARS and _DATE_LINE.fullmatch(text) is not None


def stated_dates(blocks: Iterable[Block]) -> tuple[StatedDate, ...]:
    """The first statement of each role in each block, with the words that state it verbatim.

    A date is stated only next to words that say what it is: a bare date states nothing.
    """
    found: list[StatedDate] = []
    for index, block in enumerate(blocks):
        text = block.text[:_MAX_BLOCK_CHARS]
        spans = near_years(text, _BEFORE_YEAR, _AFTER_YEAR)
        for role, pattern in _STATEMENTS if spans else ():
            matches = (pattern.search(text, start, end) for start, end in spans)
            match = next((match for match in matches if match is not None), None)
            value = None if match is None else written_date(match)
            if match is not None and value is not None:
                found.append(StatedDate(role, value, match[0], index))
    return tuple(found)

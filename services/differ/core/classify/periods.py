"""How long something is kept, said with a number: no phrase of the taxonomy can hold one."""

import re

_NUMBER = (
    r"(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|eighteen|twenty|thirty|sixty|ninety)"
)
_KEPT = re.compile(
    r"\b(?:(?:keep|kept|retain|retained|store|stored|hold|held|preserve|preserved|log|logged)\b"
    r"(?:(?!available|supported|version|secret|safe|\b(?:each|every|any)\b)[^.;\n]){0,90}?\bfor"
    r"|(?<!you must )(?<!you shall )(?<!you should )(?<!you will )(?<!you may )(?<!you can )"
    r"(?:delete|deleted|erase|erased|purge|purged|overwritten|anonymi[sz]ed?)\b[^.;\n]{0,90}?\b(?:within|after|in))"
    r"\s+(?:(?:up\s+to|at\s+(?:least|most)|a\s+(?:maximum|minimum|period)\s+of|no\s+(?:more|longer)\s+than)\s+){0,2}"
    rf"{_NUMBER}\s*(?:\(\d+\)\s*)?(?:(?:calendar|business|working)\s+)?(?:hour|day|week|month|year)s?\b",
    re.IGNORECASE,
)


def keeps_for(text: str) -> str | None:
    """The words that say how long data is kept or when it is deleted ("keep the logs for 90 days"); English only."""
    found = _KEPT.search(text)
    return " ".join(found.group().split()) if found else None

"""Which edits leave the meaning as it was: named steps that wash out differences without one."""

import re
from collections.abc import Callable, Mapping, Sequence

from rapidfuzz.distance import OSA, Indel

from services.differ.core.compare.facts.dates import DATE
from services.differ.core.compare.facts.numbers import NUMBER_WORDS
from services.differ.core.extract.dates import only_states_a_date
from services.differ.core.words import Vocabulary, words

_CONTRACTIONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\bcan't\b|\bcan not\b", re.IGNORECASE), "cannot"),
    (re.compile(r"\bwon't\b", re.IGNORECASE), "will not"),
    (re.compile(r"\bshan't\b", re.IGNORECASE), "shall not"),
    (re.compile(r"n't\b", re.IGNORECASE), " not"),
    (re.compile(r"'ll\b", re.IGNORECASE), " will"),
    (re.compile(r"'re\b", re.IGNORECASE), " are"),
    (re.compile(r"'ve\b", re.IGNORECASE), " have"),
    (re.compile(r"\b(it|that|here)'s\b", re.IGNORECASE), r"\1 is"),
)
_SYNONYMS: tuple[tuple[str, str], ...] = (
    (r"prior to", "before"),
    (r"subsequent to", "after"),
    (r"in order to", "to"),
    (r"in the event that|in case", "if"),
    (r"utili[sz](e|es|ed|ing)", r"us\1"),
    (r"for example|e\.? ?g\.?|for instance", "such as"),
    (r"i\.? ?e\.?|that is to say|namely", "that is"),
    (r"with respect to|with regard to|in relation to|regarding|concerning", "about"),
    (r"pursuant to|in accordance with|according to", "under"),
    (r"set forth|set out|laid out", "stated"),
    (r"commence", "begin"),
    (r"terms and conditions", "terms"),
    (r"web ?sites?", "site"),
    (r"sites", "site"),
    (r"e ?mail", "email"),
    (r"and / or|and or", "or"),
    (r"whilst", "while"),
    (r"upon", "on"),
    (r"click (?:on )?(?:the )?(?:link )?(?:here|below)", "see here"),
    (r"percent|per cent", "%"),
)
_SYNONYM = tuple((re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), word) for pattern, word in _SYNONYMS)
_SPELLING: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<=[a-z]{3})is(?=(?:e|es|ed|ing|ation|ations)\b)"), "iz"),
    (re.compile(r"(?<=[a-z]{2})our(?=(?:s|ed|ing|al|ite|able)?\b)"), "or"),
    (re.compile(r"\blicenc"), "licens"),
    (re.compile(r"\b(defen|offen)c(?=e)"), r"\1s"),
    (re.compile(r"(?<=[a-z]{2})ll(?=(?:ed|ing|er)\b)"), "l"),
    (re.compile(r"\bcent(re|er)"), "center"),
    (re.compile(r"\bprogramme(s?)\b"), r"program\1"),
    (re.compile(r"\bjudgement"), "judgment"),
)
_SLIGHT = frozenset(
    re.findall(
        r"\w+",
        "a an the that which to of please also additionally furthermore moreover however then hereby therefore "
        "thereby therein thereof further such so simply just",
    )
)
_WORDED = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_WHOSE = frozenset({"our", "your", "my", "their", "its"})
_NUMBER_WORD = re.compile(rf"\b({_WORDED})\b")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_GIVEN_TWICE = re.compile(rf"(?:\b(?:{_WORDED})\s+)?\b({_WORDED})\s*\(\s*(\d+)\s*\)", re.IGNORECASE)
"""A number in words and digits, and what an unclean redline left of the number that stood there before."""

_LIST_MARKER = re.compile(
    r"(?m)^(?:\(?(?:[a-z]{1,2}|[ivx]{1,5}|\d{1,3})[.)]|\d+(?:\.\d+)+\.?|[a-z]\.\d+(?:\.[a-z0-9]{1,5})*\.?|[•·*-])\s+",
    re.IGNORECASE,
)
_MERGED_NUMBER = re.compile(r"(?<=[.;:!?] )\d+(?:\.\d+)+\.?\s+(?=[A-Z])")
"""A clause's number where the clause was joined to the one before."""

_SECTION_NUMBER = re.compile(r"(?<=\s)\d+(?:\.\d+)+\b|(?<=section )\d+|(?<=clause )\d+|(?<=article )\d+", re.IGNORECASE)
_JOINT = re.compile(r"(?m)[;,]?\s*\band$|[;,]$")
"""What joins an entry of a list to the next; "or" says something, and stays."""

_VERSION_LINE = re.compile(r"^(?:version|revision|v)\.?\s*\d+(?:\.\d+)*$", re.IGNORECASE)
_SINGULAR = {"are": "is", "were": "was", "have": "has", "do": "does"}
_PLURAL_VERB = re.compile(rf"\b(?:{'|'.join(_SINGULAR)})\b")
_MARK = re.compile(r"[^\w\s$€£¥%§#@+&=<>]")
_UPDATED = re.compile(
    rf"\b(?:last\s+(?:updated|modified|revised|changed|reviewed)|updated\s+on|version\s+of)\b[^.\n]{{0,20}}?{DATE.pattern}",
    re.IGNORECASE,
)
_STATES_A_DATE = re.compile(
    r"\b(?:last\s+(?:updated|modified|revised|changed|reviewed)|updated?|effective|version|revised|revision|published|"
    r"posted|dated?|in\s+force)\b",
    re.IGNORECASE,
)
_ADDRESS_FORM = re.compile(r"\bmailto:|\bhttps?://(?:www\.)?|\bwww\.(?=\w)|(?<=\w)/(?=[\s).,;]|$)", re.IGNORECASE)
"""How an address is written, not where it leads."""

DATE_LINE_LENGTH = 120
TYPED_LENGTH = 5
SHORTEST_PLURAL = 4
CONTEXT = 60
TOO_DIFFERENT = 40
"""Words; once marks and capitals are aside, no step mends a difference as large."""

_CONFUSABLE = frozenset(
    re.findall(
        r"\w+",
        "content context contract contact contest consent parent patent license licensee personal personnel "
        "principal principle affect effect accept except through though trial trail device devise advice "
        "advise insure ensure assure adopt adapt statute statue causal casual prescribe proscribe expand "
        "expend ability liability",
    )
)
"""Real words a letter apart: exchanging one for another is no slip of the keyboard."""

_SHORT_SLIPS = tuple(
    frozenset(pair.split("/")) for pair in ("out/our", "form/from", "teh/the", "then/than", "an/and", "is/it", "it/its")
)
"""Short words that are typed for one another; neither makes sense in the other's place."""


def same_meaning(old: str, new: str, renumbered: Mapping[str, str], *, english: bool = True) -> tuple[str, ...] | None:
    """The names of the steps after which both texts say the same; None where a difference stays.

    Steps build on one another, from layout to wording; only those that took a difference away are named. Of other
    languages only layout, numbering, marks and capitals are known. `renumbered` maps old clause numbers to new ones.
    """
    if not english and only_states_a_date(old) and only_states_a_date(new):
        return ("editorial.stated-date",)
    needed: list[str] = []
    if english and is_date_line(old) and is_date_line(new):
        needed = ["editorial.stated-date"] if DATE.findall(old) != DATE.findall(new) else []
        old, new = DATE.sub("", old), DATE.sub("", new)
    old, new = _around_difference(old, new)
    old = _following(old, new, renumbered)
    left = _difference(old, new)
    for place, (name, step) in enumerate(STEPS if english else STEPS[:LANGUAGE_FREE]):
        if left == 0 or (place >= LANGUAGE_FREE and left > TOO_DIFFERENT):
            break
        old, new = step(old), step(new)
        now = _difference(old, new)
        if now < left:
            needed.append(f"editorial.{name}")
        left = now
    if left == 0:
        return tuple(needed) or ("editorial.layout",)
    if english and _differs_by_typing(old.split(), new.split()):
        return (*needed, "editorial.typing")
    return None


def _following(old: str, new: str, renumbered: Mapping[str, str]) -> str:
    """The old text with its cross-references renumbered, where that brings it nearer to the new one."""
    followed = _SECTION_NUMBER.sub(lambda found: renumbered.get(found.group(), found.group()), old)
    return followed if followed != old and _difference(followed, new) < _difference(old, new) else old


def _around_difference(old: str, new: str) -> tuple[str, str]:
    """Both texts without what they share at either end, but for some words of context."""
    start = old.rfind(" ", 0, max(0, _shared_start(old, new) - CONTEXT)) + 1
    old, new = old[start:], new[start:]
    shared = max(0, _shared_start(old[::-1], new[::-1]) - CONTEXT)
    return old[: len(old) - shared], new[: len(new) - shared]


def _shared_start(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def is_date_line(text: str) -> bool:
    """Whether a short line only states when the document was updated or takes effect."""
    if len(text) > DATE_LINE_LENGTH or not DATE.search(text):
        return False
    rest = DATE.sub("", text).strip(" .:,;()-–")
    return not rest or bool(_STATES_A_DATE.search(rest))


def _difference(old: str, new: str) -> int:
    vocabulary = Vocabulary()
    return int(Indel.distance(vocabulary.encode(words(old)), vocabulary.encode(words(new))))


def _address_form(text: str) -> str:
    return _ADDRESS_FORM.sub("", text)


def _stated_date(text: str) -> str:
    return _UPDATED.sub("last updated", text)


def _numbering(text: str) -> str:
    return _MERGED_NUMBER.sub("", _LIST_MARKER.sub("", text))


def _list_joint(text: str) -> str:
    return _JOINT.sub("", text)


def _stated_version(text: str) -> str:
    return _VERSION_LINE.sub("version", text)


def _agreement(text: str) -> str:
    return _PLURAL_VERB.sub(lambda found: _SINGULAR[found.group()], text)


def _contraction(text: str) -> str:
    for pattern, full in _CONTRACTIONS:
        text = pattern.sub(full, text)
    return text


def _punctuation(text: str) -> str:
    return " ".join(_MARK.sub("", word.replace("-", " ")) if not word[0].isdigit() else word for word in _bare(text))


def _bare(text: str) -> list[str]:
    return [word for word in words(text) if not _MARK.fullmatch(word)]


def _capitals(text: str) -> str:
    return text.casefold()


def _spelling(text: str) -> str:
    for pattern, spelling in _SPELLING:
        text = pattern.sub(spelling, text)
    return text


def _given_twice(text: str) -> str:
    def in_digits(found: re.Match[str]) -> str:
        agree = NUMBER_WORDS[found.group(1).lower()] == int(found.group(2))
        return found.group(2) if agree else found.group()

    return _GIVEN_TWICE.sub(in_digits, text)


def _number_format(text: str) -> str:
    text = _THOUSANDS.sub("", text)
    return _NUMBER_WORD.sub(lambda found: str(NUMBER_WORDS[found.group()]), text)


def _synonym(text: str) -> str:
    for pattern, word in _SYNONYM:
        text = pattern.sub(word, text)
    return text


def is_same_label(old: str, new: str) -> bool:
    """Whether a few words name the same thing, whoever's it is called ("Download our logos", "Download logos")."""
    return [word for word in _content(old) if word not in _WHOSE] == [w for w in _content(new) if w not in _WHOSE]


def _content(text: str) -> list[str]:
    return [word for word in _capitals(_punctuation(text)).split() if word not in _SLIGHT]


def _slight_words(text: str) -> str:
    return " ".join(word for word in text.split() if word not in _SLIGHT)


STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("address-form", _address_form),
    ("stated-date", _stated_date),
    ("stated-version", _stated_version),
    ("numbering", _numbering),
    ("list-joint", _list_joint),
    ("contraction", _contraction),
    ("number-given-twice", _given_twice),
    ("punctuation", _punctuation),
    ("capitals", _capitals),
    ("spelling", _spelling),
    ("number-format", _number_format),
    ("synonym", _synonym),
    ("agreement", _agreement),
    ("slight-words", _slight_words),
)
LANGUAGE_FREE = 9
"""The first steps hold for every language."""


def _differs_by_typing(old: Sequence[str], new: Sequence[str]) -> bool:
    """As many words on both sides, and every other one a letter apart or a plural."""
    if len(old) != len(new):
        return False
    return all(_is_slip(before, after) for before, after in zip(old, new, strict=True) if before != after)


def _is_slip(before: str, after: str) -> bool:
    if {before, after} in _SHORT_SLIPS:
        return True
    if not (before.isalpha() and after.isalpha()):
        return False
    if before.removesuffix("s") == after.removesuffix("s") and min(len(before), len(after)) >= SHORTEST_PLURAL:
        return True
    if min(len(before), len(after)) < TYPED_LENGTH:
        return False
    if {before, after} <= _CONFUSABLE or before[0] != after[0] or before[-1] != after[-1]:
        return False
    return int(OSA.distance(before, after)) == 1

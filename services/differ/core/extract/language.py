"""The language of a text by its script and its commonest function words."""

import re
from collections import Counter
from collections.abc import Iterable

from services.differ.core.extract.wordsets import word_set

_FUNCTION_WORDS: dict[str, frozenset[str]] = {
    "en": word_set("the of and to in or you your we our that for is are with this by not may any"),
    "de": word_set("der die das und oder sie wir ist sind mit von für nicht werden ein eine ihre zu den dem"),
    "fr": word_set("le la les des et ou vous nous est sont avec pour pas votre vos une dans que du au"),
    "es": word_set("el los las y o usted nosotros es son con para su sus una en que del al por no"),
    "it": word_set("il lo gli e o lei noi è sono con per non una di che del della nel alla suo"),
    "pt": word_set("os as e ou você nós é são com para não uma em que do da seu sua ao dos"),
    "nl": word_set("de het en of u wij is zijn met voor niet een van dat uw onze te op aan worden"),
    "pl": word_set("i w z na do nie lub oraz jest są że się przez dla nas od o po użytkownik prawo"),
    "sv": word_set("och eller du vi är med för inte en ett av som att din ditt våra på till den det"),
    "da": word_set("og eller du vi er med for ikke en et af som at din dit vores på til den det"),
}
_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
)
_SAMPLE_CHARS = 6_000
_CHUNK = 300
_SCRIPT_SHARE = 0.2
_MIN_WORDS = 25
_MIN_HITS = 0.12
_LEAD = 1.3
_WORD = re.compile(r"[^\W\d_]+")


def detect_language(texts: Iterable[str]) -> str | None:
    """ISO 639-1 code of the language most of the texts are in, or None where they do not tell.

    Long texts are judged by samples from all over them, so that a foreign preamble does not decide.
    """
    joined = " ".join(texts)
    step = max(_CHUNK, len(joined) * _CHUNK // _SAMPLE_CHARS)
    sample = " ".join(joined[at : at + _CHUNK] for at in range(0, len(joined), step)).lower()
    for code, letters in _SCRIPTS:
        if len(letters.findall(sample)) > _SCRIPT_SHARE * len(sample) > 0:
            return code
    words = Counter(_WORD.findall(sample))
    total = words.total()
    if total < _MIN_WORDS:
        return None
    hits = sorted(((sum(words[word] for word in known), code) for code, known in _FUNCTION_WORDS.items()), reverse=True)
    (best, code), (second, _) = hits[0], hits[1]
    return code if best >= _MIN_HITS * total and best >= _LEAD * second else None

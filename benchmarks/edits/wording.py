"""Edits of choices, parties, the reach of a clause, and definitions."""

import re
from collections.abc import Iterator
from random import Random

from benchmarks.edits.case import ABSENT, TextEdit, Told

_OPT = re.compile(
    r"\b(?P<opt>[Oo]pt(?:ing|ed)?)(?P<gap>[ -])(?P<way>out|in)(?! to)\b(?= (?:of|to|at|by|from|or|and|via)|[.,;])"
)
_CONSENT = re.compile(r"\b(?P<lead>with) (?P<mid>your (?:prior |explicit |express )?)(?P<noun>consent|permission)\b")
_WE_ACT = re.compile(
    r"\b(?P<lead>(?:[Ww]e|[Tt]hey) (?:may|will|can)(?: also)?)(?= (?:use|share|collect|disclose|process|"
    r"transfer|send|provide|store|contact)\b)"
)
_UNLESS = re.compile(r"\bunless you (?P<verb>opt out|object|consent|agree)\b")


def choice(text: str, rng: Random) -> Iterator[TextEdit]:
    """opt out ↔ opt in, consent asked for or not, defaults."""
    for found in _OPT.finditer(text):
        way = "in" if found.group("way") == "out" else "out"
        told = Told("choice", f"{found.group('opt')}{found.group('gap')}{found.group('way')}", way,
                    f"opt-{found.group('way')}", f"opt-{way}")  # fmt: skip
        yield TextEdit(f"opt {found.group('way')} → {way}", found.span("way"), way, told)
    for found in _CONSENT.finditer(text):
        put, value = rng.choice(
            [("by default", "default"), (f"without {found.group('mid')}{found.group('noun')}", "without consent")]
        )
        told = Told("choice", found.group(), put, "consent", value, also=("negation", "scope"))
        yield TextEdit(f"consent → {value}", found.span(), put, told)
    for found in _WE_ACT.finditer(text):
        phrase, value = rng.choice(
            [("with your consent", "consent"), ("by default", "default"), ("automatically", "default"),
             ("unless you opt out", "opt-out"), ("if you opt in", "opt-in"), ("only with your explicit "
                 "consent", "consent"),
             ("unless you object", "opt-out"), ("on an opt-in basis", "opt-in")]
        )  # fmt: skip
        told = Told("choice", "", phrase.removeprefix("only "), ABSENT, value, also=("scope",))
        yield TextEdit(f"- → {phrase}", (found.end(), found.end()), f", {phrase},", told)
    for found in _UNLESS.finditer(text):
        put, value = rng.choice([("if you opt in", "opt-in"), ("by default", "default")])
        told = Told("choice", found.group(), put, None, value, also=("scope", "negation"))
        yield TextEdit(f"unless you … → {put}", found.span(), put, told)


_GROUPS = re.compile(
    r"\b(?P<lead>(?:with|to|by) (?:our |your |certain |other |any |trusted |such )*)(?P<group>service providers|"
    r"affiliates|vendors|"
    r"subsidiaries|business partners|advertisers|law enforcement|contractors|third parties|suppliers|"
    r"subprocessors)\b(?=[,.;]| (?:who|that|to|for|in|and|or|which)\b)"
)
_NEWCOMERS = (
    "advertisers",
    "data brokers",
    "research partners",
    "affiliates",
    "payment processors",
    "government authorities",
    "insurers",
    "subsidiaries",
    "analytics providers",
    "credit agencies",
    "auditors",
    "banks",
    "marketing companies",
    "regulators",
)
_COMPANY = re.compile(
    r"(?<![\w.] )\b(?P<name>(?:[A-Z][A-Za-z]+ ){1,3}?[A-Z]?[A-Za-z]*,? (?:Inc\.|LLC|Ltd\.?|Limited|GmbH|Corp\.|"
    r"PBC))(?=[\s,)]|$)"
)
_COMPANIES = (
    "Acorn OpCo, LLC",
    "Birch Ireland Limited",
    "Cedar Labs, Inc.",
    "Dogwood GmbH",
    "Elm Global Holdings Ltd.",
    "Fir PBC",
)


def party(text: str, rng: Random) -> Iterator[TextEdit]:
    """A company exchanged for another; a kind of recipient exchanged, added or taken out."""
    for found in _COMPANY.finditer(text):
        new = rng.choice(_COMPANIES)
        told = Told("party", found.group("name").split()[-1], new, also=("reference",))
        yield TextEdit("company", found.span("name"), new, told)
    named = text.lower()
    for found in _GROUPS.finditer(text):
        choices = [one for one in _NEWCOMERS if one.removesuffix("s")[:-1] not in named]
        if not choices:
            continue
        new, old = rng.choice(choices), found.group("group")
        manner = rng.choice(["added", "replaced"])
        if manner == "added":
            put = f"{old} and {rng.choice(['our ', ''])}{new}"
            yield TextEdit(
                "kind added", found.span("group"), put, Told("party", "", new, ABSENT, also=("enumeration",))
            )
        elif named.count(old.removesuffix("s")) == 1:
            yield TextEdit("kind replaced", found.span("group"), new, Told("party", old, new, also=("enumeration",)))


_BROADER = re.compile(
    r",? ?\b(?P<phrase>including,? but not limited to|including,? without limitation|at any time|from time to time|"
    r"(?:in|at) our sole(?: and absolute)? discretion|for any reason|worldwide|perpetual|irrevocable|without "
    r"(?:prior )?notice|"
    r"to the (?:fullest|maximum) extent permitted by (?:applicable )?law|solely|royalty-free)\b,?"
)
_INCLUDING = re.compile(r"\bincluding\b(?!,? (?:but|without)\b)(?= [a-z])")
_LICENCE = re.compile(r"\b(?P<lead>(?:a|an|the)(?: [a-z-]+,?)?) (?P<noun>licen[cs]e|right)\b(?= to)")
_WE_CAN = re.compile(r"\b(?:[Ww]e|[Yy]ou) (?:may|can|will|must)(?= [a-z]{3,})")
_END = re.compile(r"(?<=[a-z]{3})(?=\.$)")
_END_PHRASES = ("for any purpose", "at our sole discretion", "worldwide", "except as required "
    "by law", "without prior notice",
                "at any time", "to the extent permitted by law", "for any or no reason", "in our absolute discretion",
                "unless required by law", "where permitted by applicable law", "in perpetuity", "for commercial "
                    "purposes only")  # fmt: skip


def scope(text: str, rng: Random) -> Iterator[TextEdit]:
    """Phrases that widen or narrow a clause, taken out or put in."""
    for found in _BROADER.finditer(text):
        phrase = found.group("phrase")
        put = "including" if phrase.startswith("including") else ""
        yield TextEdit(
            f"{phrase} → {put or '-'}",
            found.span("phrase"),
            put,
            Told("scope", phrase, "", None, ABSENT, also=("negation", "choice")),
        )
    for found in _INCLUDING.finditer(text):
        put = rng.choice(["including but not limited to", "including, without limitation,", "limited to"])
        told = Told("scope", "", put.replace(",", "")[:9], also=("negation", "modality"))
        yield TextEdit(f"including → {put}", found.span(), put, told)
    for found in _LICENCE.finditer(text):
        word = rng.choice(
            [
                "worldwide",
                "perpetual",
                "irrevocable",
                "non-exclusive",
                "limited",
                "sublicensable",
                "transferable",
                "revocable",
            ]
        )
        if word not in text:
            yield TextEdit(f"licence: {word}", (found.start("noun"),) * 2, f"{word} ", Told("scope", "", word, ABSENT))
    for found in _WE_CAN.finditer(text):
        phrase = rng.choice(["in our sole discretion", "at any time", "for any reason", "from time to time", "only"])
        put = f" {phrase}" if phrase == "only" else f", {phrase},"
        yield TextEdit(
            f"verb: {phrase}", (found.end(),) * 2, put, Told("scope", "", phrase, ABSENT, also=("modality",))
        )
    for found in _END.finditer(text):
        phrase = rng.choice(_END_PHRASES)
        if phrase.split()[-1] not in text:
            yield TextEdit(
                f"end: {phrase}", found.span(), f" {phrase}", Told("scope", "", phrase, ABSENT, also=("negation",))
            )


_MEANS = re.compile(
    r"(?:[“\"](?P<term>[A-Z][^“”\"]{2,40})[”\"],?|(?:^|\. |\n)(?!This|That|It|We|You|Which|These|Here|Our|Your|"
    r"Consent)(?P<bare>(?:[A-Z][a-z]+ ?){1,3}(?<=[a-z])))"
    r" (?:means|refers to|shall mean)(?: and includes)? (?P<meaning>(?!that )[^.;:]{20,}?)(?P<end>[.;])(?=\s|$)"
)
_WIDER = (
    ", including data that we infer about it",
    " and anything derived from it",
    ", whether or not it is public",
    " used in the course of business",
)


def definition(text: str, rng: Random) -> Iterator[TextEdit]:
    """The meaning of a term in quotation marks: words added at its end, or its first half left out."""
    for found in _MEANS.finditer(text):
        term = found.group("term") or found.group("bare")
        told = Told(
            "definition",
            term,
            term,
            term,
            term,
            also=("enumeration", "scope", "negation", "party", "modality", "choice"),
        )
        if rng.random() < 0.5:
            yield TextEdit("wider", (found.start("end"),) * 2, rng.choice(_WIDER), told)
        words = found.group("meaning").split()
        if len(words) >= 8:
            kept = " ".join(words[: len(words) // 2])
            yield TextEdit("shorter", found.span("meaning"), kept, told)

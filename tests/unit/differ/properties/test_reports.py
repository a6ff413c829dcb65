"""What must hold for any two texts. The examples are the same in every run."""

import json
import re
from collections.abc import Callable, Iterator
from html import escape
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.differ.core.compare.facts.numbers import NUMBER_WORDS
from services.differ.core.compare.redline import TextPair
from services.differ.core.extract import PartContent
from services.differ.core.pipeline import Comparison, build_report
from services.differ.core.render import to_html, to_markdown, to_terminal
from services.differ.core.summarise_check import faults
from services.differ.core.two_files import compare_files
from shared.domain.report import Report
from tests.factories.differ import compared

SCHEMA = Path(__file__).parents[4] / "docs" / "schemas" / "change.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
WORDS = re.findall(
    r"\S+",
    "we may must not sell your data 30 days notice and or the partners by default opt out in delete account "
    "Section 5.2 $10 Acorn Ltd terminate only thirty arbitration 13 years old May",
)
SENTENCE = st.lists(st.sampled_from(WORDS), min_size=3, max_size=18).map(lambda words: " ".join(words) + ".")
LINE = st.one_of(SENTENCE, SENTENCE.map(lambda s: f"- {s}"), st.sampled_from(["# Terms", "## Data", "We collect:"]))
DOCUMENT = st.lists(LINE, min_size=1, max_size=12).map("\n".join)
ANY_TEXT = st.text(max_size=80)
QUICK = settings(max_examples=60, deadline=None, derandomize=True)


@QUICK
@given(DOCUMENT)
def test_a_text_against_itself_is_unchanged(text: str) -> None:
    report = build_report(compared(text, text))
    assert (report.outcome, report.alert, report.provisions) == ("unchanged", False, ())


@QUICK
@given(ANY_TEXT, ANY_TEXT)
def test_redlines_reconstruct_both_sides_of_any_text(old: str, new: str) -> None:
    redline = TextPair(old, new).redline
    assert "".join(text for mark, text in redline if mark in "=-") == old
    assert "".join(text for mark, text in redline if mark in "=+") == new
    assert all(one[0] != other[0] for one, other in pairwise(redline))


@QUICK
@given(DOCUMENT, DOCUMENT)
def test_every_change_of_any_pair_holds_its_promises(old: str, new: str) -> None:
    comparison = compared(old, new)
    assert len({provision.id for provision in comparison.provisions}) == len(comparison.provisions)
    for change in comparison.changes:
        before = change.before.text if change.before else ""
        after = change.after.text if change.after else ""
        assert "".join(text for mark, text in change.redline if mark in "=-") == before
        assert "".join(text for mark, text in change.redline if mark in "=+") == after
        for fact in change.facts:
            assert fact.before == (before[slice(*fact.before_span)] if fact.before_span else None)
            assert fact.after == (after[slice(*fact.after_span)] if fact.after_span else None)
            assert all(
                0 <= span[0] < span[1] <= len(text)
                for span, text in ((fact.before_span, before), (fact.after_span, after))
                if span
            )
        for side in (change.before, change.after):
            for part in (side.parts or ()) if side else ():
                assert 0 <= part.span[0] < part.span[1] <= len(side.text if side else "")
        assert change.sentence
        assert faults(change.sentence.text, change.sentence.proof, before or None, after or None) == ()


@QUICK
@given(DOCUMENT, DOCUMENT)
def test_every_number_and_quotation_of_what_is_said_stands_in_its_proof(old: str, new: str) -> None:
    """Held without the code that checks sentences."""
    report = build_report(compared(old, new))
    texts = {change.id: change for change in report.provisions}
    said = [(c.sentence.text, [(c, proof) for proof in c.sentence.proof]) for c in report.provisions if c.sentence]
    if report.headline:
        said.append((report.headline.text, [(texts[proof.provision], proof) for proof in report.headline.proof]))
    for text, proofs in said:
        sides = [(change.side(proof.side), proof.span) for change, proof in proofs]
        spans = [side.text[slice(*span)] for side, span in sides if side]
        held = " ".join(spans)
        words = {str(NUMBER_WORDS[word]) for word in re.findall(r"[a-z]+", held.lower()) if word in NUMBER_WORDS}
        assert set(re.findall(r"\d+", text)) <= set(re.findall(r"\d+", held)) | words
        assert all(any(quoted in span for span in spans) for quoted in re.findall(r"“([^”]*)”", text))


def _forged(text: str) -> Iterator[str]:
    """The sentence with a number, a quotation, a verb or a claim that its proof cannot hold."""
    yield from (text[: found.start()] + "97531" + text[found.end() :] for found in re.finditer(r"\d+", text))
    yield from (text[: found.start() + 1] + "zebra " + text[found.start() + 1 :] for found in re.finditer("“", text))
    yield f"Zebras: {text}"
    yield f"{text} It cannot be refused."
    if " became " in text:
        first, second = re.findall(r"“([^”]*)”", text)[:2]
        yield f"“{second} zebra” became “{first}”."


@QUICK
@given(DOCUMENT, DOCUMENT)
def test_a_forged_sentence_is_refused(old: str, new: str) -> None:
    for change in compared(old, new).changes:
        assert change.sentence
        before = change.before.text if change.before else None
        after = change.after.text if change.after else None
        for text in _forged(change.sentence.text):
            assert faults(text, change.sentence.proof, before, after) != (), text


@QUICK
@given(DOCUMENT, DOCUMENT)
def test_every_report_is_valid_and_can_be_shown(old: str, new: str) -> None:
    report = build_report(compared(old, new))
    VALIDATOR.validate(report.to_json())
    assert Report.from_json(report.to_json()) == report
    assert to_html(report).startswith("<!doctype html>")
    assert to_markdown(report).startswith("# ")
    assert to_terminal(report)


@QUICK
@given(DOCUMENT, DOCUMENT)
def test_every_provision_of_both_sides_is_accounted_for(old: str, new: str) -> None:
    comparison = compared(old, new)
    removed = sum(len(change.before.parts or (1,)) for change in comparison.changes if change.before)
    added = sum(len(change.after.parts or (1,)) for change in comparison.changes if change.after)
    assert len(comparison.old.provisions) - removed == len(comparison.new.provisions) - added


def _texts(comparison: Comparison, op: str) -> list[str]:
    sides = [change.after or change.before for change in comparison.changes if change.op == op]
    return sorted(side.text for side in sides if side)


@QUICK
@given(st.lists(SENTENCE, min_size=1, max_size=8, unique=True), st.integers(0, 7), SENTENCE)
def test_reversing_a_pair_swaps_added_and_removed(lines: list[str], place: int, more: str) -> None:
    longer = [*lines[:place], f"Zebras graze: {more}", *lines[place:]]
    there, back = compared("\n".join(lines), "\n".join(longer)), compared("\n".join(longer), "\n".join(lines))
    assert _texts(there, "added") == _texts(back, "removed")
    assert _texts(there, "removed") == _texts(back, "added")


SLOTS: list[tuple[str, list[str]]] = [
    ("We {} sell your data to others.", ["may", "must", "will not", "will", "do not"]),
    ("We tell you {} before we end it.", ["30 days", "14 days", "one month", "2 weeks"]),
    ("The plan costs {} a month.", ["$10", "$12.50", "€10"]),
    ("You must be {} to join.", ["13 years old", "16 years old", "18 years old"]),
    ("It holds from {} on.", ["1 March 2026", "July 4, 2026", "2026-09-01"]),
    ("We train on it {} at any time.", ["if you opt in", "unless you opt out", "by default"]),
    ("You contract with {} about it.", ["Acorn Ireland Ltd", "Acorn OpCo, LLC"]),
]
SWAP = st.sampled_from(SLOTS).flatmap(
    lambda slot: st.lists(st.sampled_from(slot[1]), min_size=2, max_size=2, unique=True).map(
        lambda two: (slot[0].format(two[0]), slot[0].format(two[1]))
    )
)


@QUICK
@given(SWAP)
def test_reversing_a_pair_swaps_both_sides_of_its_facts(pair: tuple[str, str]) -> None:
    old, new = pair
    [there], [back] = compared(old, new).changes, compared(new, old).changes
    ahead = [
        (f.kind, f.before, f.after, f.before_value, f.after_value, f.before_span, f.after_span) for f in there.facts
    ]
    turned = [
        (f.kind, f.after, f.before, f.after_value, f.before_value, f.after_span, f.before_span) for f in back.facts
    ]
    assert sorted(ahead, key=str) == sorted(turned, key=str)
    opposite = {"worse": "better", "better": "worse", "neutral": "neutral"}
    assert there.direction == opposite[back.direction]


COSMETIC: list[Callable[[str], str]] = [
    lambda text: re.sub(r"\.(?=\n|$)", " .", text),
    lambda text: text.upper().replace("SECTION", "Section").replace("ACORN", "Acorn"),
    lambda text: text.replace(".\n", "\n"),
    lambda text: text.replace("# ", "### "),
    lambda text: text.replace(", ", " , "),
    lambda text: text.replace("notice", "Notice"),
]


@QUICK
@given(DOCUMENT, st.sampled_from(COSMETIC))
def test_cosmetic_edits_never_alert(text: str, edit: Callable[[str], str]) -> None:
    report = build_report(compared(text, edit(text)))
    assert not report.alert, [(c.reasons, c.redline) for c in report.provisions if c.severity != "editorial"]


CLAUSES = st.lists(SENTENCE, min_size=12, max_size=20, unique=True)
AROUND: dict[str, Callable[[str], str]] = {
    "white space": lambda page: page.replace("<p>", "\n   <p>  ").replace(" ", "  "),
    "zero width": lambda page: page.replace("data", "da\u200bta"),
    "no-break spaces": lambda page: page.replace(" days", "&nbsp;days"),
    "quotes": lambda page: page.replace("&quot;", "“", 1).replace("&quot;", "”", 1),
    "markup": lambda page: page.replace("sell", "<b>sell</b>").replace("account", "<span class=x>account</span>"),
    "ids": lambda page: page.replace("<p>", '<p id="n7" data-reactid="9">'),
    "tracking": lambda page: page.replace("https://a.test/help", "https://a.test/help?utm_source=terms&utm_id=9"),
    "navigation": lambda page: page.replace("<nav>", '<nav><a href="/sale">Spring sale: 20 % off all plans</a>'),
    "footer": lambda page: page.replace("</footer>", "<p>New: our app for 3 devices</p></footer>"),
    "banner": lambda page: page.replace(
        "<main>", '<div role="dialog" aria-label="Cookies"><p>We use cookies.</p><button>Accept</button></div><main>'
    ),
    "related": lambda page: page.replace(
        "</main>", '</main><aside><h2>Related articles</h2><ul><li><a href="/x">All about pets</a></li></ul></aside>'
    ),
}


def _page(lines: list[str]) -> str:
    clauses = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return (
        "<!doctype html><html lang=en><head><title>Acorn Terms</title></head><body>"
        '<header><nav><a href="/">Home</a></nav></header><main><h1>Acorn Terms</h1>'
        f"{clauses}<p>The word &quot;Content&quot; is yours. "
        "<a href='https://a.test/help'>Ask us for help</a>.</p></main>"
        "<footer><p>Acorn Ltd</p></footer></body></html>"
    )


@pytest.mark.parametrize("edit", AROUND.values(), ids=AROUND)
@settings(max_examples=8, deadline=None, derandomize=True)
@given(lines=CLAUSES)
def test_a_page_that_changes_around_its_words_never_alerts(edit: Callable[[str], str], lines: list[str]) -> None:
    page = _page(lines)
    assume(edit(page) != page)
    old, new = (PartContent(None, "text/html", None, text.encode(), (), ()) for text in (page, edit(page)))
    report = compare_files(old, new)
    assert report.outcome in ("unchanged", "editorial"), report.unusable or report.provisions

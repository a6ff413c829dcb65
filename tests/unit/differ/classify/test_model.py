"""The committed model: what it finds, how its file is checked, what loading costs, and that a fit repeats itself."""

import gzip
import json
import time
import tracemalloc
from importlib import resources
from pathlib import Path

import pytest

from services.differ.core.classify import classify
from services.differ.core.classify.features import features, sentences
from services.differ.core.classify.model import BadModel, read_model, unfair_terms
from services.differ.training.data import LABELS, Labelled, read_multilingual, read_unfair_tos, without
from services.differ.training.fit import fit_model

FOUND = [
    ("We may suspend or close your account at any time for any reason and without notice.", "Unilateral termination"),
    ("We reserve the right to change these terms at any time at our sole discretion.", "Unilateral change"),
    ("In no event shall the company be liable for any indirect or consequential damages.", "Limitation of liability"),
    ("We may remove any content that you post at any time and without notice.", "Content removal"),
    ("By using the service you agree to be bound by these terms.", "Contract by using"),
    ("These terms are governed by the laws of the State of California.", "Choice of law"),
    ("You submit to the exclusive jurisdiction of the courts of San Francisco County.", "Jurisdiction"),
    ("Any dispute shall be finally resolved by binding arbitration.", "Arbitration"),
]


def _file() -> bytes:
    return resources.files("services.differ.data").joinpath("unfair_terms.json").read_bytes()


@pytest.mark.parametrize(("sentence", "label"), FOUND)
def test_plain_unfair_terms_are_found(sentence: str, label: str) -> None:
    assert label in unfair_terms().labels_of(sentence)


@pytest.mark.parametrize("sentence", ["Our office is closed on Sundays.", "Choose a colour for your profile.", "", "…"])
def test_other_sentences_have_no_label(sentence: str) -> None:
    assert unfair_terms().labels_of(sentence) == ()


def test_the_file_is_small_and_loads_quickly() -> None:
    data = _file()
    assert len(data) <= 2_000_000
    begin = time.process_time()
    read_model(data)
    assert time.process_time() - begin < 0.2
    tracemalloc.start()
    read_model(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60_000_000


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-100],
        lambda data: data.replace(b"clausewatch.linear/1", b"clausewatch.linear/2"),
        lambda data: data.replace(b"arbitr", b"orbitr", 1),
        lambda _: b"[]",
        lambda _: b"\xff",
    ],
)
def test_an_altered_file_is_refused(spoil: object) -> None:
    assert callable(spoil)
    with pytest.raises(BadModel):
        read_model(spoil(_file()))


def test_tokenised_and_running_text_give_the_same_features() -> None:
    assert features("we do n't sell 30 things .") == features("We don't sell 14 things.")


def test_sentences_are_cut_after_their_ends_and_at_lines() -> None:
    assert sentences("One thing. Another; (c) third\nA line") == ["One thing.", "Another;", "(c) third", "A line"]


def test_a_provision_is_read_sentence_by_sentence() -> None:
    filler = "The weather page shows the weather of the day. " * 20
    assert classify(filler + "Any dispute shall be finally resolved by binding arbitration.", ())[0].id == (
        "dispute.arbitration"
    )


def _synthetic() -> list[Labelled]:
    words = dict(zip(LABELS, ("loss", "close", "alter", "erase", "use", "law", "court", "referee"), strict=True))
    rows = []
    for company in ("a", "b", "c", "d", "e", "f"):
        for label, word in words.items():
            rows += [
                Labelled(f"Clause about {word} for {company} number {n}", frozenset([label]), company) for n in range(2)
            ]
        rows += [Labelled(f"Plain sentence {n} of {company}", frozenset(), company) for n in range(6)]
    return rows


def test_the_same_data_give_the_same_bytes_and_a_model_that_learned() -> None:
    rows = _synthetic()
    data = fit_model(rows, [], {"sources": ["made up"]})
    assert data == fit_model(rows, [], {"sources": ["made up"]})
    model = read_model(data)
    assert model.labels_of("A new clause about the court") == ("Jurisdiction",)
    assert model.labels_of("A plain sentence") == ()
    assert model.probability(1.0) > model.probability(-1.0)


def test_levels_and_repeated_sentences_are_read_as_the_card_says(tmp_path: Path) -> None:
    late, early = tmp_path / "late.gz", tmp_path / "early.gz"
    rows = [
        {"text": "Courts at your home.", "tags": ["j1"], "doc": "A"},
        {"text": "Courts at our home!", "tags": ["j3", "pinc2"], "doc": "A"},
        {"text": "We don't say.", "tags": [], "doc": "B"},
        {"text": "", "tags": [], "doc": "B"},
    ]
    late.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    early.write_bytes(gzip.compress(json.dumps({"text": "we do n't say .", "labels": [], "doc": "musically"}).encode()))
    [first] = read_unfair_tos(early)
    kept = without(read_multilingual(late), [first])
    assert first.company == "tiktok"
    assert [(row.text, set(row.labels)) for row in kept] == [
        ("Courts at your home.", set()),
        ("Courts at our home!", {"Jurisdiction"}),
    ]

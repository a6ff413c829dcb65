"""How blocks become provisions, their paths and their identity."""

from services.differ.core.blocks import Block, BlockKind, Extraction
from services.differ.core.pipeline import segment
from services.differ.core.segment import LONGEST
from shared.domain.provisions import Provision, ProvisionKind
from tests.factories.differ import extraction


def segmented(text: str) -> tuple[Provision, ...]:
    return segment(extraction(text), identity_seed="seed")


def test_clauses_stand_under_their_heading_path() -> None:
    provisions = segmented("# Terms\n## 5. Termination\n5.2 We may end it.\n## 6. Law\nIrish law applies.")
    assert [(p.kind, p.path, p.text) for p in provisions] == [
        ("heading", ("Terms",), "Terms"),
        ("heading", ("Terms", "5. Termination"), "Termination"),
        ("clause", ("Terms", "5. Termination", "5.2"), "We may end it."),
        ("heading", ("Terms", "6. Law"), "Law"),
        ("clause", ("Terms", "6. Law"), "Irish law applies."),
    ]
    assert [p.number for p in provisions] == [None, "5.", "5.2", "6.", None]


def test_numbered_lines_are_headings_too() -> None:
    provisions = segmented("1. Your Account\nKeep it safe.\n1.1 Passwords\nChoose a long one.\n2. Fees\nNone.")
    assert [p.path for p in provisions if p.kind is ProvisionKind.CLAUSE] == [
        ("1. Your Account",),
        ("1. Your Account", "1.1 Passwords"),
        ("2. Fees",),
    ]


def test_a_run_in_heading_ends_the_path() -> None:
    [provision] = segmented("Limits of Use. You may not copy it.")
    assert (provision.heading, provision.path) == ("Limits of Use", ("Limits of Use",))
    assert provision.text == "Limits of Use. You may not copy it."


def test_a_list_of_short_items_stays_with_its_lead_in() -> None:
    [provision] = segmented("We keep:\n- your [name](acorn.example/name)\n(b) your age")
    assert provision.kind is ProvisionKind.LIST
    assert provision.text == "We keep:\nyour name\n(b) your age"
    [link] = provision.links
    assert provision.text[slice(*link.span)] == "name"
    assert provision.blocks == (0, 3)


def test_a_list_of_clauses_is_a_provision_an_item() -> None:
    items = "\n".join(f"- {name}. {'We use it for the purposes that are named here. ' * 6}" for name in ("Name", "Age"))
    provisions = segmented(f"We keep:\n{items}\n  - a deeper one")
    assert [p.kind for p in provisions] == ["clause", "item", "item"]
    assert provisions[2].text.endswith("\na deeper one")


def test_rows_are_provisions_of_their_own() -> None:
    assert [p.kind for p in segmented("Cookie | Purpose\nsid | login")] == ["row", "row"]


def test_every_word_is_in_some_provision() -> None:
    text = "# A\nOne two.\nWe keep:\n- three\n- four\n1. Five Six\nSeven.\nEight | nine"
    words = " ".join(p.text for p in segmented(text))
    assert all(word in words for word in ("One", "two", "three", "four", "Five", "Six", "Seven", "Eight", "nine"))


def test_ids_are_deterministic_and_distinct() -> None:
    text = "Same words.\nSame words.\nOther words."
    first, again = segmented(text), segmented(text)
    assert first == again
    assert len({p.id for p in first}) == 3
    assert segment(extraction(text), identity_seed="other")[0].id != first[0].id


def test_a_freakishly_long_block_is_cut_and_nothing_is_lost() -> None:
    words = " ".join(f"word{n}" for n in range(12_000))
    provisions = segment(
        Extraction((Block(BlockKind.PARAGRAPH, words, words),), None, "en", "test/1"), identity_seed="seed"
    )
    assert max(len(p.text) for p in provisions) <= LONGEST
    assert " ".join(p.text for p in provisions) == words


def test_an_edit_leaves_the_later_cuts_of_a_long_block_where_they_were() -> None:
    text = " ".join(f"Sentence {n} says what person {n * n} may do." for n in range(2_000))

    def parts(words: str) -> list[str]:
        block = Block(BlockKind.PARAGRAPH, words, words)
        return [p.text for p in segment(Extraction((block,), None, "en", "test/1"), identity_seed="seed")]

    before, after = parts(text), parts(text.replace("Sentence 3 says", "Sentence 3 now also says", 1))
    assert len(before) > 4
    assert before[1:] == after[1:]


def test_a_provision_survives_its_json_form() -> None:
    for provision in segmented("# A\n5.1 Read [this](acorn.example/x).\n- b"):
        assert Provision.from_json(provision.to_json()) == provision

"""Scenarios of looks at one document, minute by minute, with what each look must turn out to be."""

from datetime import UTC, datetime, timedelta

import pytest

from services.differ.core.confirm import Decision, Look, PastChange, Patience, decide, kind_of_change
from shared.domain.standing import Candidate, Condition, Standing

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
PATIENCE = Patience(confirm_after=timedelta(minutes=10))
HOUR = 60


def run(looks: str, standing: Standing) -> list[Decision]:
    """Judge looks written as "minute:text", with `!` after a confirming one and `x` before an unusable text."""
    decisions = []
    for number, word in enumerate(looks.split()):
        minute, text = word.split(":")
        look = Look(
            snapshot_id=f"s{number}",
            at=START + timedelta(minutes=int(minute)),
            confirming=text.endswith("!"),
            text=text.strip("!"),
            usable=not text.startswith("x"),
        )
        decision = decide(standing, look, PATIENCE)
        opened = {decision.begins} if decision.begins else set()
        conditions = (decision.standing.open_conditions | opened) - set(decision.ends)
        standing = Standing(
            decision.standing.head_text,
            decision.standing.candidate,
            decision.standing.unsettled_since,
            decision.standing.unusable,
            frozenset(conditions),
        )
        decisions.append(decision)
    return decisions


@pytest.mark.parametrize(
    ("case", "looks", "outcomes"),
    [
        ("the head's text again", "0:A", "unchanged"),
        ("a text is confirmed by a second, confirming look", "0:B 10:B!", "candidate confirmed"),
        ("a late look confirms as well", "0:B 15:B", "candidate confirmed"),
        ("an early look that is not confirming does not", "0:B 5:B 10:B!", "candidate candidate confirmed"),
        ("back to the head is a flap", "0:B 10:A!", "candidate flap"),
        ("another text is a new candidate", "0:B 10:C! 20:C!", "candidate candidate confirmed"),
        (
            "an unusable look in between neither confirms nor discards",
            "0:B 10:x! 20:B!",
            "candidate unusable confirmed",
        ),
        ("an unusable capture alone changes nothing", "0:x 60:A", "unusable unchanged"),
        ("after a version, its text is the head", "0:B 10:B! 20:B", "candidate confirmed unchanged"),
    ],
)
def test_outcomes(case: str, looks: str, outcomes: str) -> None:
    assert [d.outcome for d in run(looks, Standing(head_text="A"))] == outcomes.split(), case


def test_the_first_text_is_confirmed_too() -> None:
    first, second = run("0:A 10:A!", Standing())
    assert (first.outcome, second.outcome) == ("candidate", "confirmed")
    assert second.confirmed == Candidate("A", START, "s0")
    assert second.standing == Standing(head_text="A")


@pytest.mark.parametrize(
    ("case", "looks", "confirm_minutes"),
    [
        ("a candidate is looked at again after confirm_after", "0:B", [10]),
        ("counted from its first sight", "0:B 4:B", [10, 10]),
        ("and at once where that is past", "0:B 30:C", [10, 40]),
        ("nothing is open after a confirmation or a flap", "0:B 10:B! 11:C 12:B", [10, None, 21, None]),
        ("an unusable look at a candidate is repeated soon", "0:B 10:x!", [10, 20]),
        ("an unusable look at a settled document is repeated twice within the day", "0:x", [12 * HOUR]),
    ],
)
def test_when_to_look_again(case: str, looks: str, confirm_minutes: list[int | None]) -> None:
    decisions = run(looks, Standing(head_text="A"))
    expected = [None if m is None else START + timedelta(minutes=m) for m in confirm_minutes]
    assert [d.confirm_at for d in decisions] == expected, case


@pytest.mark.parametrize(
    ("case", "looks", "begins", "ends"),
    [
        (
            "an unusable text on three checks over a day is unreadable, told once, and ends with a readable one",
            f"0:x1 {12 * HOUR}:x1! {24 * HOUR}:x1! {36 * HOUR}:x1! {37 * HOUR}:A",
            [None, None, Condition.UNREADABLE, None, None],
            [(), (), (), (), (Condition.UNREADABLE,)],
        ),
        (
            "three checks within the day are too early",
            f"0:x1 60:x1! {23 * HOUR}:x1!",
            [None, None, None],
            [(), (), ()],
        ),
        (
            "so is one that differs at every look, as a bot check's does",
            f"0:x1 {12 * HOUR}:x2! {24 * HOUR}:x3! {36 * HOUR}:x4!",
            [None, None, Condition.UNREADABLE, None],
            [(), (), (), ()],
        ),
        (
            "a readable look in between begins the count anew",
            f"0:x1 {12 * HOUR}:x2! {13 * HOUR}:A {24 * HOUR}:x3! {36 * HOUR}:x4!",
            [None, None, None, None, None],
            [(), (), (), (), ()],
        ),
        (
            "candidates that keep differing for six hours are unstable until one is confirmed",
            f"0:B 10:C! {6 * HOUR}:D! {6 * HOUR + 10}:E! {6 * HOUR + 20}:E!",
            [None, None, Condition.UNSTABLE, None, None],
            [(), (), (), (), (Condition.UNSTABLE,)],
        ),
        (
            "so is a candidate that cannot be confirmed for unusable captures",
            f"0:B 10:x1! {6 * HOUR}:x2!",
            [None, None, Condition.UNSTABLE],
            [(), (), ()],
        ),
        (
            "back to the head ends it",
            f"0:B {6 * HOUR}:C! {7 * HOUR}:A!",
            [None, Condition.UNSTABLE, None],
            [(), (), (Condition.UNSTABLE,)],
        ),
    ],
)
def test_conditions(case: str, looks: str, begins: list[Condition | None], ends: list[tuple[Condition, ...]]) -> None:
    decisions = run(looks, Standing(head_text="A"))
    assert [d.begins for d in decisions] == begins, case
    assert [d.ends for d in decisions] == ends, case


def test_a_document_that_never_showed_a_text_is_not_asked_for_one_for_ever() -> None:
    decisions = run("0:x1 10:x2! 20:x3! 30:x4!", Standing())
    waits = [decision.confirm_at - START for decision in decisions if decision.confirm_at]
    assert [wait // timedelta(minutes=1) for wait in waits] == [10, 20, 20 + 12 * HOUR, 30 + 12 * HOUR]


@pytest.mark.parametrize(
    ("case", "hours", "wait_minutes"),
    [
        ("not yet unstable", 5, 10),
        ("as it becomes unstable", 6, 10),
        ("after an hour of it", 7, 1 * HOUR),
        ("twice as long, twice the wait", 8, 2 * HOUR),
        ("up to the longest interval", 30, 6 * HOUR),
    ],
)
@pytest.mark.parametrize("text", ["D!", "x!"])
def test_the_wait_for_a_confirming_look_grows_while_unstable(
    case: str, hours: int, wait_minutes: int, text: str
) -> None:
    at = START + timedelta(hours=hours)
    standing = Standing("A", Candidate("C", at - timedelta(minutes=10), "s0"), unsettled_since=START)
    [decision] = run(f"{hours * HOUR}:{text}", standing)
    assert decision.confirm_at == at + timedelta(minutes=wait_minutes), case


def test_the_capture_that_began_a_candidate_cannot_confirm_it() -> None:
    standing = Standing(head_text="A", candidate=Candidate("B", START, "s0"), unsettled_since=START)
    again = Look("s0", START + timedelta(hours=1), confirming=True, text="B", usable=True)
    assert decide(standing, again, PATIENCE).outcome == "candidate"


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("case", "past", "old", "new", "expected"),
    [
        ("a new text", [("A", "B", "changed", 1)], "B", "C", "changed"),
        ("a first return", [("A", "B", "changed", 1)], "B", "A", "reverted"),
        ("back and forth", [("A", "B", "changed", 9), ("B", "A", "reverted", 8)], "A", "B", "alternating"),
        (
            "after a month of quiet it is told again",
            [("A", "B", "changed", 90), ("B", "A", "reverted", 31)],
            "A",
            "B",
            "reverted",
        ),
        (
            "alternating renews the memory",
            [("A", "B", "changed", 90), ("B", "A", "reverted", 50), ("A", "B", "alternating", 25)],
            "B",
            "A",
            "alternating",
        ),
        (
            "a return between two other texts is told",
            [("A", "B", "changed", 9), ("B", "A", "reverted", 8), ("A", "C", "changed", 7)],
            "C",
            "A",
            "reverted",
        ),
    ],
)
def test_kind_of_change(case: str, past: list[tuple[str, str, str, int]], old: str, new: str, expected: str) -> None:
    changes = [PastChange(a, b, outcome, START - days * DAY) for a, b, outcome, days in past]
    assert kind_of_change(old, new, changes, START) == expected, case

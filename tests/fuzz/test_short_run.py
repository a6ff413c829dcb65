"""A few seconds of what `python -m tests.fuzz` does for ten minutes, by random mutation without coverage feedback."""

import random
from collections.abc import Callable

import pytest

from tests.fuzz import targets

_FRAGMENTS = tuple(
    text.encode()
    for text in (
        *(
            "<",
            ">",
            "</",
            "<ol start=-9>",
            "<table>",
            "<tr><td rowspan=99999>",
            "<h1>",
            "<a href=#x>",
            "](",
            "[",
            "| a |",
        ),
        *("\n\n", "1. ", "(a) ", "\xa0", "\ufeff", "%PDF-1.7", "stream\n", "&#0;", "30 days", "1. März 2026", "\u0301"),
    )
)


def _mutated(chance: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(out) + 1)
        kind = chance.random()
        if kind < 0.5:
            out[at:at] = chance.choice(_FRAGMENTS) * chance.choice((1, 1, 1, 50))
        elif kind < 0.8:
            del out[at : at + chance.randint(1, 20)]
        else:
            out[at : at + 1] = bytes([chance.randrange(256)])
    return bytes(out)


@pytest.mark.parametrize("name", ["extract", "compare"])
@pytest.mark.parametrize("seed", range(2))
def test_mutated_input_is_read_or_refused(name: str, seed: int) -> None:
    chance = random.Random(seed)
    target: Callable[[bytes], None] = {"extract": targets.extract_any, "compare": targets.compare_any}[name]
    begin = targets.seeds(name)
    for _ in range(120):
        target(_mutated(chance, chance.choice(begin)))

"""Provisions whose words did not change, wherever they stand now."""

from collections import defaultdict, deque

from services.differ.core.align.matches import Matches, key, letters
from services.differ.core.words import Vocabulary, edits

MOST_KEYS = 20_000
"""Provisions of a version whose order is aligned exactly; beyond, equal ones are matched first come, first served."""


def match_equal(matches: Matches) -> None:
    """Same words and links, then same letters and digits alone: in order first, then wherever they went."""
    for key_of in (key, letters):
        free_old, free_new = matches.free_old(), matches.free_new()
        keys = Vocabulary()
        old_keys = keys.encode([key_of(matches.old[i]) for i in free_old])
        new_keys = keys.encode([key_of(matches.new[j]) for j in free_new])
        exact = max(len(old_keys), len(new_keys)) <= MOST_KEYS
        for edit in edits(old_keys, new_keys) if exact else ():
            if edit.equal:
                for at, to in zip(range(*edit.old), range(*edit.new), strict=True):
                    matches.pair(free_old[at], free_new[to])
        places: dict[str, deque[int]] = defaultdict(deque)
        for j, code in zip(free_new, new_keys, strict=True):
            if j not in matches.taken:
                places[code].append(j)
        for i, code in zip(free_old, old_keys, strict=True):
            if i not in matches.pairs and places[code]:
                matches.pair(i, places[code].popleft())

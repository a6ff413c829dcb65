"""Sets of words, written as one reads them."""


def word_set(words: str) -> frozenset[str]:
    """The words of a text that white space sets apart."""
    return frozenset(words.split())

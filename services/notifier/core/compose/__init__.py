"""From a notice to the words that go out: webhook bodies and email."""


class NotComposable(Exception):
    """A notice that cannot be put into words: what is missing or too large."""

"""Ids: a prefix that says what they name, and 100 random bits in lower-case base 32."""

import secrets

_ALPHABET = b"abcdefghijklmnopqrstuvwxyz234567"
_LETTERS = bytes(_ALPHABET[byte % 32] for byte in range(256))


def new_id(prefix: str) -> str:
    """A fresh id such as `chg_7n2qk…` (prefix, underscore, 20 characters)."""
    return f"{prefix}_{secrets.token_bytes(20).translate(_LETTERS).decode()}"

"""Ids: a prefix that says what they name, and 100 random bits in lower-case base 32."""

import base64
import secrets


def new_id(prefix: str) -> str:
    """A fresh id such as `chg_7n2qk…` (prefix, underscore, 20 characters)."""
    return f"{prefix}_{base64.b32encode(secrets.token_bytes(13))[:20].decode().lower()}"

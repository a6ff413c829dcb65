"""Secrets at rest: sealed with a key from the settings, which never stands in the database."""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.settings import Settings, SettingsError

_REMEMBERED = 4_096
"""Secrets that a box remembers once they were opened: a busy endpoint's is needed for every delivery."""


class Unsealable(Exception):
    """A sealed secret that none of our keys opens."""


class SecretBox:
    """Seals with the first key and opens with any, so that a key can be replaced."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or not all(keys):
            raise ValueError("a secret box needs a key")
        self._fernet = MultiFernet([Fernet(_derived(key, b"endpoint secrets")) for key in keys])
        self._opened = lru_cache(_REMEMBERED)(self._fernet.decrypt)
        self._signing = [base64.urlsafe_b64decode(_derived(key, b"links")) for key in keys]

    def seal(self, secret: str) -> str:
        """The secret encrypted and authenticated (Fernet), fit for a text column."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret; Unsealable where the key is another or the text was tampered with."""
        try:
            return self._opened(sealed.encode()).decode()
        except InvalidToken:
            raise Unsealable("sealed with another key: was CLAUSEWATCH_SECRET_KEY changed?") from None

    def link_token(self, purpose: str, subject: str) -> str:
        """A short proof that a link for this purpose and subject was made here."""
        return _token(self._signing[0], purpose, subject)

    def proves(self, token: str, purpose: str, subject: str) -> bool:
        """Whether it is such a proof, by any of the keys; takes as long for a nearly right token as for a wrong one."""
        given = token.encode()
        # All keys are tried, so that the time says nothing of which one fitted.
        fits = [hmac.compare_digest(given, _token(key, purpose, subject).encode()) for key in self._signing]
        return any(fits)


def secret_box(settings: Settings) -> SecretBox:
    """The box of this installation. Without a key in the settings, development keeps one in the data folder."""
    key = settings.secret_key.get_secret_value()
    retired = settings.retired_secret_keys.get_secret_value().split("\n")
    older = [line.strip() for line in retired if line.strip()]
    if key:
        return SecretBox([key, *older])
    if settings.env == "production":
        raise SettingsError("CLAUSEWATCH_SECRET_KEY is not set")
    return SecretBox([kept_secret(settings.data / "secret.key", lambda: secrets.token_urlsafe(32)), *older])


def kept_secret(path: Path, make: Callable[[], str]) -> str:
    """The secret in a file that only its owner reads; made by whichever process comes first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first, and its key counts
        finally:
            draft.unlink()
    return path.read_text().strip()


def _token(key: bytes, purpose: str, subject: str) -> str:
    digest = hmac.new(key, f"{purpose}\0{subject}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:12]).decode()


def _derived(key: str, purpose: bytes) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=b"clausewatch", info=purpose).derive(key.encode())
    return base64.urlsafe_b64encode(derived)

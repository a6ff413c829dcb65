"""Signed heads of the ledger: Ed25519 (RFC 8032), so that anybody can check them and only we can make them."""

import base64
from datetime import datetime
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from shared.evidence.ledger import Entry, Head, sha256_hex
from shared.secrets import kept_secret
from shared.settings import Settings, SettingsError

KEY_FILE = "ledger.key"


class BadKey(ValueError):
    """No Ed25519 key in PEM; the message says what it is instead."""


class PublicKey:
    """Checks heads."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = sha256_hex(raw)[:16]
        """The first 16 hexadecimal digits of the SHA-256 of the raw key."""
        self.pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @classmethod
    def from_pem(cls, pem: str | bytes) -> Self:
        """The key of a PEM file; BadKey where it holds none of ours."""
        try:
            key = load_pem_public_key(pem.encode() if isinstance(pem, str) else pem)
        except (ValueError, UnsupportedAlgorithm):
            raise BadKey("it holds no public key in PEM") from None
        if not isinstance(key, Ed25519PublicKey):
            raise BadKey("its key is not of Ed25519")
        return cls(key)

    def fault_of(self, head: Head) -> str | None:
        """What is wrong with a head's signature; None where it is this key's over just these fields."""
        if head.key_id != self.id:
            return f"it is signed with the key {head.key_id}, not with {self.id}"
        try:
            signature = base64.b64decode(head.signature, validate=True)
            self._key.verify(signature, head.signed_bytes())
        except ValueError:
            return "its signature is not base64"
        except InvalidSignature:
            return "its signature does not fit its fields"
        if base64.b64encode(signature).decode() != head.signature:
            return "its signature is not in the one form that base64 has for it"
        return None


class SigningKey:
    """Makes heads."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key())

    @classmethod
    def made(cls) -> Self:
        """A fresh one."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, pem: str) -> Self:
        """The key of an unencrypted PEM (PKCS 8), as `openssl genpkey -algorithm ed25519` writes it; else BadKey."""
        try:
            key = load_pem_private_key(pem.encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise BadKey("it holds no unencrypted private key in PEM") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise BadKey("its key is not of Ed25519")
        return cls(key)

    @classmethod
    def derived(cls, secret: str) -> Self:
        """The key that belongs to an installation's secret (HKDF, RFC 5869); always the same one."""
        seed = HKDF(algorithm=SHA256(), length=32, salt=b"clausewatch", info=b"ledger heads").derive(secret.encode())
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def pem(self) -> str:
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def head(self, entry: Entry, at: datetime) -> Head:
        """The head that vouches for the chain up to `entry`, signed."""
        unsigned = Head(entry.seq, entry.hash, at, self.public.id, "")
        signature = base64.b64encode(self._key.sign(unsigned.signed_bytes())).decode()
        return Head(entry.seq, entry.hash, at, self.public.id, signature)


def signing_key(settings: Settings) -> SigningKey:
    """The installation's: that of CLAUSEWATCH_LEDGER_KEY; without it, production derives one from its secret key, and
    development keeps one in the data folder. SettingsError where it cannot be used.
    """
    given, secret = settings.ledger_key.get_secret_value(), settings.secret_key.get_secret_value()
    try:
        if given:
            return SigningKey.from_pem(given)
        if settings.env == "production":
            return SigningKey.derived(secret)
        return SigningKey.from_pem(kept_secret(settings.data / KEY_FILE, lambda: SigningKey.made().pem))
    except BadKey as error:
        where = "CLAUSEWATCH_LEDGER_KEY" if given else str(settings.data / KEY_FILE)
        raise SettingsError(f"{where} cannot be used: {error}") from None

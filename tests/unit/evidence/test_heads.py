"""Who may sign, and what a signature holds for."""

import base64
import shutil
import stat
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared.evidence.heads import BadKey, PublicKey, SigningKey, signing_key
from shared.evidence.ledger import Kind, hash_of, next_entry, sha256_hex
from shared.settings import Settings, SettingsError

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
ENTRY = next_entry(None, Kind.CHANGE, "chg_a", hash_of({}), AT)


def test_a_head_is_checked_with_the_public_key_alone() -> None:
    key = SigningKey.made()
    public = PublicKey.from_pem(key.public.pem)
    assert public.fault_of(key.head(ENTRY, AT)) is None


@pytest.mark.parametrize(
    ("altered", "fault"),
    [
        ({"seq": 2}, "does not fit its fields"),
        ({"hash": "f" * 64}, "does not fit its fields"),
        ({"at": AT + timedelta(microseconds=1)}, "does not fit its fields"),
        ({"key_id": "f" * 16}, "it is signed with the key ffffffffffffffff"),
        ({"signature": base64.b64encode(b"x" * 64).decode()}, "does not fit its fields"),
        ({"signature": "AAAA"}, "does not fit its fields"),
        ({"signature": "é"}, "is not base64"),
    ],
)
def test_an_altered_head_is_none(altered: dict[str, object], fault: str) -> None:
    key = SigningKey.made()
    said = key.public.fault_of(replace(key.head(ENTRY, AT), **altered))  # type: ignore[arg-type]
    assert said is not None
    assert fault in said


def test_base64_has_one_form() -> None:
    """The last digit of 64 bytes carries four bits that no decoder reads."""
    key = SigningKey.made()
    head = key.head(ENTRY, AT)
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = digits[digits.index(head.signature[-3]) ^ 1]
    other = replace(head, signature=f"{head.signature[:-3]}{last}==")
    assert base64.b64decode(other.signature) == base64.b64decode(head.signature)
    assert key.public.fault_of(other) == "its signature is not in the one form that base64 has for it"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
def test_openssl_reads_what_we_write_and_the_other_way_round(tmp_path: Path) -> None:
    key = SigningKey.made()
    head = key.head(ENTRY, AT)
    (tmp_path / "key.pem").write_text(key.public.pem)
    (tmp_path / "signed").write_bytes(head.signed_bytes())
    (tmp_path / "signature").write_bytes(base64.b64decode(head.signature))

    def openssl(arguments: str) -> bytes:
        run = subprocess.run(["openssl", *arguments.split()], cwd=tmp_path, capture_output=True, check=True)
        return run.stdout

    openssl("pkeyutl -verify -rawin -pubin -inkey key.pem -in signed -sigfile signature")
    assert SigningKey.from_pem(openssl("genpkey -algorithm ed25519").decode()).public.id != key.public.id
    der = openssl("pkey -pubin -in key.pem -outform DER")
    assert sha256_hex(der[-32:])[:16] == head.key_id


def test_the_data_folder_keeps_a_key_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    first, again = signing_key(settings), signing_key(settings)
    assert first.public.id == again.public.id
    assert stat.S_IMODE((tmp_path / "data" / "ledger.key").stat().st_mode) == 0o600


def test_the_key_of_the_settings_counts(tmp_path: Path) -> None:
    key = SigningKey.made()
    assert signing_key(Settings(data=tmp_path, ledger_key=SecretStr(key.pem))).public.id == key.public.id
    assert list(tmp_path.iterdir()) == []


def test_production_has_a_key_that_belongs_to_its_secret() -> None:
    settings = [
        Settings(
            env="production",
            database_url="postgresql://db/x",
            redis_url="redis://r",
            public_url="https://watch.example",
            secret_key=SecretStr(secret * 32),
        )
        for secret in "aab"
    ]
    ids = [signing_key(one).public.id for one in settings]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize("wrong", ["x", SigningKey.made().public.pem])
def test_an_unusable_key_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match="CLAUSEWATCH_LEDGER_KEY cannot be used: it holds no unencrypted private"):
        signing_key(Settings(ledger_key=SecretStr(wrong)))


def test_a_key_of_another_kind_is_none() -> None:
    with pytest.raises(BadKey):
        PublicKey.from_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")

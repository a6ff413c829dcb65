"""What whoever checks has got by another way than the bundle: keys, or a published head."""

import json
import re
from dataclasses import dataclass
from typing import Any

from shared.evidence.heads import BadKey, PublicKey
from shared.evidence.ledger import Entry, Head, NoLedger

_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----\n?", re.DOTALL)


class BadTrust(ValueError):
    """A key or head file that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Keys whose heads count, a head that was published, and entries that lead from a bundle to it."""

    keys: tuple[PublicKey, ...] = ()
    head: Head | None = None
    entries: tuple[Entry, ...] = ()


NO_TRUST = Trust()


def keys_in(pem: bytes) -> tuple[PublicKey, ...]:
    """The keys of a file, one PEM after the other and nothing besides; BadKey where that is not what it holds."""
    text = pem.decode("ascii", "replace")
    keys = tuple(map(PublicKey.from_pem, _PEM.findall(text)))
    if not keys or "".join(key.pem for key in keys) != text:
        raise BadKey("it holds no public keys in PEM, or something besides")
    return keys


def trust_in(*, key: bytes | None, head: bytes | None, entries: bytes | None = None) -> Trust:
    """Trust in the contents of a key file, of a head file (what /.well-known/clausewatch-ledger gave, or a head by
    itself), or of both; BadTrust where one cannot be used. Keys that are given go before those beside the head.
    `entries` (what /api/v1/ledger/entries gave) are only believed as far as the head vouches for them.
    """
    if entries is not None and head is None:
        raise BadTrust("entries alone prove nothing: give the head that they lead to as well")
    if key is None and head is None:
        return NO_TRUST
    try:
        keys = keys_in(_as_written(key)) if key is not None else ()
    except BadKey as error:
        raise BadTrust(f"the key cannot be used: {error}") from None
    if head is None:
        return Trust(keys)
    try:
        published, beside = _published(json.loads(head))
    except (ValueError, RecursionError) as error:
        raise BadTrust(f"the head cannot be used: {error}") from None
    keys = keys or beside
    if keys:
        faults = [one.fault_of(published) for one in keys if one.id == published.key_id]
        if not faults:
            raise BadTrust(f"the head is signed with the key {published.key_id}, which is not among those given")
        if faults[0]:
            raise BadTrust(f"the head is not genuine: {faults[0]}")
    return Trust(keys, published, _entries(entries) if entries is not None else ())


def _as_written(pem: bytes) -> bytes:
    """A key file that went through an editor or a mail."""
    return pem.replace(b"\r\n", b"\n").strip() + b"\n"


def _entries(lines: bytes) -> tuple[Entry, ...]:
    found = []
    for number, line in enumerate(lines.splitlines(), 1):
        try:
            found.append(Entry.from_json(json.loads(line)))
        except (ValueError, RecursionError) as error:
            raise BadTrust(f"the entries cannot be used: line {number}: {error}") from None
    return tuple(found)


def _published(value: Any) -> tuple[Head, tuple[PublicKey, ...]]:
    if not isinstance(value, dict) or "head" not in value:
        return Head.from_json(value), ()
    if value["head"] is None:
        raise NoLedger("no head was signed yet when it was published")
    pems = value.get("public_keys")
    if not isinstance(pems, list) or not all(isinstance(pem, str) for pem in pems):
        raise NoLedger("there are no public keys beside it")
    return Head.from_json(value["head"]), tuple(map(PublicKey.from_pem, pems))

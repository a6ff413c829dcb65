"""The ledger's piece in a bundle: its links, its heads and their signatures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shared.evidence.heads import BadKey, PublicKey
from shared.evidence.ledger import Entry, Head, NoLedger, Segment, broken_links
from shared.evidence.verifying.faults import Fault, Unreadable, canonical_value
from shared.evidence.verifying.trust import Trust, keys_in

LEDGER, HEAD, KEYS = "ledger.json", "head.json", "public_key.pem"


@dataclass(frozen=True, slots=True)
class Chain:
    """The segments, as far as they could be read."""

    segments: tuple[Segment, ...] = ()

    def entries(self) -> Iterator[Entry]:
        for segment in self.segments:
            yield from segment.entries

    def head_over(self, entry: Entry) -> Head | None:
        """The head of the segment that it stands in."""
        return next((segment.head for segment in self.segments if entry in segment.entries), None)


def read_chain(files: Mapping[str, bytes], trust: Trust) -> tuple[Chain, list[Fault]]:
    """The chain of a bundle and all that is wrong with it."""
    faults: list[Fault] = []
    chain = Chain()
    if LEDGER in files:
        try:
            chain = _chain(files[LEDGER])
        except (Unreadable, NoLedger) as error:
            faults.append(Fault(LEDGER, str(error)))
    keys, more = _keys(files, chain, trust)
    faults += more
    last: Entry | None = None
    for number, segment in enumerate(chain.segments, 1):
        faults += _segment_faults(number, segment, keys, last)
        last = segment.entries[-1] if segment.entries else None
    faults += _head_faults(files, chain)
    if trust.head:
        faults += _published_faults(trust.head, keys)
    return chain, faults


def _chain(data: bytes) -> Chain:
    value = canonical_value(data)
    if not isinstance(value, dict) or list(value) != ["segments"] or not isinstance(value["segments"], list):
        raise Unreadable("it has other fields than segments, a list")
    chain = Chain(tuple(map(Segment.from_json, value["segments"])))
    seqs = [entry.seq for entry in chain.entries()]
    if seqs != sorted(set(seqs)):
        raise Unreadable("its entries are not in order, each once")
    return chain


def _keys(files: Mapping[str, bytes], chain: Chain, trust: Trust) -> tuple[Mapping[str, PublicKey], list[Fault]]:
    """The keys whose heads count: those that are trusted, else the bundle's own, which must be those of its heads."""
    own: tuple[PublicKey, ...] = ()
    faults: list[Fault] = []
    if KEYS in files:
        try:
            own = keys_in(files[KEYS])
            signers = {segment.head.key_id for segment in chain.segments}
            if chain.segments and {key.id for key in own} != signers:
                faults.append(
                    Fault(KEYS, f"it does not hold the keys that the heads name: {', '.join(sorted(signers))}")
                )
        except BadKey as error:
            faults.append(Fault(KEYS, str(error)))
    if trust.head and not trust.keys:  # a head by itself vouches for the one key that made it
        own = tuple(key for key in own if key.id == trust.head.key_id)
    return {key.id: key for key in trust.keys or own}, faults


def _segment_faults(
    number: int, segment: Segment, keys: Mapping[str, PublicKey], before: Entry | None
) -> Iterator[Fault]:
    """`before` is the entry that the segment before it ends with, which may be the one before its first."""
    head = segment.head
    if not segment.entries:
        yield Fault(f"{LEDGER}, segment {number}", "it has no entries")
        return
    is_next = before is not None and before.seq + 1 == segment.entries[0].seq
    for seq, what in broken_links(segment.entries, before if is_next else None):
        yield Fault(f"{LEDGER}, entry {seq}", what)
    last = segment.entries[-1]
    where = f"{LEDGER}, head {head.seq}"
    if last.seq != head.seq:
        yield Fault(where, f"its segment ends with entry {last.seq}")
    elif last.hash != head.hash:
        yield Fault(where, f"its hash is not that of entry {last.seq}")
    if head.key_id not in keys:
        known = ", ".join(keys) or "none"
        yield Fault(where, f"it is signed with the key {head.key_id}; the keys that count are: {known}")
    elif fault := keys[head.key_id].fault_of(head):
        yield Fault(where, fault)


def _head_faults(files: Mapping[str, bytes], chain: Chain) -> Iterator[Fault]:
    """The head beside the ledger is the newest in it."""
    if HEAD not in files:
        return
    try:
        head = Head.from_json(canonical_value(files[HEAD]))
    except (Unreadable, NoLedger) as error:
        yield Fault(HEAD, str(error))
        return
    if chain.segments and head != chain.segments[-1].head:
        yield Fault(HEAD, f"it is not the newest head of {LEDGER}")


def _published_faults(head: Head, keys: Mapping[str, PublicKey]) -> Iterator[Fault]:
    """The published head is signed with a key that counts."""
    where = f"the published head {head.seq}"
    if head.key_id not in keys:
        yield Fault(where, f"it is signed with the key {head.key_id}, which is not the bundle's")
    elif fault := keys[head.key_id].fault_of(head):
        yield Fault(where, fault)

"""From a bundle's entries to a head that was published at another time, through the entries between."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from shared.evidence.ledger import Entry, Head, broken_links
from shared.evidence.verifying.chain import LEDGER, Chain
from shared.evidence.verifying.faults import Fault
from shared.evidence.verifying.trust import Trust

ENTRIES = "the entries given"


@dataclass(frozen=True, slots=True)
class Joined:
    """What a published head says of a bundle's entries: `joined` are in one unbroken chain with it."""

    faults: tuple[Fault, ...] = ()
    joined: tuple[Entry, ...] = ()
    remark: str = ""
    """What would have to be given so that the rest is joined too."""

    def proven(self, head: Head) -> Iterator[str]:
        """Each joined entry and how it stands to the head, in words."""
        signed = f"head {head.seq}, signed by key {head.key_id} at {head.at:%Y-%m-%d %H:%M:%S} UTC"
        for entry in self.joined:
            how = "is under" if entry.seq <= head.seq else "follows on"
            yield f"entry {entry.seq} ({entry.kind} {entry.subject_id}) {how} {signed}"


def join(chain: Chain, trust: Trust) -> Joined:
    """Follow the chain from the trusted head to every entry of the bundle; nothing where no head is trusted.

    A gap is a fault where entries were given to fill it, else a remark.
    """
    head, own = trust.head, {entry.seq: entry for entry in chain.entries()}
    if head is None or not own:
        return Joined()
    given = {entry.seq: entry for entry in trust.entries}
    known = {**given, **own}
    run = _run(head, known)
    faults = [*_two_ledgers(own, given), *_broken(run, own), *_at_head(head, known)]
    reached = {entry.seq for entry in run}
    joined = tuple(entry for entry in own.values() if entry.seq in reached)
    gaps = "" if len(joined) == len(own) else _gaps(head, known, own)
    if gaps and trust.entries:
        faults.append(Fault(ENTRIES, f"{gaps} not among them: the chain from the bundle to head {head.seq} breaks"))
    needed = (
        f"the published head {head.seq} proves the key, and not yet that all of this bundle is in its chain: for that "
        f"take {gaps.removesuffix(' are')} from /api/v1/ledger/entries of the installation, and give them by --entries"
    )
    return Joined(tuple(faults), () if faults else joined, needed if gaps and not trust.entries else "")


def _run(head: Head, known: Mapping[int, Entry]) -> list[Entry]:
    """The known entries that follow one another without a gap up to the head, and from it on."""
    first = last = head.seq
    while first in known:
        first -= 1
    while last + 1 in known:
        last += 1
    return [known[seq] for seq in range(first + 1, last + 1)]


def _two_ledgers(own: Mapping[int, Entry], given: Mapping[int, Entry]) -> Iterator[Fault]:
    for seq in sorted(own.keys() & given.keys()):
        if own[seq] != given[seq]:
            yield Fault(f"{ENTRIES}, entry {seq}", "it is another than the bundle's: one was altered, or it is forged")


def _broken(run: list[Entry], own: Mapping[int, Entry]) -> Iterator[Fault]:
    for seq, what in broken_links(run):
        yield Fault(f"{LEDGER if seq in own else ENTRIES}, entry {seq}", what)


def _at_head(head: Head, known: Mapping[int, Entry]) -> Iterator[Fault]:
    """The head's hash is that of its entry, and what the entry after it names."""
    where = f"the published head {head.seq}"
    if head.seq in known and known[head.seq].hash != head.hash:
        yield Fault(where, f"entry {head.seq} has another hash: there are two ledgers")
    if head.seq + 1 in known and known[head.seq + 1].previous != head.hash:
        yield Fault(where, f"entry {head.seq + 1} does not follow on it: there are two ledgers")


def _gaps(head: Head, known: Mapping[int, Entry], own: Mapping[int, Entry]) -> str:
    """The numbers that lack between the head and the bundle's entries, in words that end with `are`."""
    begin, end = min(min(own), head.seq + 1), max(max(own), head.seq)
    seqs = [begin - 1, *sorted(seq for seq in known if begin <= seq <= end), end + 1]
    lacking = [(one + 1, other - 1) for one, other in pairwise(seqs) if other - one > 1]
    return "entries " + ", ".join(f"{first} to {last}" for first, last in lacking) + " are"

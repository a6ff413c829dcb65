"""Checks a bundle with nothing but its files and, at best, a key or head that was got by another way. Pure.

Every fault is found and named, not the first alone; docs/evidence.md says what is checked against what.
"""

from collections.abc import Mapping

from shared.evidence.ledger import Kind
from shared.evidence.verifying.chain import Chain, read_chain
from shared.evidence.verifying.contents import contents_against_facts
from shared.evidence.verifying.faults import Fault, Verdict
from shared.evidence.verifying.joining import Joined, join
from shared.evidence.verifying.manifest import Manifest, blamed, files_against, read_manifest
from shared.evidence.verifying.subjects import Subjects, read_subjects
from shared.evidence.verifying.trust import NO_TRUST, BadTrust, Trust, trust_in

__all__ = ["NO_TRUST", "BadTrust", "Fault", "Trust", "Verdict", "trust_in", "verify"]


def verify(files: Mapping[str, bytes], trust: Trust = NO_TRUST) -> Verdict:
    """What is wrong with a bundle, given its files by path, and what it proves where nothing is."""
    manifest, faults = read_manifest(files)
    faults += files_against(manifest, files)
    chain, more = read_chain(files, trust)
    faults += more
    joined = join(chain, trust)
    faults += joined.faults
    subjects, more = read_subjects(manifest, files, chain)
    faults += more
    faults += contents_against_facts(manifest, subjects, files)
    once = tuple(dict.fromkeys(blamed(faults)))
    proven = (*_proven(subjects, chain), *(joined.proven(trust.head) if trust.head else ()))
    return Verdict(once, proven, _remarks(manifest, chain, trust, joined))


def _proven(subjects: Subjects, chain: Chain) -> tuple[str, ...]:
    lines = []
    for (kind, subject_id), entry in subjects.entries.items():
        head = chain.head_over(entry)
        vouched = f"signed at {head.seq} on {head.at:%Y-%m-%d %H:%M:%S} UTC" if head else "not signed"
        what = f"{'revision of change' if kind is Kind.REVISION else kind} {subject_id}"
        lines.append(f"{what}: entry {entry.seq} of {entry.at:%Y-%m-%d %H:%M:%S} UTC, {vouched}")
    return tuple(lines)


def _remarks(manifest: Manifest, chain: Chain, trust: Trust, joined: Joined) -> tuple[str, ...]:
    remarks = [f"{one}: {why}; its hash alone is proven" for one, why in manifest.missing.items()]
    ids = ", ".join(sorted({segment.head.key_id for segment in chain.segments})) or "none"
    if trust is NO_TRUST:
        remarks.append(
            f"checked with the bundle's own key ({ids}): it is whole, but only a key or head got by another way "
            "(--key, --head) shows whose it is"
        )
    if joined.remark:
        remarks.append(joined.remark)
    remarks.append("redline.html, redline.pdf and README.txt are renderings, which no signature covers")
    return tuple(remarks)

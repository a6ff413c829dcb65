"""Bundles of evidence: what was captured and told of a change or version, with the proof that it is in the ledger."""

"""Evidence that others can check without us: the ledger, its signed heads, and bundles (format: docs/evidence.md)."""

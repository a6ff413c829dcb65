"""The ledger in the database: rows and their facts, the one sequencer, what is read for bundles, and the audit."""

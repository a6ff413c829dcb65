"""The truth: tables, the session that alone commits, the outbox, repositories and migrations."""

"""The fetcher: looks at documents, politely, and keeps what it saw.

Consumes no event; the wake-up calls `checks.due` and `retention.due` point at work in the database. Emits
`snapshot.captured`, `condition.began` and `condition.ended`. Owns schedules (but for the differ's `confirm_at`,
`last_changed_at` and `browser_needed`), hosts, checks, snapshots, the archive and the condition `unreachable`.
"""

"""The differ: works out what a change says.

Consumes `snapshot.captured` ("drain this document"). Emits `change.detected`, `condition.began`, `condition.ended`.
Owns judgements, heads, versions, provisions, changes, and the conditions `unreadable` and `unstable`.
"""

"""The notifier: consumes `change.detected`, `condition.began` and `condition.ended`; emits nothing.

It owns notices, deliveries, attempts, frozen bodies and quota use. An event becomes a notice and its deliveries in one
transaction; the courier claims what is due, sends with no transaction open, and records each attempt under its lease.
"""

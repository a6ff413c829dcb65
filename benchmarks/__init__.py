"""Measurements of the whole system and of its parts, each beside what else there is. See docs/benchmarks.md."""

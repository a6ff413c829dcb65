"""The fetcher's use cases, and what they need of the world."""

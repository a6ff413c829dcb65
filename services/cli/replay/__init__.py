"""Replaying recorded histories: through the differ's handlers alone, or through the whole running system."""

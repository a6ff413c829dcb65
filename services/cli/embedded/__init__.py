"""The embedded default: one supervisor that runs a real broker and every service on one machine."""

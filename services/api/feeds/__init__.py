"""Changes as Atom feeds (RFC 4287), and the days that documents state as calendars (RFC 5545)."""

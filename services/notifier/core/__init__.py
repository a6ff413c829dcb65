"""What to say, how to sign it, and when to say it again: pure, with time and chance passed in."""

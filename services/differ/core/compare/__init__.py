"""What differs inside a pair of aligned provisions: the redline, and the facts it holds."""

"""Data files of the differ."""

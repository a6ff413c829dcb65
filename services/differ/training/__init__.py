"""Fits the classifier's parameters on labelled sentences: `python -m services.differ.training LABELS_DIR`.

Needs nothing beyond the standard library, and gives the same bytes for the same data. It never runs in production.
"""

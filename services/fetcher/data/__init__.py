"""Data files of the fetcher.

catalogue.jsonl: a document a line, sorted by platform and type. Which documents a platform has and where they are read
comes from the collections genai, genai-contrib and pga of Open Terms Archive (each line's `source`), made available
under the Open Data Commons Attribution License 1.0.
"""

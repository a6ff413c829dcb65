"""Bounds on what one part may hold, so that no capture can take a worker's memory or time with it."""

MAX_BODY_BYTES = 20 * 1024 * 1024
"""What the fetcher accepts as well; the largest policy page seen is 1.2 MB."""

MAX_NODES = 400_000
"""Elements and texts of a page: more than a hundred times a long policy."""

MAX_TEXT_CHARS = 4_000_000
"""Text of all parts together, about eight thousand printed pages."""

MAX_PDF_PAGES = 1_000

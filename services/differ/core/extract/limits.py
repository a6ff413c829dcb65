"""Bounds on what one part may hold, so that no capture can take a worker's memory or time with it."""

MAX_BODY_BYTES = 20 * 1024 * 1024
"""What the fetcher accepts as well; the largest policy page seen is 1.2 MB."""

MAX_NODES = 150_000
"""Elements and texts of a page: thirty times the longest policy seen."""

MAX_TEXT_CHARS = 2_000_000
"""Text of all parts together, fifteen times the longest policy seen."""

MAX_BLOCKS = 30_000

MAX_MARKDOWN_BRACKETS = 20_000
"""Each may begin a link, which the parser looks for from every one; the longest policy seen has 900."""

MAX_MARKDOWN_MARKS = 100_000
"""Other signs of emphasis, code and tables."""

MAX_MARKDOWN_LINES = 60_000

MAX_PDF_PAGES = 1_000

MAX_DEPTH = 4_000
"""Elements inside one another; the HTML standard's tree construction is quadratic in depth."""

MAX_ATTRIBUTES = 1_000
"""Of one element; no page seen has a hundred."""

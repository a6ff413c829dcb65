"""The page around a sample document: all that changes at every request and means nothing."""

import random
from collections.abc import Sequence
from string import Template

COMPANY = "Lumenforge"

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>$title | $company</title>
<meta name="csrf-token" content="$token">
<link rel="stylesheet" href="/assets/site.css?build=$build">
<script>window.__session = "$session";</script>
</head>
<body>
$banner
<header class="site-header"><nav aria-label="Main"><ul>
<li><a href="/?visit=$session">Home</a></li><li><a href="/pricing?visit=$session">Pricing</a></li>
<li><a href="/blog?visit=$session">Blog</a></li><li><a href="/login">Log in</a></li></ul></nav></header>
<aside class="sidebar"><h2>Legal</h2><ul>$siblings</ul><p>Updated $days days ago</p></aside>
<main><article>
$fragment
</article></main>
<section class="related-articles" aria-label="Related articles"><h2>Related articles</h2><ul>$related</ul></section>
<footer><p>Was this page helpful? <button>Yes</button> <button>No</button></p>
<p>© 2026 $company. Build $build, served to visitor $visitor.</p></footer>
</body>
</html>
""")

_BANNER = """<div role="dialog" aria-label="Cookie consent" class="cookie-banner"><p>We use cookies to make this
site work. Accept all cookies or choose which ones you allow.</p>
<button>Accept all</button> <button>Reject</button></div>"""

_ARTICLES = (
    "Ten prompts for a calmer inbox",
    "How a bakery forecasts its flour",
    "Inside our Dublin office",
    "What is new in the spring release",
    "A year of open models",
    "Five minutes with our support team",
)

ERROR_FRAGMENT = (
    "<h1>This page isn't available right now</h1><p>Something went wrong on our side. Please try again later.</p>"
)


def page(title: str, fragment: str, documents: Sequence[tuple[str, str]], chance: random.Random) -> bytes:
    """The whole page in UTF-8. `documents` are (path, title) of the platform's documents."""
    related = "".join(
        f"<li><a href='/blog/{chance.randrange(999)}'>{one}</a></li>" for one in chance.sample(_ARTICLES, 3)
    )
    siblings = "".join(
        f"<li><a href='{path}?visit={chance.randrange(10**9)}'>{name}</a></li>" for path, name in documents
    )
    html = _PAGE.substitute(
        title=title,
        company=COMPANY,
        token=f"{chance.getrandbits(128):032x}",
        build=f"{chance.getrandbits(40):010x}",
        session=f"{chance.getrandbits(64):016x}",
        banner=_BANNER if chance.random() < 0.5 else "",
        siblings=siblings,
        days=chance.randrange(2, 30),
        fragment=fragment,
        related=related,
        visitor=chance.randrange(10**6),
    )
    return html.encode()

"""Edits of a page that leave what the policy says as it was."""

import re
from collections.abc import Callable
from random import Random

_TAG = re.compile(
    r"(<script\b.*?</script\s*>|<style\b.*?</style\s*>|<title\b.*?</title\s*>|<!--.*?-->|<[^>]*>|&#?\w+;)",
    re.DOTALL | re.IGNORECASE,
)
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)
_MAIN_END = re.compile(r"</(?:main|article)\s*>", re.IGNORECASE)
_PARAGRAPH = re.compile(r"<p(?=[ >])[^>]*>(?:(?!</?p[ >]|<div|<script).)*?</p>", re.DOTALL)
_FILLER = (
    "Read the story of the lighthouse keeper",
    "Five gardens to see in spring",
    "How bridges are painted",
    "A walk along the old canal",
)

Cosmetic = Callable[[str, Random], str]


def _in_text(html: str, change: Callable[[str], str]) -> str:
    """Change what stands between tags and character references."""
    parts = _TAG.split(html)
    return "".join(part if part.startswith(("<", "&")) else change(part) for part in parts)


def _in_tags(html: str, pattern: str, put: Callable[[re.Match[str]], str], *, most: int = 200) -> str:
    return re.sub(pattern, put, html, count=most)


def quotes(html: str, rng: Random) -> str:
    """Curly quotation marks and apostrophes straight; where there are none, the other way round."""
    straight = _in_text(html, lambda text: re.sub("[‘’]", "'", re.sub("[“”]", '"', text)))
    return straight if straight != html else _in_text(html, lambda text: re.sub(r"(?<=[a-z])'(?=[a-z])", "’", text))


def dashes(html: str, rng: Random) -> str:
    """En dashes for em dashes and non-breaking hyphens."""
    return _in_text(html, lambda text: text.replace("—", "–").replace("‑", "-"))


def spaces(html: str, rng: Random) -> str:
    """Line ends and doubled spaces between words."""
    return _in_text(
        html, lambda text: re.sub(r"(?<=[a-z,]) (?=[a-z])", lambda _: rng.choice([" ", "  ", "\n      "]), text)
    )


def no_break_spaces(html: str, rng: Random) -> str:
    """Some spaces that do not break."""
    return _in_text(
        html,
        lambda text: re.sub(
            r"(?<=[a-z,]) (?=[a-z])", lambda _: rng.choice([" ", " ", "&nbsp;", "\u00a0", "\u202f"]), text
        ),
    )


def zero_width(html: str, rng: Random) -> str:
    """Characters without width, and soft hyphens, inside words and between them."""
    return _in_text(
        html,
        lambda text: re.sub(
            r"(?<=[a-z]{3})(?=[a-z]{3})",
            lambda _: rng.choice([""] * 20 + ["\u200b", "\u200d", "\ufeff", "&shy;", "\u2060"]),
            text,
        ),
    )


def entities(html: str, rng: Random) -> str:
    """Characters written as entities."""
    return _in_text(
        html,
        lambda text: (
            text.replace("'", "&#39;").replace("’", "&rsquo;").replace("“", "&ldquo;").replace("”", "&#x201D;")
        ),
    )


def tracking(html: str, rng: Random) -> str:
    """Tracking parameters at every link."""
    mark = rng.choice(
        [
            "utm_source=mail&amp;utm_medium=x",
            f"fbclid={rng.getrandbits(60):x}",
            f"gclid={rng.getrandbits(60):x}",
            f"ref={rng.getrandbits(30):x}",
        ]
    )
    return _in_tags(
        html, r'(<a\b[^>]*?href=")(https?://[^"?#]+)(?=["#])', lambda m: f"{m[1]}{m[2]}?{mark}", most=10_000
    )


def bold(html: str, rng: Random) -> str:
    """<b> for <strong>, <i> for <em>, and the reverse where there is none."""
    swapped = re.sub(r"(</?)strong(?=[\s>])", r"\1b", re.sub(r"(</?)em(?=[\s>])", r"\1i", html))
    return swapped if swapped != html else re.sub(r"(</?)b(?=[\s>])", r"\1strong", html)


def wrappers(html: str, rng: Random) -> str:
    """An extra <div> around paragraphs, an extra <span> inside them."""
    return _PARAGRAPH.sub(
        lambda m: rng.choice(
            [
                m[0],
                f'<div class="x{rng.getrandbits(20):x}">{m[0]}</div>',
                re.sub(r"^(<p[^>]*>)(.*)(</p>)$", r"\1<span>\2</span>\3", m[0], flags=re.DOTALL),
            ]
        ),
        html,
    )


def class_names(html: str, rng: Random) -> str:
    """Generated class names with another hash."""
    return _in_tags(
        html,
        r'(<(?:p|span|li|ul|ol|h[1-6]|a|td|b|strong)\b[^>]*?class=")([^"]*)(")',
        lambda m: f"{m[1]}css-{rng.getrandbits(32):x} {m[2]}{m[3]}",
        most=10_000,
    )


def ids(html: str, rng: Random) -> str:
    """Random ids on paragraphs and list entries."""
    return re.sub(r"<(p|li|span|ul)(?=>)", lambda m: f'<{m[1]} id="id-{rng.getrandbits(40):x}"', html)


def attribute_order(html: str, rng: Random) -> str:
    """Two attributes of an element exchanged."""
    return re.sub(r'<(a|p|li|h[1-6]|span|div)( [a-z-]+="[^"<>]*")( [a-z-]+="[^"<>]*")(?=[ >])', r"<\1\3\2", html)


def data_attributes(html: str, rng: Random) -> str:
    """A request's identity and time in attributes, scripts and comments."""
    mark = f"{rng.getrandbits(64):x}"
    html = re.sub(
        r"<(div|section|main)(?=[ >])",
        lambda m: f'<{m[1]} data-request="{mark}" data-time="{rng.getrandbits(31)}"',
        html,
        count=20,
    )
    return _BODY.sub(
        lambda m: f"{m[0]}<!-- made {mark} --><script nonce='{mark}'>window.started={rng.getrandbits(31)}</script>",
        html,
        count=1,
    )


def cookie_banner(html: str, rng: Random) -> str:
    """A cookie banner at the end of the page or at its beginning."""
    banner = (
        '<div id="cookie-consent" role="dialog" aria-label="Cookies"><p>We use cookies to make this site work '
        "and to measure its use. You may accept or refuse them.</p>"
        "<button>Accept all</button><button>Refuse</button></div>"
    )
    return _placed(html, banner, rng)


def notice_bar(html: str, rng: Random) -> str:
    """A bar that advertises a new product, above everything."""
    return _first(
        html, f'<aside class="announcement-bar" role="banner"><a href="/new">New: {rng.choice(_FILLER)} →</a></aside>'
    )


def footer(html: str, rng: Random) -> str:
    """Another footer with a year and more links."""
    links = "".join(f'<li><a href="/{n}">{words}</a></li>' for n, words in enumerate(_FILLER))
    return _last(
        html, f"<footer><ul>{links}</ul><p>© {rng.randint(2020, 2030)} Acorn. All rights reserved.</p></footer>"
    )


def navigation(html: str, rng: Random) -> str:
    """A menu more."""
    links = "".join(f'<li><a href="/{n}">{words}</a></li>' for n, words in enumerate(rng.sample(_FILLER, 3)))
    return _first(html, f'<nav aria-label="Main"><ul>{links}</ul></nav>')


def related(html: str, rng: Random) -> str:
    """Related articles after the text."""
    links = "".join(f'<li><a href="/articles/{n}">{words}</a></li>' for n, words in enumerate(rng.sample(_FILLER, 3)))
    return _after_main(html, f'<section class="related-articles"><h2>Related articles</h2><ul>{links}</ul></section>')


def feedback(html: str, rng: Random) -> str:
    """A box that asks whether the page was helpful."""
    share = f"{rng.randint(2, 90)} out of {rng.randint(91, 300)}"
    box = (
        '<div class="feedback"><p>Was this article helpful?</p><button>Yes</button><button>No</button>'
        f"<p>{share} found this helpful</p></div>"
    )
    return _after_main(html, box)


def relative_date(html: str, rng: Random) -> str:
    """When the page was updated, counted from now."""
    return re.sub(
        r"\b(?:Updated|updated) (?:over |about )?(?:\d+|an?) (?:second|minute|hour|day|week|month|year)s? ago",
        f"Updated {rng.randint(2, 20)} weeks ago",
        html,
    )


def minutes_to_read(html: str, rng: Random) -> str:
    """A reading time before the first paragraph of the page."""
    return _first(
        html,
        f'<div class="meta"><span>{rng.randint(2, 40)} min read</span> <time '
        f'datetime="2026-01-0{rng.randint(1, 9)}T00:00:00Z">{rng.randint(2, 9)} days ago</time></div>',
    )


def _first(html: str, more: str) -> str:
    return _BODY.sub(lambda m: m[0] + more, html, count=1)


def _last(html: str, more: str) -> str:
    return _BODY_END.sub(lambda m: more + m[0], html, count=1)


def _after_main(html: str, more: str) -> str:
    ends = list(_MAIN_END.finditer(html))
    at = ends[-1].end() if ends else None
    return html[:at] + more + html[at:] if at else _last(html, more)


def _placed(html: str, more: str, rng: Random) -> str:
    return _first(html, more) if rng.random() < 0.5 else _last(html, more)


COSMETIC: tuple[Cosmetic, ...] = (
    quotes,
    dashes,
    spaces,
    no_break_spaces,
    zero_width,
    entities,
    tracking,
    bold,
    wrappers,
    class_names,
    ids,
    attribute_order,
    data_attributes,
    cookie_banner,
    notice_bar,
    footer,
    navigation,
    related,
    feedback,
    relative_date,
    minutes_to_read,
)

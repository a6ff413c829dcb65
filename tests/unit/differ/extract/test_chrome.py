"""What stands around the policy stays out, whatever of the policy's own looks alike stays in."""

import pytest

from services.differ.core.extract import Unextractable, extract
from shared.domain.documents import RangeSelector, Selector
from tests.unit.differ.extract.pages import SENTENCE, part, policy, read

PLAIN = read(policy("")).text_sha256


@pytest.mark.parametrize(
    "around",
    [
        "<nav><a href=/a>Products</a><a href=/b>Pricing</a></nav>",
        "<header><a href=/>Acme</a><button>Log in</button></header>",
        "<footer>© 2026 Acme <a href=/i>Imprint</a></footer>",
        "<aside><a href=/n>News</a></aside>",
        "<div role=dialog>We use cookies. <button>Accept all</button></div>",
        "<div class='cookie-banner'>We use cookies to improve our service.</div>",
        "<div id='consentNotice'>We value your privacy.</div>",
        "<form><label>Your address</label><input type=email><button>Subscribe</button></form>",
        "<ul><li><a href=/a>First product</a><li><a href=/b>Second product</a></ul>",
        "<div><div>Products</div><div>Pricing</div></div>",
    ],
)
def test_surroundings_stay_out(around: str) -> None:
    assert read(policy("", around=around)).text_sha256 == PLAIN


@pytest.mark.parametrize(
    "content",
    [
        "<nav aria-label=Breadcrumb><a href=/>Home</a></nav>",
        "<button>Copy link</button>",
        "<div class=share-buttons><a href=//x.example>Post</a></div>",
        "<span class=sr-only>Opens in a new tab</span>",
        "<i class=icon aria-hidden=true>expand_more</i>",
        "<span role=img>fa-link regular</span>",
        "<select><option>English<option>Deutsch</select>",
        "<p>Was this helpful?</p>",
        "<h2>Related articles</h2><ul><li><a href=/q>Another article</a></ul><h2></h2>",
        "<p>3 min read</p>",
    ],
)
def test_what_is_set_into_the_text_stays_out(content: str) -> None:
    assert read(policy(content)).text_sha256 == PLAIN


def test_contents_that_repeat_the_headings_stay_out() -> None:
    headings = ("1. Scope", "2. Fees", "3. Law")
    sections = "".join(f"<h2>{heading}</h2><p>{SENTENCE}</p>" for heading in headings)
    contents = "<p>On this page</p><ul>" + "".join(f"<li>{heading}</li>" for heading in headings) + "</ul>"
    bare, listed = read(policy(sections)), read(policy(contents + sections))
    assert listed.text_sha256 == bare.text_sha256
    assert listed.ignored["table-of-contents"] == 4


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        pytest.param(
            f"<header><h1>Terms</h1><p>Last updated: 1 May 2026</p></header><div><p>{SENTENCE}</p></div>",
            "Last updated: 1 May 2026",
            id="header-with-the-title",
        ),
        pytest.param(f"<form><div><h1>Terms</h1><p>{SENTENCE * 5}</p></div></form>", SENTENCE, id="page-in-a-form"),
        pytest.param(
            f"<main><p>{SENTENCE}</p><h3><button aria-expanded=false>Fees</button></h3><p>x</p></main>",
            "Fees",
            id="accordion-title",
        ),
        pytest.param(f"<div class=nav-layout><p>{SENTENCE * 9}</p></div>", SENTENCE, id="a-layout-named-nav"),
        pytest.param(f"<aside><p>{SENTENCE * 9}</p></aside>", SENTENCE, id="nothing-but-an-aside"),
        pytest.param(
            f"<article><div><p>In short, accordingly:</p></div><div><p>{SENTENCE * 4}</p></div></article>",
            "In short, accordingly:",
            id="short-opening-line",
        ),
        pytest.param(
            f"<div>Terms of Acme</div><div><p>{SENTENCE * 4}</p></div>", "Terms of Acme", id="title-without-heading"
        ),
        pytest.param(
            f"<body class=cookie-policy-banner><h1>Cookies</h1><p>{SENTENCE}</p>", "Cookies", id="cookie-policy"
        ),
    ],
)
def test_policy_stays_in(html: str, kept: str) -> None:
    assert kept in read(html).reading_text


PAGE = (
    "<body><p id=a>Before.</p><div class=doc><h2>Title</h2><p>First.</p><p class=ad>Ad.</p><p>Second.</p></div>"
    "<p id=z>After.</p>"
)


@pytest.mark.parametrize(
    ("select", "remove", "expected"),
    [
        ((".doc",), (), ["Title", "First.", "Ad.", "Second."]),
        ((".doc",), (".ad",), ["Title", "First.", "Second."]),
        (("#a", "h2"), (), ["Before.", "Title"]),
        ((RangeSelector(start_before=".doc", end_before=".ad"),), (), ["Title", "First."]),
        ((RangeSelector(start_after="h2", end_after=".ad"),), (), ["First.", "Ad."]),
        ((RangeSelector(start_after=".doc", end_after="#z"),), (), ["After."]),
        ((".doc",), (RangeSelector(start_before=".ad", end_after=".doc"),), ["Title", "First."]),
    ],
)
def test_declared_selectors_win(
    select: tuple[Selector, ...], remove: tuple[Selector, ...], expected: list[str]
) -> None:
    found = extract([part(PAGE, select=select, remove=remove)])
    assert [block.text for block in found.blocks] == expected


@pytest.mark.parametrize("select", [".absent", "p[", RangeSelector(start_before="#a", end_before=".absent")])
def test_selectors_that_name_nothing_are_told(select: Selector) -> None:
    with pytest.raises(Unextractable) as refusal:
        extract([part(PAGE, select=(select,))])
    assert refusal.value.reason == "unreadable"

"""What counts as the same text, the same link, the same document."""

import pytest

from services.differ.core.extract import ChromeSet, fingerprint
from services.differ.core.extract.links import LinkResolver
from tests.unit.differ.extract.pages import part, read


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("<p>Our “terms” – these.</p>", '<p>Our "terms" — these.</p>', id="quotes-and-dashes"),
        pytest.param("<p>Write to us .</p>", "<p>Write to us.</p>", id="space-before-a-full-stop"),
        pytest.param("<p>Effective 8 July 2026</p>", "<p>Effective July 8, 2026</p>", id="ways-to-write-a-date"),
        pytest.param("<p>Gilt ab 1. März 2026</p>", "<p>Gilt ab 2026-03-01</p>", id="german-date"),
        pytest.param(
            "<p>Text.</p><p>Updated 8 days ago</p>", "<p>Text.</p><p>Updated over a week ago</p>", id="relative-date"
        ),
        pytest.param(
            "<p>Text.</p><p>Updated in the last 15 minutes</p>", "<p>Text.</p>", id="relative-date-of-minutes"
        ),
        pytest.param("<p>Text.</p><p>Updated today</p>", "<p>Text.</p>", id="relative-date-alone"),
        pytest.param("<p>Text.</p><p>5 min read</p>", "<p>Text.</p><p>6 min read</p>", id="reading-time"),
        pytest.param("<p>A <b>b</b> c</p>", "<div>A <span>b</span> c</div>", id="markup"),
        pytest.param("<a href='/x?utm_source=a'>X</a>", "<a href='/x?did=5f0c'>X</a>", id="tracking"),
        pytest.param("<a href='#s5'>Section 5</a>", "<p>Section 5</p>", id="link-within-the-document"),
        pytest.param(
            "<a href='https://a.example'>https://a.example</a>", "<p>https://a.example</p>", id="spelled-link"
        ),
    ],
)
def test_same_text(one: str, other: str) -> None:
    assert read(one).text_sha256 == read(other).text_sha256


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("<p>We may.</p>", "<p>We must.</p>", id="word"),
        pytest.param("<p>Effective 8 July 2026</p>", "<p>Effective 9 July 2026</p>", id="date"),
        pytest.param(
            "<p>After 30 days ago it ended, since nobody wrote to us in all that long time before.</p>",
            "<p>After it ended, since nobody wrote to us in all that long time before.</p>",
            id="policy-speaks-of-ago",
        ),
        pytest.param("<a href='/x'>X</a>", "<a href='/y'>X</a>", id="retargeted-link"),
        pytest.param("<a href='/x?id=1'>X</a>", "<a href='/x?id=2'>X</a>", id="query-that-names-a-document"),
        pytest.param("<ol><li>A</ol>", "<ol start=2><li>A</ol>", id="number"),
    ],
)
def test_different_text(one: str, other: str) -> None:
    assert read(one).text_sha256 != read(other).text_sha256


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ("https://WWW.Acme.example/a/", "acme.example/a"),
        ("/a?id=5&utm_medium=x", "acme.example/a?id=5"),
        ("privacy", "acme.example/legal/privacy"),
        ("https://acme.example/legal/terms#top", None),
        ("#top", None),
        ("javascript:void(0)", None),
        ("https://www.google.com/url?q=https%3A%2F%2Fb.example%2Fc&sa=D", "b.example/c"),
        ("https://b.example/redirect/1fefe45f-1fee-4b25-9393-337bb968aac9/settings", "b.example/redirect/settings"),
        (
            "https://b.example/archive/1fefe45f-1fee-4b25-9393-337bb968aac9",
            "b.example/archive/1fefe45f-1fee-4b25-9393-337bb968aac9",
        ),
        ("mailto:Legal@Acme.example?subject=Hello", "mailto:legal@acme.example"),
        ("http://[broken", None),
    ],
)
def test_link_targets(href: str, target: str | None) -> None:
    assert LinkResolver("https://acme.example/legal/terms").resolve(href) == target


def test_link_spans_cover_their_words() -> None:
    block = read("<ol><li>4.1 See the <a href=/p>privacy <b>policy</b></a>, “now”.</ol>").blocks[0]
    assert [block.text[slice(*link.span)] for link in block.links] == ["privacy policy"]


def test_fingerprint_names_selectors_and_chrome() -> None:
    chrome = ChromeSet("1", frozenset({"ab"}))
    prints = {
        fingerprint([part("a")]),
        fingerprint([part("a", select=("main",))]),
        fingerprint([part("a", remove=("main",))]),
        fingerprint([part("a")], chrome),
    }
    assert len(prints) == 4
    assert fingerprint([part("a")]) == fingerprint([part("b")])

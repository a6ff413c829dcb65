"""What stands in a page's text comes out as blocks, nothing lost."""

import pytest

from services.differ.core.blocks import BlockKind
from services.differ.core.extract import PartContent, extract
from tests.unit.differ.extract.pages import lines, read


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<p>One.</p><p>Two.</p>", ["One.", "Two."], id="paragraphs"),
        pytest.param("<div>One.<br><br>Two.</div>", ["One.", "Two."], id="two-breaks-divide"),
        pytest.param("<div>One<br>line.</div>", ["One line."], id="one-break-joins"),
        pytest.param("<div>1. One<br>2. Two</div>", ["1. One", "2. Two"], id="a-break-before-a-number-divides"),
        pytest.param("<div>One.<div>Two.</div>Three.</div>", ["One.", "Two.", "Three."], id="text-between-divs"),
        pytest.param("<ol start=3><li>C<li>D</ol>", ["3. C", "4. D"], id="start"),
        pytest.param("<ol reversed><li>C<li>D</ol>", ["2. C", "1. D"], id="reversed"),
        pytest.param("<ol><li value=7>G<li>H</ol>", ["7. G", "8. H"], id="value"),
        pytest.param("<ol type=a><li>A<ol type=i><li>B<li>C</ol></ol>", ["a. A", "i. B", "ii. C"], id="nested-types"),
        pytest.param("<ol type=A start=27><li>X</ol>", ["AA. X"], id="letters-after-z"),
        pytest.param(
            "<ol><li>A<ol style=\"content: counters(item, '.')\"><li>B</ol></ol>", ["1. A", "1.1. B"], id="counters"
        ),
        pytest.param('<ol style="list-style: none"><li>(a) A</ol>', ["(a) A"], id="literal-number-in-a-bare-list"),
        pytest.param("<ol><li>2.1 Words</ol>", ["2.1 Words"], id="a-written-number-wins"),
        pytest.param("<ul><li>A<li>B</ul>", ["A", "B"], id="bullets"),
        pytest.param("<ol><li><h3>Scope</h3><p>Text.</p></ol>", ["1. Scope", "Text."], id="heading-in-an-item"),
        pytest.param(
            "<table><tr><th>Name<th>Place</tr><tr><td>Acme<td>Bonn</table>",
            ["Name | Place", "Acme | Bonn"],
            id="table",
        ),
        pytest.param("<table><tr><td><p>One.</p><p>Two.</p></table>", ["One.", "Two."], id="table-for-layout"),
        pytest.param(
            "<div role=table><div role=row><div role=cell>A</div><div role=cell>B</div></div></div>",
            ["A | B"],
            id="table-by-role",
        ),
        pytest.param("<table><tr><td>A<td><ol><li>x<li>y</ol></table>", ["A | 1. x 2. y"], id="list-in-a-cell"),
        pytest.param("<dl><dt>User<dd>Whoever uses it.</dl>", ["User", "Whoever uses it."], id="definitions"),
        pytest.param("<details><summary>More</summary>Hidden text.</details>", ["More", "Hidden text."], id="closed"),
        pytest.param(
            "<div style='display:none'>Kept.</div><p hidden>Kept too.</p>", ["Kept.", "Kept too."], id="hidden"
        ),
        pytest.param("<p>Term<sup><a href=#f1>1</a></sup> ends.</p>", ["Term [1] ends."], id="footnote-mark"),
        pytest.param("<p>10<sup>2</sup> m</p>", ["102 m"], id="other-superscripts-are-text"),
        pytest.param("<p>Write <b>to</b> <i>us</i><b>.</b></p>", ["Write to us."], id="inline-markup-leaves-no-trace"),
        pytest.param("<p>un<b>til</b></p>", ["until"], id="no-space-inside-a-word"),
        pytest.param("<span>8 July</span><a href=/old>Previous</a>", ["8 July Previous"], id="link-abutting-on-text"),
        pytest.param("<p>A<script>x()</script><style>y</style> B</p>", ["A B"], id="scripts"),
        pytest.param("<p>A&nbsp;&#8203;B\u00ad</p>", ["A B"], id="invisible-characters"),
        pytest.param("<p>“A” ‘b’ — c</p>", ["\"A\" 'b' – c"], id="quotes-and-dashes"),
        pytest.param("<p>« A » et »B«</p>", ['"A" et "B"'], id="guillemets"),
        pytest.param("<p>Unclosed <b>bold<p>Then", ["Unclosed bold", "Then"], id="broken-html"),
        pytest.param(
            '<p>At <a href="/cdn-cgi/l/email-protection"><span data-cfemail="127352703c71">[hidden]</span></a>.</p>',
            ["At a@b.c."],
            id="enciphered-address",
        ),
    ],
)
def test_html_becomes_lines(html: str, expected: list[str]) -> None:
    assert lines(html) == expected


def test_kinds_and_levels() -> None:
    found = read(
        "<h2>A</h2><p>B</p><ul><li>C<ul><li>D</ul></ul><p><b>Short title</b></p><div role=heading aria-level=4>E</div>"
    )
    assert [(block.kind, block.level) for block in found.blocks] == [
        (BlockKind.HEADING, 2),
        (BlockKind.PARAGRAPH, 0),
        (BlockKind.ITEM, 1),
        (BlockKind.ITEM, 2),
        (BlockKind.HEADING, 3),
        (BlockKind.HEADING, 4),
    ]


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        ("5.2 Termination", "5.2", "Termination"),
        ("5. Termination", "5.", "Termination"),
        ("(a) will not", "(a)", "will not"),
        ("iii. third", "iii.", "third"),
        ("§ 5 Haftung", "§ 5", "Haftung"),
        ("3.5 million users", None, "3.5 million users"),
        ("30 days after", None, "30 days after"),
        ("1. Januar 2026 gilt", None, "1. Januar 2026 gilt"),
        ("J. R. Smith", None, "J. R. Smith"),
        ("I agree", None, "I agree"),
    ],
)
def test_written_numbers(text: str, number: str | None, rest: str) -> None:
    block = read(f"<p>{text}</p>").blocks[0]
    assert (block.number, block.text) == (number, rest)


def test_parts_follow_in_order() -> None:
    parts = [PartContent(None, "text/html", None, b"<p>One.</p>"), PartContent(None, "text/plain", None, b"Two.")]
    assert [(block.part, block.text) for block in extract(parts).blocks] == [(0, "One."), (1, "Two.")]

"""Nothing of the policy is lost, nothing of the page around it is kept: one row a rule."""

import pytest

from tests.unit.differ.extract.pages import read

CLAUSES = "".join(
    f"<p>You must keep clause {n} of these terms, and we may end the service under clause {n} with notice to you.</p>"
    for n in range(8)
)


def lines(body: str) -> list[str]:
    """Every block around the eight clauses, markers before the text."""
    blocks = read(body.replace("CLAUSES", CLAUSES)).blocks
    return [f"{b.number} {b.text}" if b.number else b.text for b in blocks if "You must keep clause" not in b.text]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("<ol start=3><li>x<li value=7>y<li>z</ol>", ["3. x", "7. y", "8. z"], id="start-and-value"),
        pytest.param("<ol reversed><li>c<li>b<li>a</ol>", ["3. c", "2. b", "1. a"], id="reversed"),
        pytest.param(
            "<ol type=a><li>x<ol type=i><li>y<li>z</ol><li>w</ol>", ["a. x", "i. y", "ii. z", "b. w"], id="nested"
        ),
        pytest.param("<ol type=A start=27><li>x</ol>", ["AA. x"], id="past-z"),
        pytest.param("<ol style='list-style-type: lower-alpha'><li>x<li>y</ol>", ["a. x", "b. y"], id="style-alpha"),
        pytest.param("<ol style='list-style: upper-roman inside'><li>x</ol>", ["I. x"], id="style-roman"),
        pytest.param(
            "<ol style='list-style:lower-latin'><li style='list-style:lower-roman'>x</ol>", ["i. x"], id="item"
        ),
        pytest.param(
            "<table><tr><th>Data<th>Kept<tr><td rowspan=2>Logs<td>30 days<tr><td>60 days on abuse</table>",
            ["Data | Kept", "Logs | 30 days", "Logs | 60 days on abuse"],
            id="rowspan",
        ),
        pytest.param(
            "<table><tr><td>a<td rowspan=2>b<td>c<tr><td>d<td>e<tr><td>f<td>g<td>h</table>",
            ["a | b | c", "d | b | e", "f | g | h"],
            id="rowspan-in-the-middle",
        ),
        pytest.param(
            f"<table><tr><td rowspan=2>{'long ' * 50}<td>b<tr><td>c</table>",
            ["long " * 49 + "long | b", "c"],
            id="a-long-cell-is-told-once",
        ),
        pytest.param("<dl><dt>Service<dd>What we offer.</dl>", ["Service", "What we offer."], id="definitions"),
        pytest.param("<p>Kept<sup><a href='#n'>1</a></sup> long.</p>", ["Kept [1] long."], id="footnote-mark"),
        pytest.param("<details><summary>Yours</summary><p>Yes.</p></details>", ["Yours", "Yes."], id="closed-details"),
        pytest.param(
            "<button aria-expanded=false aria-controls=p>Sharing</button><div id=p hidden>We share nothing.</div>",
            ["Sharing", "We share nothing."],
            id="closed-accordion",
        ),
        pytest.param(
            "<div class=accordion-header role=button>Sharing</div><div aria-hidden=true>We share nothing.</div>",
            ["Sharing", "We share nothing."],
            id="accordion-by-class",
        ),
        pytest.param("<p>Pack <i>node_modules</i> too.</p>", ["Pack node_modules too."], id="code-in-italics"),
        pytest.param(
            "<section id=sharing><h2>Sharing</h2><p>We share data with our partners.</p></section>",
            ["Sharing", "We share data with our partners."],
            id="section-named-sharing",
        ),
        pytest.param(
            "<div class=feedback><h2>Feedback</h2><p>You grant us a licence to use it.</p></div>",
            ["Feedback", "You grant us a licence to use it."],
            id="section-named-feedback",
        ),
        pytest.param(
            "<div id=language><h3>Language</h3><p>The English version prevails here.</p></div>",
            ["Language", "The English version prevails here."],
            id="section-named-language",
        ),
        pytest.param(
            "<div class=cookie-notice><h2>Cookies</h2><p>We set these cookies when you log in.</p></div>",
            ["Cookies", "We set these cookies when you log in."],
            id="section-named-cookie-notice",
        ),
        pytest.param(
            "<footer><p>Acme Ltd, 5 Lamp Street, Dublin, registered under number 12.</p></footer>",
            ["Acme Ltd, 5 Lamp Street, Dublin, registered under number 12."],
            id="footer-of-the-document",
        ),
        pytest.param(
            "<div role=alert>These terms change on 1 May 2026.</div>", ["These terms change on 1 May 2026."], id="alert"
        ),
        pytest.param("<aside class=note>Our liability is limited.</aside>", ["Our liability is limited."], id="aside"),
        pytest.param(
            "<div><h2>Hello!</h2><p>Ask us.</p><div><textarea></textarea><p>Check the answers.</p></div></div>",
            [],
            id="question-box",
        ),
        pytest.param(
            f"<section><p>{'Write to our privacy team. ' * 15}</p><p>Or here:</p><textarea></textarea></section>",
            [("Write to our privacy team. " * 15).strip(), "Or here:"],
            id="a-field-in-a-section-takes-nothing-away",
        ),
        pytest.param("<p>1-10 of 18 results</p><p>Page 2 of 5</p>", [], id="pager"),
        pytest.param("<p>1 of 3 parties must agree</p>", ["1 of 3 parties must agree"], id="no-pager"),
    ],
)
def test_not_lost(body: str, expected: list[str]) -> None:
    assert lines(f"<main>CLAUSES{body}</main>") == expected


def test_an_accordion_outside_main_keeps_its_titles() -> None:
    panel = "<div id=p>We share nothing with anybody but those you name to us.</div>"
    assert lines(f"<div>CLAUSES<div><button aria-controls=p>Sharing</button>{panel}</div></div>")[0] == "Sharing"


@pytest.mark.parametrize(
    "chrome",
    [
        pytest.param("<footer>© 2026 Acme. All rights reserved.</footer>", id="copyright"),
        pytest.param(
            "<footer><p>Read more.</p><a href=/t>Terms</a> <a href=/p>Privacy</a></footer>", id="footer-links"
        ),
        pytest.param("<div role=status>Copied</div>", id="status"),
        pytest.param("<div role=alert>We have saved your new choices now. <button>Close</button></div>", id="toast"),
        pytest.param("<ul><li><a href=#a>Your data</a><li><a href=#b>Ours</a><li><a href=#c>Theirs</a></ul>", id="toc"),
        pytest.param(
            "<div><a href=#a>Your own data</a><br><a href=#b>Ours</a><br><a href=#c>All</a></div>", id="toc-br"
        ),
        pytest.param(
            "<div class=feedback><h3>Was this helpful?</h3><p>Tell us what we could do better here.</p></div>",
            id="question",
        ),
        pytest.param(
            "<div class=newsletter><h3>News</h3><p>Get our best offers by mail.</p><button>Go</button></div>", id="news"
        ),
        pytest.param(
            "<div class=related><h3>More</h3><a href=/a>How to pay</a><a href=/b>How to go</a></div>", id="related"
        ),
        pytest.param("<button aria-haspopup=menu aria-expanded=false>Products</button>", id="menu-button"),
        pytest.param("<i class=material-icons>arrow_drop_down</i>", id="icon-name"),
    ],
)
def test_not_kept(chrome: str) -> None:
    assert lines(f"<main>CLAUSES{chrome}</main>") == []


@pytest.mark.parametrize(
    "banner",
    [
        "<p>We use cookies to improve your experience. By using the site you accept them.</p><button>OK</button>",
        "<p>Wir verwenden Cookies. Mit der Nutzung dieser Seite stimmen Sie ihnen zu, oder Sie akzeptieren alle.</p>",
        "<p>Nous utilisons des cookies pour améliorer votre expérience sur ce site et pour mesurer l'audience.</p>",
        "<p>Utilizamos cookies para mejorar su experiencia y para medir el uso de este sitio por las visitas.</p>",
    ],
)
def test_a_cookie_banner_that_nothing_names_is_not_kept(banner: str) -> None:
    assert lines(f"<div>CLAUSES</div><div>{banner}</div>") == []


def test_a_cookie_policy_is_no_cookie_banner() -> None:
    text = "<p>We use cookies to improve your experience, and you may accept or refuse them at any time.</p>"
    assert lines(f"<div>{text}CLAUSES</div>") == [text[3:-4]]

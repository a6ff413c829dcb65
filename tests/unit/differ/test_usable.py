"""Which captures show the document, by structure and history, and which rule says so."""

import pytest

from services.differ.core.extract import PartContent, extract
from services.differ.core.usable import History, Unusable, judge_usable

CLAUSES = [
    "You must keep your account data correct.",
    "We may end your access where you break these terms.",
    "Our liability is limited to what the law requires.",
    "You may object to this processing of personal data.",
    "The customer shall pay all fees within thirty days.",
    "We process personal information to provide the services.",
    "Third parties receive no content without your consent.",
    "These terms are governed by the law of Ireland.",
]


def page(body: str, title: str = "Acme Terms of Service", *, head: str = "", end: str = "</body></html>") -> str:
    return f"<html lang=en><head><title>{title}</title>{head}</head><body>{body}{end}"


def policy(
    count: int = 40, *, topic: str = "service", title: str = "Acme Terms of Service", end: str = "</body></html>"
) -> str:
    clauses = "".join(f"<p>{CLAUSES[n % 8]} This concerns {topic} number {n} of {topic} {n}.</p>" for n in range(count))
    return page(f"<main><h1>{title}</h1>{clauses}</main>", title, end=end)


GERMAN = page(
    "<main>"
    + "".join(
        f"<p>Wir dürfen den Zugang zu Dienst {n} beenden, wenn Sie gegen die Bedingungen verstoßen, und das ist mit "
        "einer Frist von 30 Tagen möglich.</p>"
        for n in range(20)
    )
    + "</main>"
)
HOME = page(
    "<main>"
    + "".join(f"<p>Meet the brightest lamp number {n}, made for rooms like yours!</p>" for n in range(30))
    + "</main>",
    "Acme lamps",
)
LINKS = page(
    "<main>" + "".join(f"<p><a href=/{n}>Read how lamp {n} was made by people</a></p>" for n in range(30)) + "</main>",
    "Acme",
)


def judge(html: str, before: str | None = None) -> Unusable | None:
    content = part(html)
    history = History.of(extract([part(before)])) if before is not None else None
    return judge_usable(extract([content]), [content], history)


def part(html: str) -> PartContent:
    return PartContent(None, "text/html", "utf-8", html.encode())


SCRIPTS = "<script src=/a.js></script>" * 8


@pytest.mark.parametrize("before", [None, policy()])
@pytest.mark.parametrize(
    ("html", "reason"),
    [
        pytest.param(page(""), "blank", id="empty"),
        pytest.param(page(f"<div id=root>Loading</div>{SCRIPTS}"), "blank", id="app-shell"),
        pytest.param(page("<h1>404</h1><p>Go home</p>", "Acme"), "error-page", id="404"),
        pytest.param(page("<p>Sorry, this page isn't available.</p>", "Acme"), "error-page", id="not-available"),
        pytest.param(page("<p>Application error: a client-side exception.</p>", ""), "error-page", id="client-side"),
        pytest.param(page("<p>Die Seite wurde nicht gefunden.</p>", "Acme"), "error-page", id="german-error"),
        pytest.param(page("<p>Checking your browser before you go on.</p>", "Wait"), "bot-check", id="challenge-words"),
        pytest.param(
            page("<form action=/x class=h-captcha></form><p>Hi</p>", "Acme"), "bot-check", id="challenge-markup"
        ),
        pytest.param(page("<p>Redirecting to our new site</p>", "Acme"), "redirect-notice", id="redirect-words"),
        pytest.param(
            page("<p>One moment</p>", "Acme", head="<meta http-equiv=refresh content='0; url=/new'>"),
            "redirect-notice",
            id="redirect-markup",
        ),
        pytest.param(
            page(
                "<div role=dialog>We use cookies. <button>Accept all</button><button>Reject all</button></div>", "Acme"
            ),
            "consent-wall",
            id="consent",
        ),
        pytest.param(LINKS, "other-document", id="list-of-links"),
    ],
)
def test_unusable_with_and_without_history(html: str, reason: str, before: str | None) -> None:
    found = judge(html, before)
    assert found is not None
    assert found.reason == reason


@pytest.mark.parametrize(
    ("html", "before", "reason", "rule"),
    [
        pytest.param(GERMAN, policy(), "language", "other language", id="other-language"),
        pytest.param(policy(15), policy(), "truncated", "text missing", id="much-missing"),
        pytest.param(policy(30, end=""), policy(), "truncated", "cut off", id="bytes-end-early"),
        pytest.param(
            policy(topic="cookie banner", title="Privacy Policy").replace("You must", "Nobody must"),
            page("<main><h1>Terms</h1>" + "".join(f"<p>Buyer {n} pays Acme price {n} by law.</p>" for n in range(60))),
            "other-document",
            "other kind",
            id="another-kind-of-document",
        ),
        pytest.param(HOME, policy(), "other-document", "no policy", id="home-page"),
    ],
)
def test_unusable_by_history(html: str, before: str, reason: str, rule: str) -> None:
    found = judge(html, before)
    assert found is not None
    assert (found.reason, found.why.split(":")[0]) == (reason, rule)


def test_a_first_capture_that_breaks_off_is_truncated() -> None:
    whole = policy()
    found = judge(whole[: whole.index("number 20")])
    assert found is not None
    assert found.reason == "truncated"


IMPRINT = page(
    "<h1>Imprint</h1>" + "<p>Acme Ltd, 5 Lamp Street, Bonn. Register number 12, court of Bonn.</p>" * 3, "Imprint"
)


@pytest.mark.parametrize(
    ("html", "before"),
    [
        pytest.param(policy(), None, id="first-capture"),
        pytest.param(IMPRINT, None, id="short-document"),
        pytest.param(IMPRINT, IMPRINT, id="short-document-again"),
        pytest.param(policy(), HOME, id="policy-after-another-text"),
        pytest.param(policy(36), policy(), id="some-clauses-gone"),
        pytest.param(
            policy(15, topic="second part", title="Acme Developer Terms"),
            policy(60, topic="first part").replace(
                "</main>", policy(15, topic="second part", title="Acme Developer Terms") + "</main>"
            ),
            id="a-part-that-now-has-a-page-of-its-own",
        ),
        pytest.param(policy(120), policy(), id="three-times-as-long"),
        pytest.param(policy(end=""), None, id="page-without-end-tags"),
        pytest.param(
            policy().replace("You must", "If you get an error or a 404 page you must"), policy(), id="speaks-of-errors"
        ),
        pytest.param(policy(topic="cookies and consent to accept"), None, id="speaks-of-cookies"),
    ],
)
def test_usable(html: str, before: str | None) -> None:
    assert judge(html, before) is None


def test_a_coherent_policy_is_usable_however_little_it_overlaps() -> None:
    rewritten = "".join(
        f"<p>Paragraph {n} binds every user: data is used for no purpose but the contract, as the law demands.</p>"
        for n in range(30)
    )
    html = page(f"<main>{rewritten}</main>")
    before, now = (History.of(extract([part(text)])) for text in (policy(), html))
    assert now.overlap_of(before) < 0.05
    assert judge(html, policy()) is None


def test_history_of_stored_texts_equals_that_of_the_extraction() -> None:
    extraction = extract([part(policy())])
    texts = [block.text for block in extraction.blocks]
    assert History.of_texts(texts, title=extraction.title, language="en") == History.of(extraction)

"""Pages that stand in a policy's place, and policies that look like one: none of them was at hand for the rules."""

import pytest

from services.differ.core.extract import PartContent, extract
from services.differ.core.usable import History, Unusable, judge_usable
from tests.unit.differ.standins import NOTICES, SHORT, page

_CLAUSES = {
    "en": (
        "You must keep your account data correct at all times.",
        "We may end your access where you break these terms.",
        "Our liability is limited to what the law requires.",
        "You may object to this processing of personal data.",
        "The customer shall pay all fees within thirty days.",
    ),
    "de": (
        "Sie müssen die Daten Ihres Kontos richtig halten.",
        "Wir dürfen den Vertrag beenden, wenn Sie gegen die Bedingungen verstoßen.",
        "Unsere Haftung ist auf das beschränkt, was das Gesetz verlangt.",
        "Sie können der Verarbeitung personenbezogener Daten widersprechen.",
        "Der Kunde zahlt die Preise der Dienste in dreißig Tagen.",
    ),
    "fr": (
        "Vous devez tenir à jour les données de votre compte.",
        "Nous pouvons mettre fin au contrat si vous ne respectez pas les conditions.",
        "Notre responsabilité est limitée à ce que la loi exige.",
        "Vous pouvez vous opposer au traitement de vos données.",
        "Le client paie les services dans un délai de trente jours.",
    ),
}
_TITLES = {"en": "Lumio Terms of Service", "de": "Lumio Nutzungsbedingungen", "fr": "Lumio conditions"}


def clauses(count: int, language: str = "en", first: int = 0) -> str:
    texts = _CLAUSES[language]
    return "".join(f"<p>{texts[n % 5]} ({language} {n}, {n * 7} und {n})</p>" for n in range(first, first + count))


def policy(count: int = 40, language: str = "en", *, extra: str = "", first: int = 0) -> str:
    title = _TITLES[language]
    return page(f"<main><h1>{title}</h1>{extra}{clauses(count, language, first)}</main>", title, language)


def judge(html: str, before: str | None = None) -> Unusable | None:
    part = PartContent(None, "text/html", "utf-8", html.encode())
    history = None
    if before is not None:
        history = History.of(extract([PartContent(None, "text/html", "utf-8", before.encode())]))
    return judge_usable(extract([part]), [part], history)


@pytest.mark.parametrize("before", [None, policy()], ids=["first", "history"])
@pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES)
def test_a_notice_is_no_document(notice: str, before: str | None) -> None:
    found = judge(page(notice), before)
    assert found is not None
    assert ": " in found.why


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("429", "bot-check"),
        ("bot hold", "bot-check"),
        ("bot de", "bot-check"),
        ("bot fr", "bot-check"),
        ("maint", "error-page"),
        ("404 de", "error-page"),
        ("500 fr", "error-page"),
        ("consent de", "consent-wall"),
        ("consent fr", "consent-wall"),
        ("skeleton", "blank"),
        ("app noscript", "blank"),
    ],
)
def test_the_reason_is_told(name: str, reason: str) -> None:
    found = judge(page(NOTICES[name]))
    assert found is not None
    assert found.reason == reason


def _cut(html: str, at: str) -> str:
    return html[: html.index(at)]


NEWS = "".join(f"<p>Lamp {n} is our brightest yet, and people love it in the hall!</p>" for n in range(40))


@pytest.mark.parametrize(
    ("html", "before", "reason"),
    [
        pytest.param(
            _cut(policy(), " may object to this processing of personal data. (en 18"), policy(), "truncated", id="half"
        ),
        pytest.param(_cut(policy(), " data. (en 38"), policy(), "truncated", id="the-last-clauses"),
        pytest.param(_cut(policy(), " data. (en 18"), None, "truncated", id="first-capture"),
        pytest.param(policy(12), policy(), "truncated", id="only-the-beginning"),
        pytest.param(policy(12, first=28), policy(), "truncated", id="only-the-end"),
        pytest.param(policy(40, "de"), policy(), "language", id="german-for-english"),
        pytest.param(policy(40, "fr"), policy(40, "de"), "language", id="french-for-german"),
        pytest.param(policy(40), policy(40, "fr"), "language", id="english-for-french"),
        pytest.param(page(NEWS, "Lumio"), policy(), "other-document", id="shop-window"),
        pytest.param(page(f"<h1>Not here</h1>{NEWS}", "Not here"), policy(), "other-document", id="long-404"),
    ],
)
def test_unusable_by_history(html: str, before: str | None, reason: str) -> None:
    found = judge(html, before)
    assert found is not None
    assert found.reason == reason


def test_one_part_of_several_that_breaks_off() -> None:
    whole = [PartContent(None, "text/html", "utf-8", policy(20, first=first).encode()) for first in (0, 20)]
    broken = PartContent(None, "text/html", "utf-8", _cut(policy(20), " data. (en 13").encode())
    history = History.of(extract(whole))
    assert judge_usable(extract(whole), whole, history) is None
    found = judge_usable(extract([broken, whole[1]]), [broken, whole[1]], history)
    assert found is not None
    assert found.reason == "truncated"


TOPICS = {
    "captchas": (
        "To keep robots out we show a captcha and check that you are human; access may be denied to automated requests."
    ),
    "errors": (
        "Where a page is not found (error 404) or the service is temporarily unavailable, please try again later."
    ),
    "cookies": "You may accept all cookies or reject all, and change your preferences and your consent at any time.",
    "redirects": (
        "Links may redirect you to pages of others; where our address has moved to a new location you "
        "will be redirected."
    ),
    "maintenance": "The service may be under maintenance; we will be back soon, and no fee is due for that time.",
    "javascript": "You must enable JavaScript and cookies to continue; your browser is checked before you go on.",
}


@pytest.mark.parametrize("name", SHORT)
@pytest.mark.parametrize("again", [False, True], ids=["first", "history"])
def test_a_short_document_is_usable(name: str, again: bool) -> None:
    assert judge(SHORT[name], SHORT[name].replace("</body>", "<p>More.</p></body>") if again else None) is None


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
@pytest.mark.parametrize("before", [None, policy(30)], ids=["first", "history"])
def test_a_policy_may_speak_of_what_goes_wrong(topic: str, before: str | None) -> None:
    assert judge(policy(30, extra=f"<p>{topic}</p>" * 3), before) is None


def dated(count: int, date: str) -> str:
    return policy(count, extra=f"<p>Last updated: {date}, replacing all earlier texts.</p>")


@pytest.mark.parametrize(
    ("html", "before"),
    [
        pytest.param(policy(120), policy(), id="grown-threefold"),
        pytest.param(policy(24), policy(), id="shrunk-by-two-fifths"),
        pytest.param(dated(15, "3 May 2026"), dated(40, "1 March 2024"), id="halved-under-a-new-date"),
        pytest.param(policy(40, "de"), policy(36, "de"), id="german"),
        pytest.param(policy(40, "fr"), policy(36, "fr"), id="french"),
        pytest.param(policy(40, first=200), policy(), id="renumbered-throughout"),
        pytest.param(policy(40, extra=clauses(6, "de")), policy(), id="german-passage-in-english"),
        pytest.param(policy(40).replace("</body></html>", ""), policy(), id="no-end-tags"),
        pytest.param(policy(40).replace("</body></html>", ""), None, id="no-end-tags-at-first"),
    ],
)
def test_a_changed_policy_is_usable(html: str, before: str | None) -> None:
    assert judge(html, before) is None

"""Signing in and out, on each engine: by a link, once, and only from a page of ours."""

import re
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from services.api.counting import LocalCounts
from services.api.identity import COOKIE
from services.api.resources import Resources
from services.api.routes.signing_in import ASKED_AN_HOUR
from services.api.signed_in import is_local
from shared.clock import ManualClock
from shared.db.identity.members import LINKS_AN_HOUR, Member
from shared.db.notifier.accounts import AccountStore
from shared.db.session import Database
from shared.db.tables import DeliveryRow, EndpointRow, NoticeRow, SessionRow
from shared.domain.consent import SIGN_IN_WITHIN
from shared.domain.deliveries import Channel
from shared.links import Links
from shared.secrets import SecretBox
from shared.settings import Settings
from shared.usecases.making import make_signing_in
from tests.factories.accounts import START
from tests.integration.api.conftest import BASE, Ask, asking

ADA = "ada@reader.example"


@pytest.fixture
def ada(accounts: AccountStore, resources: Resources) -> Member:
    accounts.ensure_account("acc_ada", "Ada", "free", START)
    return resources.members.add("acc_ada", ADA, "owner", START)[0]


def link_for(resources: Resources, member: Member) -> str:
    return resources.links.sign_in(resources.members.link(member.id, resources.clock.now()))


def carrying(cookies: dict[str, str]) -> dict[str, str]:
    return {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


def session_in(answer: httpx.Response) -> str:
    return answer.cookies.get(COOKIE) or ""


def test_from_the_address_to_the_page_asked_for_and_out_again(
    ask: Ask, resources: Resources, database: Database, ada: Member
) -> None:
    form = ask("GET", "/sign-in", params={"next": "/changes?severity=high"})
    assert 'value="/changes?severity=high"' in form.text
    sent = ask("POST", "/sign-in", data={"email": f" {ADA.upper()} ", "next": "/changes?severity=high"})
    assert "Look into your mailbox" in sent.text
    link = _mailed(resources, database)
    assert ask("GET", link).text.count('<form method="post"') == 1, "a scanner that follows the link signs nobody in"
    signed_in = ask("POST", link, headers=carrying(dict(sent.cookies)))
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/changes?severity=high")
    [cookie] = [one for one in signed_in.headers.get_list("set-cookie") if one.startswith(COOKIE)]
    assert all(flag in cookie for flag in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"))
    cookies = {COOKIE: session_in(signed_in)}
    page = ask("GET", "/changes", headers=carrying(cookies))
    [csrf] = re.findall(r'name="csrf" value="([^"]+)"', page.text)
    assert ask("POST", "/sign-out", headers=carrying(cookies), data={"csrf": "x" + csrf}).status_code == 403
    assert ask("POST", "/sign-out", headers=carrying(cookies)).status_code == 403
    assert "Sign out" in ask("GET", "/changes", headers=carrying(cookies)).text
    assert ask("POST", "/sign-out", headers=carrying(cookies), data={"csrf": csrf}).headers["location"] == "/"
    assert "Sign out" not in ask("GET", "/changes", headers=carrying(cookies)).text


def _mailed(resources: Resources, database: Database) -> str:
    with database.reading() as session:
        [notice] = session.scalars(select(NoticeRow))
        [endpoint] = session.scalars(select(EndpointRow))
        [delivery] = session.scalars(select(DeliveryRow))
    assert (endpoint.address, endpoint.state, delivery.state) == (ADA, "removed", "pending")
    return resources.links.sign_in(notice.subject.removeprefix("sign-in:"))


def test_a_stranger_gets_the_same_answer_and_no_mail(ask: Ask, database: Database, ada: Member) -> None:
    ours, theirs = (ask("POST", "/sign-in", data={"email": one}) for one in (ADA, "eve@reader.example"))
    assert (ours.status_code, ours.text) == (theirs.status_code, theirs.text)
    with database.reading() as session:
        assert [one.account_id for one in session.scalars(select(DeliveryRow))] == [ada.account_id]


def test_who_signed_in_by_a_mailbox_can_be_told_there(ask: Ask, resources: Resources, ada: Member) -> None:
    ask("POST", "/sign-in", data={"email": ADA})
    assert resources.owned.store.endpoints("acc_ada") == []
    made = resources.owned.accounts.add_endpoint("acc_ada", Channel.EMAIL, ADA).endpoint
    assert [(one.id, one.state) for one in resources.owned.store.endpoints("acc_ada")] == [(made.id, "active")]
    ask("POST", "/sign-in", data={"email": ADA})
    assert [one.state for one in resources.owned.store.endpoints("acc_ada")] == ["active"]


def test_who_asks_again_and_again_is_mailed_a_few_times(ask: Ask, database: Database, ada: Member) -> None:
    answers = {ask("POST", "/sign-in", data={"email": ADA}).text for _ in range(LINKS_AN_HOUR + 2)}
    with database.reading() as session:
        assert (len(answers), len(list(session.scalars(select(DeliveryRow))))) == (1, LINKS_AN_HOUR)


@pytest.mark.parametrize("email", ["", "ada", "a@b@c.example", f"{ADA}\r\nBcc: eve@x.example", f"{ADA},eve@x.example"])
def test_what_is_no_address_is_said_beside_the_field(ask: Ask, ada: Member, email: str) -> None:
    answer = ask("POST", "/sign-in", data={"email": email, "next": "/changes"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert 'value="/changes"' in answer.text


def test_a_link_holds_once_and_for_a_while(
    ask: Ask, resources: Resources, database: Database, ada: Member, clock: ManualClock
) -> None:
    first, second = link_for(resources, ada), link_for(resources, ada)
    foreign = Links(BASE, SecretBox(["a key of somebody else's"]))
    swapped = "/".join([*first.split("/")[:-1], second.split("/")[-1]])
    wrong = [foreign.sign_in(first.split("/")[-2]), first[:-1], swapped]
    assert {ask(method, one).status_code for one in wrong for method in ("GET", "POST")} == {404}
    assert ask("POST", first, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert session_in(ask("POST", first))
    assert ask("POST", first).status_code == 404
    clock.advance(SIGN_IN_WITHIN)
    assert ask("POST", second).status_code == 404
    with database.reading() as session:
        assert len(list(session.scalars(select(SessionRow)))) == 1


def test_a_session_ends_with_its_time_and_with_its_member(
    ask: Ask, resources: Resources, ada: Member, clock: ManualClock
) -> None:
    ben = resources.members.add("acc_ada", "ben@reader.example", "member", START)[0]
    of_ada, of_ben = ({COOKIE: session_in(ask("POST", link_for(resources, one)))} for one in (ada, ben))
    resources.members.remove("acc_ada", ben.id, resources.clock.now())
    assert "Sign out" not in ask("GET", "/changes", headers=carrying(of_ben)).text
    clock.advance(timedelta(days=29))
    assert "Sign out" in ask("GET", "/changes", headers=carrying(of_ada)).text
    clock.advance(timedelta(days=1))
    assert "Sign out" not in ask("GET", "/changes", headers=carrying(of_ada)).text


def test_where_anybody_may_come_the_first_link_makes_an_account(
    resources: Resources, settings: Settings, database: Database, clock: ManualClock
) -> None:
    opened = settings.model_copy(update={"sign_up": True})
    ask = asking(replace(resources, signing_in=make_signing_in(opened, database, clock)))
    assert "makes an account" in ask("GET", "/sign-in").text
    assert "is on its way" in ask("POST", "/sign-in", data={"email": "New@reader.example"}).text
    assert resources.members.by_email("new@reader.example") is None, "whoever typed it need not read it"
    with database.reading() as session:
        [notice] = session.scalars(select(NoticeRow))
    link = resources.links.sign_in(notice.subject.removeprefix("sign-in:"))
    cookies = {COOKIE: session_in(ask("POST", link))}
    assert "Sign out" in ask("GET", "/changes", headers=carrying(cookies)).text
    account = ask("GET", "/api/v1/account", headers=carrying(cookies)).json()
    assert (account["plan"]["name"], account["role"], account["is_operator"]) == ("free", "owner", False)
    assert ask("POST", link).status_code == 404


def test_one_network_may_not_have_mail_sent_without_end(resources: Resources, ada: Member) -> None:
    ask = asking(replace(resources, limits=replace(resources.limits, counts=LocalCounts(lambda: 0.0))))
    asked = [ask("POST", "/sign-in", data={"email": f"{n}@reader.example"}) for n in range(ASKED_AN_HOUR + 1)]
    assert {answer.status_code for answer in asked[:-1]} == {200}
    assert (asked[-1].status_code, asked[-1].headers["retry-after"]) == (429, "3600")
    assert "Try again later" in asked[-1].text


@pytest.mark.parametrize(
    ("place", "local"),
    [
        ("/account", True),
        ("/changes?a=//b", True),
        ("", False),
        ("account", False),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("/a\\b", False),
        ("https://evil.example", False),
        ("/\t/evil.example", False),
        ("/platforms/漢", False),
        ("/platforms/%E6%BC%A2", True),
        ("javascript:alert(1)", False),
    ],
)
def test_nobody_is_led_to_another_site(place: str, local: bool) -> None:
    assert is_local(place) is local

"""A browser that a member is signed in with: it keeps cookies, and sends back the forms that it is shown."""

import re
from collections.abc import Callable, Sequence
from html import unescape
from urllib.parse import urlencode

import httpx

from services.api.identity import COOKIE
from shared.clock import ManualClock
from shared.db.identity.members import Members
from shared.db.identity.sessions import Sessions
from shared.db.session import Database

_CSRF = re.compile(r'name="csrf" value="([^"]*)"')


class Browser:
    """One window. `ask(method, url, **httpx options)` asks the application."""

    def __init__(self, ask: Callable[..., httpx.Response], token: str) -> None:
        self._ask = ask
        self.cookies = {COOKIE: token}
        self.csrf = self.form_token()

    def form_token(self) -> str:
        """What the forms of a page prove themselves with."""
        found = _CSRF.search(self.get("/").text)
        assert found, "nobody is signed in"
        return unescape(found[1])

    def get(self, path: str) -> httpx.Response:
        return self._kept(self._ask("GET", path, headers=self._headers()))

    def post(self, path: str, fields: Sequence[tuple[str, str]] = (), *, csrf: str | None = None) -> httpx.Response:
        """Send a form without following where it leads."""
        body = urlencode([("csrf", self.csrf if csrf is None else csrf), *fields])
        headers = {**self._headers(), "content-type": "application/x-www-form-urlencoded"}
        return self._kept(self._ask("POST", path, content=body, headers=headers))

    def send(self, path: str, fields: Sequence[tuple[str, str]] = ()) -> httpx.Response:
        """Send a form that is right, and follow it: the page after it."""
        answer = self.post(path, fields)
        assert answer.status_code == 303, (path, answer.status_code, answer.text)
        return self.get(answer.headers["location"])

    def _headers(self) -> dict[str, str]:
        return {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def _kept(self, answer: httpx.Response) -> httpx.Response:
        for cookie in answer.cookies.jar:
            self.cookies[cookie.name] = cookie.value or ""
        for line in answer.headers.get_list("set-cookie"):
            if "max-age=0" in line.lower():
                self.cookies.pop(line.partition("=")[0], None)
        return answer


def signed_in(
    ask: Callable[..., httpx.Response],
    database: Database,
    clock: ManualClock,
    owner: str,
    role: str = "member",
    *,
    is_operator: bool = False,
) -> Browser:
    """The browser of one of the cast's people, whose account is there."""
    address = f"{owner}.{role}.{is_operator}@reader.example".lower()
    member, _ = Members(database).add(f"acc_{owner}", address, role, clock.now(), is_operator=is_operator)
    return Browser(ask, Sessions(database).begin(member.id, clock.now()))

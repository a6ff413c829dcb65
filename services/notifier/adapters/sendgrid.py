"""Email through SendGrid's v3 API, with its own library; mails with the same words share a request."""

import asyncio
import http.client
import json
import re
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.error import HTTPError as URLHTTPError
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request

from python_http_client.client import Client  # type: ignore[import-untyped]
from python_http_client.exceptions import HTTPError  # type: ignore[import-untyped]
from sendgrid import SendGridAPIClient

from services.notifier.adapters.sendgrid_request import (
    MOST_BYTES,
    MOST_RECIPIENTS,
    Letter,
    Words,
    letter_of,
    request_body,
    words_size,
)
from services.notifier.core.messages import Accepted, Message, SendFailed, SendFailureKind, excerpt
from shared.domain.retry_after import parse_retry_after

DEADLINE_S = 15.0
WINDOW_S = 0.005
"""How long the first mail of a request waits for others."""
REQUESTS_AT_ONCE = 8
_WRONG_FOREVER = {400, 413}
_BLAMED = re.compile(r"personalizations\.(\d{1,4})(?:\.(to)\b)?")

Outcome = Accepted | SendFailed


class SendGridSender:
    """Hands messages to SendGrid. 202 means accepted, not delivered; the delivery's id comes back in its events.

    SendGrid knows no idempotency key, so a silence after the request is ambiguous for all in it. Used in one loop.
    """

    def __init__(
        self,
        api_key: str,
        *,
        now: Callable[[], datetime],
        host: str = "https://api.sendgrid.com",
        sandbox: bool = False,
        deadline_s: float = DEADLINE_S,
        window_s: float = WINDOW_S,
    ) -> None:
        self._api = SendGridAPIClient(api_key, host=host)
        # Longer than we wait, so that a thread is free only after what queued for it was called off.
        given = self._api.client
        self._api.client = _ClientThatStays(
            host=given.host, request_headers=given.request_headers, version=3, timeout=deadline_s + 1
        )
        self._deadline_s, self._window_s = deadline_s, window_s
        self._sandbox = sandbox
        self._now = now
        self._open: dict[Words, _Batch] = {}
        self._alone: set[str] = set()
        """Deliveries whose batch was refused for good with nobody blamed: each goes by itself at its next attempt."""
        # Threads of its own, so that a SendGrid that hangs keeps nobody else's work waiting.
        self._threads = ThreadPoolExecutor(REQUESTS_AT_ONCE, thread_name_prefix="sendgrid")

    async def close(self) -> None:
        """Let the threads end; what is under way in them finishes by its own deadline."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def send(self, message: Message) -> Accepted:
        """Hand in the message, together with others that have the same words; SendFailed otherwise."""
        batch, place = self._place(letter_of(message))
        outcomes = await asyncio.shield(batch.outcomes)
        outcome = outcomes[place]
        if isinstance(outcome, SendFailed):
            raise outcome
        return outcome

    def _place(self, letter: Letter) -> "tuple[_Batch, int]":
        """The batch that takes the letter, and the letter's place in it."""
        if letter.delivery_id in self._alone:
            self._alone.discard(letter.delivery_id)
            batch = _Batch(letter.words, self._gather)
            batch.full.set()
            return batch, batch.add(letter)
        open_one = self._open.get(letter.words)
        if open_one is None or not open_one.takes(letter):
            if open_one is not None:
                open_one.full.set()
            open_one = self._open[letter.words] = _Batch(letter.words, self._gather)
        place = open_one.add(letter)
        if len(open_one.letters) == MOST_RECIPIENTS:
            open_one.full.set()
            del self._open[letter.words]
        return open_one, place

    async def _gather(self, batch: "_Batch") -> list[Outcome]:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._window_s):
                await batch.full.wait()
        if self._open.get(batch.words) is batch:
            del self._open[batch.words]
        return await self._deliver(batch.letters)

    async def _deliver(self, letters: Sequence[Letter]) -> list[Outcome]:
        """How it went for each: whoever is blamed for a refusal is left out, and the others are asked for once more."""
        until = asyncio.get_running_loop().time() + self._deadline_s
        outcomes: dict[int, Outcome] = {}
        waiting = list(range(len(letters)))
        for last in (False, True):
            asked = [letters[place] for place in waiting]
            outcome, blamed = await self._ask(asked, until)
            outcomes |= {waiting[number]: failed for number, failed in blamed.items()}
            waiting = [place for number, place in enumerate(waiting) if number not in blamed]
            if last or not blamed:
                outcomes |= dict.fromkeys(waiting, self._of_each(outcome, asked))
            if not waiting or not blamed:
                break
        return [outcomes[place] for place in range(len(letters))]

    def _of_each(self, outcome: Outcome, asked: Sequence[Letter]) -> Outcome:
        """What an answer to all means for each: a refusal of several for good may be the fault of one of them."""
        if not isinstance(outcome, SendFailed) or not outcome.permanent or len(asked) == 1:
            return outcome
        self._alone.update(letter.delivery_id for letter in asked)
        return SendFailed(outcome.kind, outcome.detail, status=outcome.status, answer=outcome.answer)

    async def _ask(self, letters: Sequence[Letter], until: float) -> tuple[Outcome, dict[int, SendFailed]]:
        """One request: how it went, and who is to blame where SendGrid says so, by place in the request."""
        posted = self._threads.submit(self._api.send, request_body(letters, sandbox=self._sandbox))
        try:
            async with asyncio.timeout_at(until):
                response = await asyncio.wrap_future(posted)
        except HTTPError as error:
            refused = self._refused(error)
            return refused, _blamed(error, refused, len(letters))
        except URLError as error:
            return SendFailed(SendFailureKind.CONNECT, str(error.reason)), {}
        except TimeoutError:
            detail, never_begun = "no answer before the deadline", posted.cancel()
            return SendFailed(SendFailureKind.TIMEOUT, detail, ambiguous=not never_begun), {}
        except (http.client.HTTPException, OSError) as error:
            detail = f"{type(error).__name__}: {error}"
            return SendFailed(SendFailureKind.PROTOCOL, detail, ambiguous=True), {}
        answer = "sandbox: checked, not sent" if self._sandbox else excerpt(response.body)
        return Accepted(response.status_code, answer), {}

    def _refused(self, error: HTTPError) -> SendFailed:
        now = self._now()
        wait = parse_retry_after(error.headers.get("Retry-After"), now)
        reset = error.headers.get("X-RateLimit-Reset", "")
        if wait is None and error.status_code == 429 and reset.isdigit():
            wait = max(0.0, int(reset) - now.timestamp())
        return SendFailed(
            SendFailureKind.STATUS,
            f"SendGrid answered HTTP {error.status_code}",
            permanent=error.status_code in _WRONG_FOREVER,
            retry_after=wait,
            status=error.status_code,
            answer=excerpt(error.body),
        )


class _NoRedirects(HTTPRedirectHandler):
    """Makes of a redirect the error that any other refusal is."""

    handler_order = HTTPRedirectHandler.handler_order - 1

    def redirect_request(self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> None:
        """`newurl` is asked for nothing."""
        raise URLHTTPError(req.full_url, code, msg, headers, fp)


class _ClientThatStays(Client):  # type: ignore[misc]
    """The library's client, which would take our key to wherever a redirect points and the answer there for a 202."""

    def _build_client(self, name: str | None = None) -> "_ClientThatStays":
        return _ClientThatStays(
            host=self.host,
            version=self._version,
            request_headers=self.request_headers,
            url_path=[*self._url_path, name] if name else self._url_path,
            timeout=self.timeout,
        )

    def _make_request(self, opener: OpenerDirector, request: Request, timeout: float | None = None) -> Any:
        opener.add_handler(_NoRedirects())
        return super()._make_request(opener, request, timeout)


class _Batch:
    """Letters with the same words on their way into one request. `outcomes` has one for each letter, in their order."""

    def __init__(self, words: Words, gather: "Callable[[_Batch], Coroutine[Any, Any, list[Outcome]]]") -> None:
        self.words = words
        self.letters: list[Letter] = []
        self.full = asyncio.Event()
        self.outcomes = asyncio.create_task(gather(self))
        self._addresses: set[str] = set()
        self._size = words_size(words)

    def takes(self, letter: Letter) -> bool:
        """Whether SendGrid would take the letter in the same request."""
        return letter.address.lower() not in self._addresses and self._size + letter.size <= MOST_BYTES

    def add(self, letter: Letter) -> int:
        """The place of the letter."""
        self.letters.append(letter)
        self._addresses.add(letter.address.lower())
        self._size += letter.size
        return len(self.letters) - 1


def _blamed(error: HTTPError, refused: SendFailed, count: int) -> dict[int, SendFailed]:
    """Who a 400 names (`personalizations.3.to.0.email`); nobody where its answer names nobody among us."""
    if error.status_code != 400:
        return {}
    try:
        errors = json.loads(error.body)["errors"]
        fields = [str(one.get("field")) for one in errors]
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    blamed: dict[int, SendFailed] = {}
    for found in filter(None, map(_BLAMED.match, fields)):
        place, part = int(found.group(1)), found.group(2)
        if place < count:
            kind = SendFailureKind.RECIPIENT if part else refused.kind
            blamed[place] = SendFailed(kind, refused.detail, permanent=True, status=400, answer=refused.answer)
    return blamed

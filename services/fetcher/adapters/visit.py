"""One document in the browser: which of the page's requests are answered, refused, or left to the forward proxy."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.domain.captures import Response

if TYPE_CHECKING:
    from playwright.async_api import Request, Route

_UNSEEN = frozenset({"image", "media", "font"})
_OF_THE_ENCODED_BODY = frozenset({"content-encoding", "content-length", "transfer-encoding"})


@dataclass(slots=True)
class Visit:
    """The document is answered once, from `answer`; a navigation elsewhere is only noted, in `moved_to`."""

    answer: Response
    moved_to: "asyncio.Future[str]"
    answered: bool = False

    async def decide(self, route: "Route") -> None:
        """What becomes of a request: ours to answer, no part of the text, not to be followed here, or the proxy's."""
        request = route.request
        if request.resource_type in _UNSEEN:
            await route.abort()
        elif not _is_main_document(request):
            await route.continue_()
        elif not self.answered:
            self.answered = True
            answer = self.answer
            await route.fulfill(status=answer.status, headers=_as_dict(answer.headers), body=answer.body)
        else:
            self._note_move(request)
            await route.abort("aborted")  # this error alone leaves the page as it is

    def _note_move(self, request: "Request") -> None:
        target = request.url.partition("#")[0]
        is_elsewhere = target != self.answer.final_url and target.startswith(("http://", "https://"))
        if request.method == "GET" and is_elsewhere and not self.moved_to.done():
            self.moved_to.set_result(target)


def _is_main_document(request: "Request") -> bool:
    from playwright.async_api import Error  # noqa: PLC0415  # an extra

    if not request.is_navigation_request():
        return False
    try:
        return request.frame.parent_frame is None
    except Error:  # a window of its own, not yet made
        return True


def _as_dict(headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Header fields as Playwright takes them: repeated ones joined, cookies by line."""
    values: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in headers:
        if name not in _OF_THE_ENCODED_BODY:
            values[name].append(value)
    return {name: ("\n" if name == "set-cookie" else ", ").join(given) for name, given in values.items()}

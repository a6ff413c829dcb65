"""Captures what a URL answers, over the guarded client."""

from services.fetcher.core.asking import Headers, Validators, request_headers
from shared.domain.captures import FailureKind, FetchFailed, Response
from shared.domain.retry_after import parse_retry_after
from shared.http.client import GuardedClient, OnHop


class HttpCapture:
    """One part at a time. Threads may share it, as they share the client."""

    def __init__(self, client: GuardedClient, agent: str, *, deadline_s: float, max_bytes: int) -> None:
        self._client = client
        self._agent = agent
        self._deadline_s = deadline_s
        self._max_bytes = max_bytes

    def capture(
        self, url: str, validators: Validators | None, *, confirming: bool = False, on_hop: OnHop | None = None
    ) -> Response:
        """The 2xx answer of a URL, or a 304 where the request was conditional.

        Any other status is FetchFailed(http-status) with the status and Retry-After; so is 206, which nobody asked for.
        A 304 from another final URL than the validators came from says nothing of our bytes, and is asked again.
        """
        headers = request_headers(self._agent, validators, confirming=confirming)
        response = self._get(url, headers, on_hop)
        if response.status == 304 and validators is not None and not confirming:
            if validators.final_url in {None, response.final_url}:
                return response
            response = self._get(url, request_headers(self._agent, None), on_hop)
        if 200 <= response.status < 300 and response.status != 206:
            return response
        raise FetchFailed(
            FailureKind.HTTP_STATUS,
            f"{response.final_url[:200]} answered {response.status}",
            status=response.status,
            retry_after=parse_retry_after(response.header("retry-after"), response.finished_at),
        )

    def _get(self, url: str, headers: Headers, on_hop: OnHop | None) -> Response:
        return self._client.get(
            url, headers=headers, deadline_s=self._deadline_s, max_bytes=self._max_bytes, on_hop=on_hop
        )

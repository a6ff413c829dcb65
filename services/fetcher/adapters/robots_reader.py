"""Reads a robots.txt; a server that cannot be asked is a failure of its own kind, not an answer."""

from services.fetcher.core.asking import request_headers
from services.fetcher.core.robots import RobotsFile, robots_file
from shared.domain.captures import FailureKind, FetchFailed
from shared.http.client import GuardedClient, OnHop

_MOST_BYTES = 5_000_000
_DEADLINE_S = 20.0


class RobotsReader:
    """Threads may share it, as they share the client."""

    def __init__(self, client: GuardedClient, agent: str) -> None:
        self._client = client
        self._agent = agent

    def read(self, authority: str, on_hop: OnHop) -> RobotsFile:
        """The robots.txt of an authority such as `https://example.com`, whatever its status.

        After too many redirects there are no rules to obey (RFC 9309, 2.3.1.2). Any other FetchFailed passes through:
        then the page cannot be had either, and its watchers are told why (dns, connect, tls …).
        """
        try:
            response = self._client.get(
                f"{authority}/robots.txt",
                headers=request_headers(self._agent, None),
                deadline_s=_DEADLINE_S,
                max_bytes=_MOST_BYTES,
                on_hop=on_hop,
            )
        except FetchFailed as failed:
            if failed.kind is not FailureKind.TOO_MANY_REDIRECTS:
                raise
            return RobotsFile(failed.status)
        return robots_file(response.status, response.body)

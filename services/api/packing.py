"""What is the same for everybody and large is compressed once. Pages are not: they hold secrets beside what a request
says, and the length of both compressed together would tell of them (BREACH, breachattack.com)."""

import gzip
from dataclasses import dataclass
from typing import Self

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Packed:
    """Bytes, and the same by gzip (RFC 1952)."""

    plain: bytes
    gzipped: bytes

    @classmethod
    def of(cls, plain: bytes) -> Self:
        """Packed as small as it gets, the same bytes each time."""
        return cls(plain, gzip.compress(plain, 9, mtime=0))

    def chosen(self, request: Request) -> tuple[bytes, dict[str, str]]:
        """The body that the asker takes, with the headers that say so (RFC 9110, 8.4 and 12.5.3)."""
        headers = {"Vary": "Accept-Encoding"}
        if _takes_gzip(request.headers.get("accept-encoding", "")):
            return self.gzipped, {**headers, "Content-Encoding": "gzip"}
        return self.plain, headers


def _takes_gzip(given: str) -> bool:
    for one in given.split(","):
        coding, _, weight = one.partition(";")
        if coding.strip().lower() == "gzip":
            return weight.replace(" ", "").lower() not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False

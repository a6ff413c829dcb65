"""Content decoding in bounded pieces, so that a body of a few kilobytes cannot fill the memory.

Whatever a coding expands to, no more than one piece is held at a time beyond what the caller keeps.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator

import brotli
import zstandard

from shared.domain.captures import FailureKind, FetchFailed

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
PIECE = 64 * 1024
"""Decoded bytes asked for at a time."""
MOST_CODINGS = 3

# The smallest zstd block, 4 bytes, can stand for 128 KiB, and the library has no limit on output: at most 64 blocks.
_ZSTD_SLICE = 256
_ZSTD_WINDOW = 8 * 1024 * 1024
"""The largest window a content coding may ask for (RFC 9659, 3)."""
_NO_CODING = frozenset({"", "identity", "none", "utf-8"})

Pieces = Iterator[bytes]


def decoded(raw: Iterable[bytes], content_encoding: str, *, max_bytes: int, tick: Callable[[], object]) -> Pieces:
    """The body without its content codings, piece by piece.

    `max_bytes` holds for the raw bytes and for what each coding expands to; `tick` is called before each piece and may
    raise to stop. Raises FetchFailed: too-large, or protocol for an unknown coding, broken data or a missing end.
    """
    codings = [name.strip().lower() for name in content_encoding.split(",")]
    codings = [name for name in codings if name not in _NO_CODING]
    if len(codings) > MOST_CODINGS:
        raise FetchFailed(FailureKind.PROTOCOL, f"{len(codings)} content codings on one body")
    pieces = _capped(raw, max_bytes, tick)
    for name in reversed(codings):
        decoder = _DECODERS.get(name)
        if decoder is None:
            raise FetchFailed(FailureKind.PROTOCOL, f"content coding {name[:40]!r} is not known")
        pieces = _capped(_translated(decoder(pieces), name), max_bytes, tick)
    return pieces


def _capped(pieces: Iterable[bytes], max_bytes: int, tick: Callable[[], object]) -> Pieces:
    size = 0
    for piece in pieces:
        tick()
        size += len(piece)
        if size > max_bytes:
            raise FetchFailed(FailureKind.TOO_LARGE, f"the body is over {max_bytes:,} bytes")
        if piece:
            yield piece


def _translated(pieces: Pieces, name: str) -> Pieces:
    try:
        yield from pieces
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise FetchFailed(FailureKind.PROTOCOL, f"the body is no valid {name}: {error}") from error


def _cut_short(name: str) -> FetchFailed:
    return FetchFailed(FailureKind.PROTOCOL, f"the {name} body ends in the middle")


def _inflated(decoder: "zlib._Decompress", data: bytes) -> Pieces:
    """What the decoder makes of the data; it may hold back output when no input is left, hence the second question."""
    while not decoder.eof:
        piece = decoder.decompress(data, PIECE)
        yield piece
        data = decoder.unconsumed_tail
        if not data and len(piece) < PIECE:
            return


def _gzip(pieces: Pieces) -> Pieces:
    """RFC 1952; several members follow one another, and what is no member after the first is padding."""
    decoder, started = zlib.decompressobj(zlib.MAX_WBITS | 16), False
    for piece in pieces:
        data, started = piece, True
        while data:
            if decoder.eof:
                if not data.startswith(b"\x1f"):
                    return
                decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
            yield from _inflated(decoder, data)
            data = decoder.unused_data if decoder.eof else b""
    if started and not decoder.eof:
        raise _cut_short("gzip")


def _deflate(pieces: Pieces) -> Pieces:
    """zlib format (RFC 1950), or the bare deflate (RFC 1951) that some servers send under the same name."""
    decoder: zlib._Decompress | None = None
    for piece in pieces:
        if decoder is None:
            is_zlib = piece[0] & 0x0F == 8 and (len(piece) < 2 or (piece[0] << 8 | piece[1]) % 31 == 0)
            decoder = zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
        yield from _inflated(decoder, piece)
    if decoder is not None and not decoder.eof:
        raise _cut_short("deflate")


def _brotli(pieces: Pieces) -> Pieces:
    """RFC 7932."""
    decoder, started = brotli.Decompressor(), False
    for piece in pieces:
        started = True
        if decoder.is_finished():
            return
        yield decoder.process(piece, output_buffer_limit=PIECE)
        while not decoder.is_finished():
            held_back = decoder.process(b"", output_buffer_limit=PIECE)
            if not held_back and decoder.can_accept_more_data():
                break
            yield held_back
    if started and not decoder.is_finished():
        raise _cut_short("br")


def _zstd(pieces: Pieces) -> Pieces:
    """RFC 8878; several frames may follow one another."""
    make = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj
    decoder, ended = make(), True
    for piece in pieces:
        for start in range(0, len(piece), _ZSTD_SLICE):
            data = piece[start : start + _ZSTD_SLICE]
            while data:
                if decoder.eof:
                    decoder = make()
                yield decoder.decompress(data)
                data, ended = decoder.unused_data, decoder.eof
    if not ended:
        raise _cut_short("zstd")


_DECODERS: dict[str, Callable[[Pieces], Pieces]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}

"""Content decoding: bombs stay small in memory, broken data is told, pieces may be cut anywhere."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from shared.domain.captures import FailureKind, FetchFailed
from shared.http.decoding import decoded

BOMB_BYTES = 64 * 1024 * 1024
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, 6),
    "deflate": lambda data: zlib.compress(data, 6),
    "br": lambda data: brotli.compress(data, quality=5),
    "zstd": lambda data: zstandard.compress(data, 3),
}
TEXT = bytes(range(256)) * 300 + b"terms and conditions " * 3000


def nothing() -> None:
    pass


def decode(raw: list[bytes], coding: str, max_bytes: int = 10**9) -> bytes:
    return b"".join(decoded(raw, coding, max_bytes=max_bytes, tick=nothing))


@pytest.fixture(scope="module", params=ENCODERS)
def bomb(request: pytest.FixtureRequest) -> tuple[str, bytes]:
    return request.param, ENCODERS[request.param](bytes(BOMB_BYTES))


def test_a_bomb_is_never_held_in_memory(bomb: tuple[str, bytes]) -> None:
    coding, data = bomb
    tracemalloc.start()
    try:
        size = sum(map(len, decoded([data], coding, max_bytes=BOMB_BYTES, tick=nothing)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == BOMB_BYTES
    assert peak < 20_000_000


def test_a_bomb_is_stopped_at_the_cap(bomb: tuple[str, bytes]) -> None:
    coding, data = bomb
    with pytest.raises(FetchFailed) as caught:
        decode([data], coding, max_bytes=100_000)
    assert caught.value.kind is FailureKind.TOO_LARGE


def test_a_bomb_inside_a_bomb_is_stopped_at_the_inner_cap() -> None:
    inner = gzip.compress(bytes(BOMB_BYTES))
    with pytest.raises(FetchFailed) as caught:
        decode([gzip.compress(inner)], "gzip, gzip", max_bytes=1_000_000)
    assert caught.value.kind is FailureKind.TOO_LARGE


def test_the_tick_stops_a_long_decoding(bomb: tuple[str, bytes]) -> None:
    coding, data = bomb

    def late() -> None:
        raise FetchFailed(FailureKind.TIMEOUT, "late")

    with pytest.raises(FetchFailed, match="late"):
        b"".join(decoded([data], coding, max_bytes=10**9, tick=late))


@pytest.mark.parametrize("coding", ENCODERS)
@pytest.mark.parametrize("size", [1, 7, 1000, 10**6])
def test_pieces_may_be_cut_anywhere(coding: str, size: int) -> None:
    data = ENCODERS[coding](TEXT)
    assert decode([data[at : at + size] for at in range(0, len(data), size)], coding) == TEXT


@pytest.mark.parametrize("coding", ENCODERS)
@pytest.mark.parametrize("kept", [1, 5, 0.5, 0.99])
def test_a_body_that_ends_in_the_middle_is_no_body(coding: str, kept: float) -> None:
    data = ENCODERS[coding](TEXT)
    cut = data[: int(kept if kept >= 1 else kept * len(data))]
    with pytest.raises(FetchFailed) as caught:
        decode([cut], coding)
    assert caught.value.kind is FailureKind.PROTOCOL


@pytest.mark.parametrize("coding", ENCODERS)
@pytest.mark.parametrize("data", [b"<!doctype html><p>plain", b"\x00" * 100, b"\xff" * 100])
def test_what_is_not_in_the_coding_is_told(coding: str, data: bytes) -> None:
    with pytest.raises(FetchFailed) as caught:
        decode([data], coding)
    assert caught.value.kind is FailureKind.PROTOCOL


@pytest.mark.parametrize("coding", [*ENCODERS, "gzip, br", "identity"])
def test_nothing_decodes_to_nothing(coding: str) -> None:
    assert decode([], coding) == b""
    assert decode([b"", b""], coding) == b""


@pytest.mark.parametrize("coding", ["compress", "snappy", "gzip, what", "gzip, gzip, gzip, gzip"])
def test_codings_that_we_do_not_know_or_that_are_too_many_are_told(coding: str) -> None:
    with pytest.raises(FetchFailed) as caught:
        decode([b"x"], coding)
    assert caught.value.kind is FailureKind.PROTOCOL


def test_a_zstd_window_over_eight_megabytes_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, compression_level=1)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    with pytest.raises(FetchFailed) as caught:
        decode([compressor.compress(TEXT) + compressor.flush()], "zstd")
    assert caught.value.kind is FailureKind.PROTOCOL


def test_the_raw_bytes_count_too() -> None:
    def empty_members() -> Iterator[bytes]:
        while True:
            yield gzip.compress(b"", mtime=0) * 100

    with pytest.raises(FetchFailed) as caught:
        b"".join(decoded(empty_members(), "gzip", max_bytes=100_000, tick=nothing))
    assert caught.value.kind is FailureKind.TOO_LARGE

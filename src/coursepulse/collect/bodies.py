"""Request bodies: never read or unpacked beyond the limit."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterable, Iterator
from contextlib import suppress

import zstandard

from coursepulse.kit.errors import RequestError

#: Bytes of a body, as sent and when unpacked.
BODY_LIMIT = 8 << 20

#: zstd turns 4 bytes into at most 128 KiB, so a slice of this length grows to 32 MiB at worst.
_ZSTD_SLICE = 1024

#: gzip grows at most a thousandfold and stops where it is told to, so a slice may be longer.
_GZIP_SLICE = 16 * 1024

#: Members of gzip or frames of zstd in one body: each costs something even when there is nothing in it.
MOST_PARTS = 1000

#: The window that RFC 8878 section 3.1.1.1.2 asks every decoder to support.
_ZSTD_WINDOW = 8 << 20


#: Bytes and seconds of a refused body that are still read and thrown away.
_THROWN, _THROWING = 64 << 20, 5.0


async def throw_away(chunks: AsyncIterable[bytes]) -> None:
    """Read the rest of a refused body, within bounds.

    Many clients read no answer before they have sent everything: closing on them is a reset, and they never learn why.
    """
    left = _THROWN
    with suppress(TimeoutError):
        async with asyncio.timeout(_THROWING):
            async for chunk in chunks:
                left -= len(chunk)
                if left < 0:
                    return


async def read_body(chunks: AsyncIterable[bytes]) -> bytes:
    """The whole body; nothing beyond the limit is held in memory.

    :raises RequestError: 413 as soon as the limit is passed
    """
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > BODY_LIMIT:
            raise _too_large()
        if chunk:
            parts.append(chunk)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def check_length(header: str | None) -> None:
    """Refuse by the announced length, before anything is read.

    :raises RequestError: 413
    """
    if header is not None and header.isdecimal() and int(header[:20]) > BODY_LIMIT:
        raise _too_large()


def unpack_body(body: bytes, encoding: str) -> bytes:
    """The body without its ``Content-Encoding``.

    :raises RequestError: 415 for an unknown encoding, 413 when it unpacks to too much, 400 when it is damaged
    """
    if encoding in ("", "identity"):
        return body
    unpack = _UNPACKERS.get(encoding)
    if unpack is None:
        known = ", ".join(sorted(_UNPACKERS))
        raise RequestError(
            "unsupported_encoding", f"Content-Encoding `{encoding[:64]}` is not supported; use {known}.", 415
        )
    try:
        return _join_limited(unpack(body))
    except (zlib.error, zstandard.ZstdError, EOFError) as error:
        raise RequestError(
            "damaged_body", f"The {encoding} body is damaged or incomplete: {error}."
        ) from None


def _join_limited(pieces: Iterator[bytes]) -> bytes:
    parts: list[bytes] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > BODY_LIMIT:
            raise _too_large()
        parts.append(piece)
    return b"".join(parts)


def _unpack_gzip(body: bytes) -> Iterator[bytes]:
    """Members one after the other (RFC 1952 section 2.2), a megabyte of output at a time."""
    member, members = zlib.decompressobj(wbits=31), 1
    for start in range(0, len(body), _GZIP_SLICE):
        rest = body[start : start + _GZIP_SLICE]
        while rest:
            if member.eof:
                member, members = zlib.decompressobj(wbits=31), _count_part(members)
            yield member.decompress(rest, 1 << 20)
            # What lies behind the end of a member is copied each time: a slice of it, never the rest of the body.
            rest = member.unused_data or member.unconsumed_tail
    while body and not member.eof:
        piece = member.decompress(b"", 1 << 20)  # what the limit of the last piece has held back
        if not piece:
            raise EOFError("it ends too early")
        yield piece


def _unpack_zstd(body: bytes) -> Iterator[bytes]:
    """Frames one after the other (RFC 8878 section 3.1)."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frame, frames = decompressor.decompressobj(), 1
    for start in range(0, len(body), _ZSTD_SLICE):
        rest = body[start : start + _ZSTD_SLICE]
        while rest:
            if frame.eof:
                frame, frames = decompressor.decompressobj(), _count_part(frames)
            yield frame.decompress(rest)
            rest = frame.unused_data
    if not frame.eof:
        raise EOFError("it ends too early")


def _count_part(parts: int) -> int:
    if parts == MOST_PARTS:
        raise EOFError(f"it has more than {MOST_PARTS} parts; compress the batch as one")
    return parts + 1


_UNPACKERS = {"gzip": _unpack_gzip, "zstd": _unpack_zstd}


def _too_large() -> RequestError:
    return RequestError(
        "body_too_large", f"The body has more than {BODY_LIMIT >> 20} MiB; send several smaller batches.", 413
    )

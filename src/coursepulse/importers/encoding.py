"""Detects the encoding of a file, or refuses it in one sentence. Characters are never replaced."""

from __future__ import annotations

import codecs
import io
import re
from typing import IO, Final

from coursepulse.kit.errors import RequestError

UTF_8: Final = "utf-8-sig"
WINDOWS: Final = "cp1252"

_CHUNK = 1 << 20

# The byte order marks of UTF-32 begin like those of UTF-16, so they come first.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

#: What Western words in Windows-1252 never contain: unused bytes, UTF-8 sequences, signs within a word, a capital after
#: a small letter, three non-ASCII letters in a row. Files in encodings of Mac OS, DOS or other alphabets do.
_NOT_WESTERN = re.compile(
    rb"[\x81\x8d\x8f\x90\x9d]"
    rb"|[\xc2\xc3][\x80-\xbf]"
    rb"|[A-Za-z][\x80\x82-\x89\x8b\x91\x93-\x99\x9b\xa1-\xa9\xab-\xb4\xb6\xb8\xb9\xbb-\xbf\xd7\xf7][A-Za-z]"
    rb"|[a-z][\x8a\x8c\x8e\x9f\xc0-\xd6\xd8-\xde](?![A-Z])"
    rb"|[\xc0-\xff]{3}"
)
_LONGEST_MATCH = 3
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")


def wide_encoding(start: bytes) -> str:
    """The encoding of a file that begins with these bytes, if its characters take two or four bytes; otherwise empty.

    Without a byte order mark the NUL bytes decide: programs write these files, so most of their characters are ASCII.
    """
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    even, odd = start[: len(start) & ~1 : 2], start[1::2]
    if odd.count(0) * 2 > len(odd) and not even.count(0):
        return "utf-16-le"
    if even.count(0) * 2 > len(even) and not odd.count(0):
        return "utf-16-be"
    return ""


def find_encoding(content: IO[bytes], name: str) -> str:
    """The encoding of a file, which is read once in full for that.

    :param name: of the file, for the sentence
    :raises RequestError: ``unknown_encoding``
    """
    first = content.read(_CHUNK)
    wide = wide_encoding(first)
    decoder = codecs.getincrementaldecoder(wide or UTF_8)()
    western, tail, chunk = True, b"", first
    utf_8 = True
    while True:
        utf_8 = utf_8 and _decodes(decoder, chunk)
        western = western and not wide and _is_western(tail + chunk)
        if not chunk or not (utf_8 or western):
            break
        tail, chunk = chunk[1 - _LONGEST_MATCH :], content.read(_CHUNK)
    if utf_8:
        return wide or UTF_8
    if western:
        return WINDOWS
    raise RequestError(
        "unknown_encoding", f"{name} is neither UTF-8 nor UTF-16 nor Windows-1252: save it as UTF-8."
    )


def _is_western(piece: bytes) -> bool:
    # Most files are nearly all ASCII, which is skipped a hundred times faster.
    runs = (piece[max(0, run.start() - 1) : run.end() + 1] for run in _BEYOND_ASCII.finditer(piece))
    return piece.isascii() or not any(map(_NOT_WESTERN.search, runs))


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes) -> bool:
    """Whether the next piece fits the encoding; an empty piece marks the end."""
    try:
        decoder.decode(chunk, final=not chunk)
    except UnicodeDecodeError:
        return False
    return True


class AsUtf8(io.RawIOBase):
    """A stream of UTF-16 or UTF-32, read as UTF-8.

    :raises RequestError: ``unknown_encoding``, if a part does not match its beginning
    """

    def __init__(self, content: IO[bytes], encoding: str, name: str) -> None:
        self._content, self._name = content, name
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._ready and not self._ended:
            self._fill()
        some = self._ready[: len(buffer)]
        buffer[: len(some)] = some
        self._ready = self._ready[len(some) :]
        return len(some)

    def _fill(self) -> None:
        chunk = self._content.read(_CHUNK)
        self._ended = not chunk
        try:
            self._ready = self._decoder.decode(chunk, final=self._ended).encode()
        except UnicodeError:
            raise RequestError(
                "unknown_encoding", f"{self._name} begins as UTF-16 and goes on as something else."
            ) from None

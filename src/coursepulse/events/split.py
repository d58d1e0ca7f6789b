"""A body to its events: one JSON text each, whatever is wrong with the others."""

from __future__ import annotations

import re

import msgspec

_raws = msgspec.json.Decoder(list[msgspec.Raw])

#: What can begin or end an element; strings are stepped over. One without an end takes everything that follows, and
#: the pattern is possessive (``*+``), so that no text, however hostile, is looked at twice.
_MARKS = re.compile(rb'[\[{]+|[\]},]|"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)

_OPENING, _CLOSING = frozenset(b"[{"), frozenset(b"]}")
_COMMA = ord(",")


class NotEvents(ValueError):
    """The body is not one event, an array of events or NDJSON."""


def split(body: bytes, *, ndjson: bool = False) -> list[bytes]:
    """The events of a body as their own JSON texts: one object, an array, or one object per line.

    A single text is handed back as it is: whoever decodes it finds out whether it is JSON.

    :raises NotEvents: when the body is none of these
    """
    if ndjson:
        return [line for line in body.splitlines() if line.strip()]
    if body.lstrip()[:1] != b"[":
        return [body]
    try:
        return [bytes(raw) for raw in _raws.decode(body)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _split_leniently(body)


def _split_leniently(body: bytes) -> list[bytes]:
    """The elements of an array of which some are not JSON, or nested too deeply: only those are to be refused.

    Brackets are counted, not followed: no depth is too deep, and what stands between them is somebody else's question.
    """
    texts: list[bytes] = []
    depth, start = 1, body.index(b"[") + 1
    for found in _MARKS.finditer(body, start):
        at = found.start()
        mark = body[at]
        if mark in _OPENING:
            depth += found.end() - at
        elif mark in _CLOSING:
            depth -= 1
        if not depth or (mark == _COMMA and depth == 1):
            texts.append(body[start:at].strip())
            start = at + 1
        if not depth:
            _require_end(body, at)
            return texts
    raise NotEvents("The body is an array that does not end; check where it was cut off.")


def _require_end(body: bytes, at: int) -> None:
    if body[at : at + 1] != b"]" or body[at + 1 :].strip():
        raise NotEvents(f"The array ends at byte {at}, and the body does not; send one array, or NDJSON.")

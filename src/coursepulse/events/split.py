"""A body to its events: one JSON text each, whatever is wrong with the others."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

T = TypeVar("T")

_raws = msgspec.json.Decoder(list[msgspec.Raw])

#: A string, or one without an end, which takes everything that follows. The patterns are possessive (``*+``), so that
#: no text, however hostile, is looked at more than twice.
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_ENDLESS = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+'

#: An object or array without another one in it.
_FLAT = rb"[\[{][^\[\]{}\"]*+(?:" + _STRING + rb"[^\[\]{}\"]*+)*+[\]}]"

#: What separates or ends elements, and what is stepped over whole between them: never so much that others wait for it.
_BETWEEN = re.compile(
    rb"(?:[^\[\]{}\",]++|" + _STRING + rb"|" + _FLAT + rb"){1,4096}+|([\[{]++)|([\]}]++)|(,)|" + _ENDLESS,
    re.DOTALL,
)

#: The same within an element, where commas separate nothing of interest.
_WITHIN = re.compile(
    rb"(?:[^\[\]{}\"]++|" + _STRING + rb"|" + _FLAT + rb"){1,4096}+|([\[{]++)|([\]}]++)|" + _ENDLESS,
    re.DOTALL,
)

#: Marks that are looked at: one for so many bytes, and so many in all. An honest event has about ten.
_BYTES_PER_MARK, _MOST_MARKS = 8, 250_000

#: Groups of the patterns.
_OPENING, _CLOSING, _COMMA = 1, 2, 3


class NotEvents(ValueError):
    """The body is not one event, an array of events or NDJSON."""


class TooManyEvents(NotEvents):
    """The body holds more events than one request may bring."""


def few(events: list[T], limit: int) -> list[T]:
    """The same events.

    :raises TooManyEvents: when there are more than ``limit``
    """
    if len(events) > limit:
        raise TooManyEvents(f"{len(events)} events in one request; send {limit} at the most.")
    return events


def split(body: bytes, *, ndjson: bool = False, limit: int = 1 << 62) -> list[bytes]:
    """The events of a body as their own JSON texts: one object, an array, or one object per line.

    A single text is handed back as it is: whoever decodes it finds out whether it is JSON.

    :raises NotEvents: when the body is none of these
    :raises TooManyEvents: when there are more than ``limit``
    """
    if ndjson:
        return few([line for line in body.splitlines() if line.strip()], limit)
    if body.lstrip()[:1] != b"[":
        return [body]
    try:
        # Counted before each becomes bytes of its own.
        return [bytes(raw) for raw in few(_raws.decode(body), limit)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return few(_split_leniently(body), limit)


def _split_leniently(body: bytes) -> list[bytes]:
    """The elements of an array of which some are not JSON, or nested too deeply: only those are to be refused.

    Brackets are counted, not followed: no depth is too deep, and what stands between them is somebody else's question.
    """
    texts: list[bytes] = []
    depth, start = 1, body.index(b"[") + 1
    end = start
    for _ in range(min(1000 + len(body) // _BYTES_PER_MARK, _MOST_MARKS)):
        found = (_BETWEEN if depth == 1 else _WITHIN).match(body, end)
        if found is None:
            raise NotEvents("The body is an array that does not end; check where it was cut off.")
        at, end = found.span()
        if found.lastindex == _OPENING:
            depth += end - at
        elif found.lastindex == _CLOSING:
            closed = min(depth, end - at)
            at, depth = at + closed - 1, depth - closed
        if not depth or found.lastindex == _COMMA:
            texts.append(body[start:at].strip())
            start = at + 1
        if not depth:
            _require_end(body, at)
            return texts
    raise NotEvents("The body holds too much that is no event; send a smaller batch, each event flat.")


def _require_end(body: bytes, at: int) -> None:
    if body[at : at + 1] != b"]" or body[at + 1 :].strip():
        raise NotEvents(f"The array ends at byte {at}, and the body does not; send one array, or NDJSON.")

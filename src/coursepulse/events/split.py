"""Splits a body into events: one JSON text each, whatever is wrong with the others."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

T = TypeVar("T")

_raws = msgspec.json.Decoder(list[msgspec.Raw])

#: A string; one without an end extends to the end of the text. The patterns are possessive (``*+``), so that even a
#: hostile text is scanned at most twice.
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_ENDLESS = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+'

#: An object or array without a nested one.
_FLAT = rb"[\[{][^\[\]{}\"]*+(?:" + _STRING + rb"[^\[\]{}\"]*+)*+[\]}]"

#: What separates or ends elements, and what is skipped in one step: never enough to hold up other requests.
_BETWEEN = re.compile(
    rb"(?:[^\[\]{}\",]++|" + _STRING + rb"|" + _FLAT + rb"){1,4096}+|([\[{]++)|([\]}]++)|(,)|" + _ENDLESS,
    re.DOTALL,
)

#: The same within an element, where commas separate nothing of interest.
_WITHIN = re.compile(
    rb"(?:[^\[\]{}\"]++|" + _STRING + rb"|" + _FLAT + rb"){1,4096}+|([\[{]++)|([\]}]++)|" + _ENDLESS,
    re.DOTALL,
)

#: The most marks that are scanned: one per so many bytes, and so many in all. A normal event has about ten.
_BYTES_PER_MARK, _MOST_MARKS = 8, 250_000

#: Groups of the patterns.
_OPENING, _CLOSING, _COMMA = 1, 2, 3


class NotEvents(ValueError):
    """The body is not one event, an array of events or NDJSON."""


class TooManyEvents(NotEvents):
    """The body holds more events than one request may have."""


def few(events: list[T], limit: int) -> list[T]:
    """The same events.

    :raises TooManyEvents: when there are more than ``limit``
    """
    if len(events) > limit:
        raise TooManyEvents(f"{len(events)} events in one request; send at most {limit}.")
    return events


def split(body: bytes, *, ndjson: bool = False, limit: int = 1 << 62) -> list[bytes]:
    """The events of a body as their own JSON texts: one object, an array, or one object per line.

    A single text is returned unchanged; decoding it shows whether it is JSON.

    :raises NotEvents: when the body is none of these
    :raises TooManyEvents: when there are more than ``limit``
    """
    if ndjson:
        return few([line for line in body.splitlines() if line.strip()], limit)
    if body.lstrip()[:1] != b"[":
        return [body]
    try:
        # Counted before any bytes are copied.
        return [bytes(raw) for raw in few(_raws.decode(body), limit)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return few(_split_leniently(body), limit)


def _split_leniently(body: bytes) -> list[bytes]:
    """The elements of an array in which some are not JSON or nested too deeply: only those are to be refused.

    Brackets are counted without recursion, so that any depth works. What is between them is checked later.
    """
    texts: list[bytes] = []
    depth, start = 1, body.index(b"[") + 1
    end = start
    for _ in range(min(1000 + len(body) // _BYTES_PER_MARK, _MOST_MARKS)):
        found = (_BETWEEN if depth == 1 else _WITHIN).match(body, end)
        if found is None:
            raise NotEvents("The body is an array without an end; check where it was cut off.")
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
    raise NotEvents("The body holds too much that is not an event; send a smaller batch of flat events.")


def _require_end(body: bytes, at: int) -> None:
    if body[at : at + 1] != b"]" or body[at + 1 :].strip():
        raise NotEvents(f"The array ends at byte {at}, and the body does not; send one array, or NDJSON.")

"""Bytes to events: each event stands alone, and one bad event never fails its neighbours."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any, NamedTuple, TypeVar

import msgspec

from coursepulse.events.event import Envelope
from coursepulse.events.payloads import Payload
from coursepulse.events.reasons import Reason, Rejected
from coursepulse.events.taxonomy import EventType, event_type

_envelopes = msgspec.json.Decoder(list[Envelope])
_envelope = msgspec.json.Decoder(Envelope)
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_loose = msgspec.json.Decoder()

#: PostgreSQL text cannot hold it, and no honest field contains it.
_NUL = b"\\u0000"

#: As many events as nobody sends at once.
MANY = 1 << 62

T = TypeVar("T")

_PATH = re.compile(r" - at `(\$[^`]*)`$")


class Sent(msgspec.Struct, frozen=True, gc=False):
    """One well-formed event of a request, with its payload typed.

    :param index: its place in the request, from 0
    """

    index: int
    envelope: Envelope
    type: EventType
    payload: Payload


class Decoded(NamedTuple):
    """A request body taken apart.

    :param dropped: payload fields outside the type, as ``event_type.field`` and how often
    """

    sent: list[Sent]
    rejected: list[Rejected]
    dropped: Counter[str]


class NotEvents(ValueError):
    """The body is not one event, an array of events or NDJSON."""


class TooManyEvents(NotEvents):
    """The body holds more events than one request may bring."""


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
    """The elements of an array that holds NaN, a lone surrogate or the like: only those are refused."""
    try:
        return [json.dumps(element).encode() for element in json.loads(body)]
    except (ValueError, RecursionError) as error:
        raise NotEvents(f"The body is not JSON: {error}.") from None


def decode(body: bytes, *, ndjson: bool = False, limit: int = MANY) -> Decoded:
    """Every event of a body, well-formed or rejected with its reason.

    :raises NotEvents: when the body as a whole is not JSON
    :raises TooManyEvents: when there are more than ``limit``
    """
    if not ndjson and _NUL not in body and body.lstrip()[:1] == b"[":
        try:
            return _decode_all(_few(_envelopes.decode(body), limit))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, _Refused):
            pass  # one of them is bad: find out which, one by one
    texts = _few(split(body, ndjson=ndjson), limit)
    decoded = _decode_each(texts)
    if not ndjson and texts == [body] and decoded.rejected:
        _require_json(body)
    return decoded


def _few(events: list[T], limit: int) -> list[T]:
    if len(events) > limit:
        raise TooManyEvents(f"{len(events)} events in one request; send {limit} at the most.")
    return events


def _require_json(text: bytes) -> None:
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotEvents(f"The body is not JSON: {error}.") from None


def _decode_all(envelopes: list[Envelope]) -> Decoded:
    dropped: Counter[str] = Counter()
    sent = [_typed(index, envelope, dropped) for index, envelope in enumerate(envelopes)]
    return Decoded(sent, [], dropped)


def _decode_each(texts: list[bytes]) -> Decoded:
    sent: list[Sent] = []
    rejected: list[Rejected] = []
    dropped: Counter[str] = Counter()
    for index, text in enumerate(texts):
        try:
            sent.append(_decode_one(index, text, dropped))
        except _Refused as refused:
            rejected.append(refused.verdict(index, text))
    return Decoded(sent, rejected, dropped)


def _decode_one(index: int, text: bytes, dropped: Counter[str]) -> Sent:
    if _NUL in text:
        raise _Refused(Reason.INVALID_VALUE, "$", "The event contains the character U+0000; remove it")
    try:
        return _typed(index, _envelope.decode(text), dropped)
    except msgspec.ValidationError as error:
        raise _explain(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _Refused(Reason.MALFORMED, "$", f"Not a JSON object: {error}") from None
    except RecursionError:
        raise _Refused(Reason.MALFORMED, "$", "The event is nested too deeply; send flat payloads") from None


def _typed(index: int, envelope: Envelope, dropped: Counter[str]) -> Sent:
    kind = event_type(envelope.event_type)
    if kind is None:
        raise _Refused(
            Reason.UNKNOWN_EVENT_TYPE,
            "$.event_type",
            f"`{envelope.event_type}` is not an event type; see docs/events.md, or prefix your own with x_",
        )
    fields = _FIELDS[kind.payload]
    if not envelope.payload.keys() <= fields:
        for name in envelope.payload.keys() - fields:
            dropped[f"{kind.name}.{name[:64]}"] += 1
    try:
        return Sent(index, envelope, kind, msgspec.convert(envelope.payload, kind.payload))
    except msgspec.ValidationError as error:
        raise _explain(error, "$.payload") from None


class _Fields(dict[type[Payload], frozenset[str]]):
    def __missing__(self, kind: type[Payload]) -> frozenset[str]:
        self[kind] = frozenset(kind.__struct_fields__)
        return self[kind]


_FIELDS = _Fields()


class _Refused(Exception):
    def __init__(self, reason: Reason, path: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason, self.path, self.sentence = reason, path, sentence

    def verdict(self, index: int, text: bytes) -> Rejected:
        return Rejected(index, event_id_of(text), self.reason, self.path, f"{self.sentence}.", text)


def _explain(error: msgspec.ValidationError, root: str = "$") -> _Refused:
    """The reason, path and sentence behind msgspec's message."""
    message = str(error)
    found = _PATH.search(message)
    path = root + found[1][1:] if found else root
    message = _PATH.sub("", message)
    missing = re.fullmatch(r"Object missing required field `(\w+)`", message)
    if missing:
        return _Refused(Reason.MISSING_FIELD, f"{path}.{missing[1]}", f"`{missing[1]}` is required")
    return _Refused(Reason.INVALID_VALUE, path, message)


def event_id_of(text: bytes) -> str | None:
    """The event id in a text that may be broken, or None."""
    try:
        found: Any = _loose.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    event_id = found.get("event_id") if isinstance(found, dict) else None
    return event_id[:128] if isinstance(event_id, str) else None

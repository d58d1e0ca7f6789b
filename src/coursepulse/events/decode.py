"""Bytes to events: each event is judged alone, and a bad one never fails its neighbours."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import msgspec

from coursepulse.events.event import Incoming
from coursepulse.events.faults import (
    InvalidEvent,
    check_payment,
    explain,
    explain_payload,
    malformed,
    too_deep,
    unknown_type,
    why_not_json,
)
from coursepulse.events.payloads import Payload, PaymentPayload
from coursepulse.events.reasons import Rejected, RejectionReason
from coursepulse.events.split import NotEvents, TooManyEvents, few, split
from coursepulse.events.taxonomy import EventType, event_type
from coursepulse.kit.clock import Micros
from coursepulse.kit.moments import NotAMoment, read_moment

__all__ = ["MANY", "Decoded", "DecodedEvent", "NotEvents", "TooManyEvents", "decode"]

_envelopes = msgspec.json.Decoder(list[Incoming])
_envelope = msgspec.json.Decoder(Incoming)

#: PostgreSQL text cannot hold it, and no legitimate field contains it.
_NUL = b"\\u0000"

#: More events than anyone sends at once.
MANY = 1 << 62


class DecodedEvent(msgspec.Struct, frozen=True, gc=False):
    """One well-formed event of a request, with its payload typed.

    :param index: its place in the request, from 0
    :param at: when it happened
    """

    index: int
    envelope: Incoming
    at: Micros
    type: EventType
    payload: Payload


class Decoded(NamedTuple):
    """A decoded request body.

    :param dropped: payload fields that the type does not have, as ``event_type.field``, with counts
    """

    sent: list[DecodedEvent]
    rejected: list[Rejected]
    dropped: Counter[str]


def decode(body: bytes, *, ndjson: bool = False, limit: int = MANY) -> Decoded:
    """Every event of a body, either well-formed or rejected with a reason.

    :raises NotEvents: when the body as a whole is not JSON
    :raises TooManyEvents: when there are more than ``limit``
    """
    if not ndjson and _NUL not in body and body.lstrip()[:1] == b"[":
        try:
            return _decode_all(few(_envelopes.decode(body), limit))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, InvalidEvent):
            pass  # at least one is bad: decode one by one to find it
    texts = split(body, ndjson=ndjson, limit=limit)
    decoded = _decode_each(texts)
    if not ndjson and texts == [body] and _is_malformed(decoded) and (why := why_not_json(body)):
        raise NotEvents(f"{why}.")
    return decoded


def _is_malformed(decoded: Decoded) -> bool:
    return any(one.reason is RejectionReason.MALFORMED for one in decoded.rejected)


def _decode_all(envelopes: list[Incoming]) -> Decoded:
    dropped: Counter[str] = Counter()
    sent = [_typed(index, envelope, dropped) for index, envelope in enumerate(envelopes)]
    return Decoded(sent, [], dropped)


def _decode_each(texts: list[bytes]) -> Decoded:
    sent: list[DecodedEvent] = []
    rejected: list[Rejected] = []
    dropped: Counter[str] = Counter()
    for index, text in enumerate(texts):
        try:
            sent.append(_decode_one(index, text, dropped))
        except InvalidEvent as refused:
            rejected.append(refused.verdict(index, text))
    return Decoded(sent, rejected, dropped)


def _decode_one(index: int, text: bytes, dropped: Counter[str]) -> DecodedEvent:
    if _NUL in text:
        raise InvalidEvent(
            RejectionReason.INVALID_VALUE, "$", "The event contains the character U+0000; remove it"
        )
    try:
        return _typed(index, _envelope.decode(text), dropped)
    except msgspec.ValidationError as error:
        raise explain(error, text) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise malformed(text) from None
    except RecursionError:
        raise too_deep() from None


def _typed(index: int, envelope: Incoming, dropped: Counter[str]) -> DecodedEvent:
    kind = event_type(envelope.event_type)
    if kind is None:
        raise unknown_type(envelope.event_type)
    fields = _FIELDS[kind.payload]
    if not fields.issuperset(envelope.payload):
        for name in envelope.payload.keys() - fields:
            dropped[f"{kind.name}.{name[:64]}"] += 1
    try:
        at = read_moment(envelope.timestamp)
        payload: Payload = msgspec.convert(envelope.payload, kind.payload)
    except NotAMoment as error:
        raise InvalidEvent(RejectionReason.INVALID_VALUE, "$.timestamp", str(error)) from None
    except msgspec.ValidationError as error:
        raise explain_payload(error) from None
    if isinstance(payload, PaymentPayload):
        check_payment(payload)
    return DecodedEvent(index, envelope, at, kind, payload)


class _Fields(dict[type[Payload], frozenset[str]]):
    def __missing__(self, kind: type[Payload]) -> frozenset[str]:
        self[kind] = frozenset(kind.__struct_fields__)
        return self[kind]


_FIELDS = _Fields()

"""The event as a platform sends it, and the event as coursepulse keeps it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from coursepulse.events.payloads import Name, Rate, Seconds, Segment, Try
from coursepulse.kit.clock import DAY, Micros

Id = Annotated[str, Meta(min_length=1, max_length=128)]
OptionalId = Annotated[str, Meta(max_length=128)]
Label = Annotated[str, Meta(max_length=64)]
#: ISO 3166-1 alpha-2, or empty. The length is given too, because `$` lets a newline pass.
Country = Annotated[str, Meta(pattern="^([A-Z]{2})?$", max_length=2)]


class Context(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Where in the catalog an event happened, by the platform's ids."""

    course_id: OptionalId = ""
    lesson_id: OptionalId = ""
    video_id: OptionalId = ""
    assessment_id: OptionalId = ""


class Device(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The student's device. ``type`` is desktop, mobile or tablet; anything else counts as unknown."""

    type: Label = ""
    os: Label = ""
    browser: Label = ""


NOWHERE = Context()
UNKNOWN_DEVICE = Device()


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a platform says about one event, by its own ids, except the time.

    :param country: where the student was, as far as the platform knows; nothing is derived from addresses
    :param opted_out: the student's browser asked not to be tracked (Global Privacy Control); judged, never kept
    """

    event_id: Id
    event_type: Label
    student_id: Id
    session_id: OptionalId = ""
    context: Context = NOWHERE
    device: Device = UNKNOWN_DEVICE
    payload: dict[str, Any] = msgspec.field(default_factory=dict)
    opted_out: bool = False
    country: Country = ""


class Envelope(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One event to send: wall-clock timestamp with an offset."""

    timestamp: Annotated[datetime, Meta(tz=True)]


class Incoming(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One event as received: the timestamp is spelled as its sender wrote it (:mod:`coursepulse.kit.moments`)."""

    timestamp: str


#: Sixteen bytes, as every id is inside.
RawId = Annotated[bytes, Meta(min_length=16, max_length=16)]
#: From 1970 to the end of the calendar.
Moment = Annotated[Micros, Meta(ge=0, le=253_402_300_799_999_999)]
Percent = Annotated[float, Meta(ge=0, le=100)]
#: The longest /24 or /48 network, or empty.
Network = Annotated[str, Meta(max_length=43)]


class Event(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One event as coursepulse keeps it: pseudonymous, truncated, with the columns that metrics read.

    The order of the fields is the order of the stored form: append, never reorder. Limits are checked
    whenever an event is read from bytes, so that code after the log never meets a number out of bounds.

    :param at: when it happened, microseconds since 1970 UTC
    :param received_at: when the collector received it, same unit
    :param ip: /24 or /48 network of the sender's address, or empty
    :param payload: JSON text of the typed payload
    :param sender: name of the key that sent it, so that what comes twice can be counted; no store has it
    """

    event_id: RawId
    event_type: Label
    at: Moment
    student_id: RawId
    session_id: RawId
    course_id: OptionalId = ""
    lesson_id: OptionalId = ""
    video_id: OptionalId = ""
    assessment_id: OptionalId = ""
    device_type: Label = ""
    os: Label = ""
    browser: Label = ""
    ip: Network = ""
    country: Annotated[str, Meta(max_length=2)] = ""
    received_at: Moment = 0
    payload: bytes = b"{}"
    position: Seconds | None = None
    position_to: Seconds | None = None
    duration: Seconds | None = None
    rate: Rate | None = None
    segments: tuple[Segment, ...] = ()
    score: Percent | None = None
    passed: bool | None = None
    attempt: Try = 1
    question_id: Name = ""
    correct: bool | None = None
    clicks: Annotated[int, Meta(ge=0, le=1_000_000)] = 1
    quality: Name = ""
    buffer: Seconds | None = None
    answer_id: Name = ""
    thread_id: Name = ""
    live_session_id: Name = ""
    interactive_id: Name = ""
    amount: Annotated[int, Meta(ge=0, le=10_000_000_000_000)] = 0
    currency: Annotated[str, Meta(max_length=3)] = ""
    sender: Label = ""


def identity(event: Event) -> tuple[bytes, int]:
    """The key of a stored event: its id and its UTC day. The id also counts once across the neighbouring days, but
    not for ever: retention drops whole days with their ids (docs/decisions/0020)."""
    return event.event_id, event.at // DAY


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Event])
_decode_raws = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode
_decode_event = msgspec.msgpack.Decoder(Event).decode


def pack(events: list[Event]) -> bytes:
    """Events as one block of bytes (MessagePack)."""
    return _encoder.encode(events)


def unpack(block: bytes) -> list[Event]:
    """The events of a block made by :func:`pack`."""
    return _decoder.decode(block)


def unpack_each(block: bytes) -> list[Event | bytes]:
    """The events of a damaged block; those that cannot be read are returned as bytes.

    :raises msgspec.DecodeError: when it is not a block
    """
    return [_unpack_one(bytes(raw)) for raw in _decode_raws(block)]


def _unpack_one(raw: bytes) -> Event | bytes:
    try:
        return _decode_event(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return raw

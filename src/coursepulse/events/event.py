"""The event as a platform sends it, and the event as coursepulse keeps it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from coursepulse.events.payloads import Segment
from coursepulse.kit.clock import DAY, Micros

Id = Annotated[str, Meta(min_length=1, max_length=128)]
OptionalId = Annotated[str, Meta(max_length=128)]
Label = Annotated[str, Meta(max_length=64)]
#: ISO 3166-1 alpha-2, or empty. The length is said as well because `$` lets a newline pass.
Country = Annotated[str, Meta(pattern="^([A-Z]{2})?$", max_length=2)]


class Context(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Where in the catalog an event happened, by the platform's own ids."""

    course_id: OptionalId = ""
    lesson_id: OptionalId = ""
    video_id: OptionalId = ""
    assessment_id: OptionalId = ""


class Device(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What the student used. ``type`` is desktop, mobile or tablet; anything else counts as unknown."""

    type: Label = ""
    os: Label = ""
    browser: Label = ""


NOWHERE = Context()
UNKNOWN_DEVICE = Device()


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a platform says of one event, by its own ids, but when it was.

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
    """One event to be sent: wall-clock timestamp with an offset."""

    timestamp: Annotated[datetime, Meta(tz=True)]


class Incoming(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One event as it came: the timestamp as its sender spelled it (:mod:`coursepulse.kit.moments`)."""

    timestamp: str


class Event(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One event as coursepulse keeps it: pseudonymous, truncated, with the columns that metrics read.

    The order of the fields is the order of the stored form: add at the end, never reorder.

    :param at: when it happened, microseconds since 1970 UTC
    :param received_at: when the door took it, same unit
    :param ip: /24 or /48 network of the sender's address, or empty
    :param payload: JSON text of the typed payload
    """

    event_id: bytes
    event_type: str
    at: Micros
    student_id: bytes
    session_id: bytes
    course_id: str = ""
    lesson_id: str = ""
    video_id: str = ""
    assessment_id: str = ""
    device_type: str = ""
    os: str = ""
    browser: str = ""
    ip: str = ""
    country: str = ""
    received_at: Micros = 0
    payload: bytes = b"{}"
    position: float | None = None
    position_to: float | None = None
    duration: float | None = None
    rate: float | None = None
    segments: tuple[Segment, ...] = ()
    score: float | None = None
    passed: bool | None = None
    attempt: int = 1
    question_id: str = ""
    correct: bool | None = None
    clicks: int = 1
    quality: str = ""
    buffer: float | None = None


def identity(event: Event) -> tuple[bytes, int]:
    """What an event is stored under: its id and its UTC day. On the days beside it the id counts once, too; not for
    ever, because retention drops whole days and their ids with them (docs/decisions/0020)."""
    return event.event_id, event.at // DAY


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Event])


def pack(events: list[Event]) -> bytes:
    """Events as one block of bytes (MessagePack)."""
    return _encoder.encode(events)


def unpack(block: bytes) -> list[Event]:
    """The events of a block made by :func:`pack`."""
    return _decoder.decode(block)

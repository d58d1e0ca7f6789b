"""Canonical events as dead letters: what the collector accepted and a store later refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from coursepulse.collect.dead_letters import DeadLetterQueue
from coursepulse.collect.keys import PIPELINE_SOURCE
from coursepulse.events.event import Event
from coursepulse.events.reasons import Rejected, RejectionReason
from coursepulse.kit.clock import Clock
from coursepulse.kit.ids import NIL, to_text

_IDS = ("event_id", "student_id", "session_id")

_DEFAULTS = msgspec.structs.asdict(Event(NIL, "", 0, NIL, NIL))
_KNOWN = _DEFAULTS.keys()
_REQUIRED = {*_IDS, "event_type", "at"}


def to_dead_letter(event: Event, sentence: str) -> Rejected:
    """A refusal of an event that no store can take; its body names every field, so that it can be mended."""
    fields = msgspec.structs.asdict(event)
    fields |= {name: to_text(fields[name]) for name in _IDS}
    fields["payload"] = event.payload.decode()
    body = msgspec.json.encode(fields)
    return Rejected(0, fields["event_id"], RejectionReason.UNSTORABLE, "$", sentence, body)


def bytes_to_dead_letter(body: bytes, position: int) -> Rejected:
    """The refusal of bytes in the log that are not an event."""
    sentence = "The log holds something here that is no event; whatever wrote it there was not the collector."
    return Rejected(0, f"log position {position}", RejectionReason.UNSTORABLE, "$", sentence, body)


class RefusedEvents:
    """Where the pipeline puts events that no store accepts."""

    def __init__(self, dead_letters: DeadLetterQueue, clock: Clock) -> None:
        self._dead_letters, self._clock = dead_letters, clock

    def __call__(self, event: Event | bytes, position: int, why: str) -> None:
        """Keep ``event``, or the bytes that stand where one should be, as a dead letter."""
        refused = (
            to_dead_letter(event, why) if isinstance(event, Event) else bytes_to_dead_letter(event, position)
        )
        self._dead_letters.put([refused], self._clock(), PIPELINE_SOURCE)


def event_of_dead_letter(body: bytes) -> Event:
    """The event of a body made by :func:`to_dead_letter`.

    :raises msgspec.MsgspecError: when the body was mended into something else
    """
    fields = msgspec.json.decode(body, type=dict[str, Any])
    if not _REQUIRED <= fields.keys() <= _KNOWN:
        raise msgspec.ValidationError("The fields are not those of an event")
    for name in _IDS:
        fields[name] = _read_id(fields[name])
    fields["payload"] = str(fields.get("payload", "{}")).encode()
    row = [(_DEFAULTS | fields)[name] for name in Event.__struct_fields__]
    return msgspec.convert(row, Event, builtin_types=(bytes,))


def _read_id(text: object) -> bytes:
    # Of no other text: hashed as a sender's id it would make up a student.
    try:
        return UUID(str(text)).bytes
    except ValueError:
        raise msgspec.ValidationError("An id inside is a UUID") from None

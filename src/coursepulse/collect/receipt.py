"""What the sender of events is told."""

from __future__ import annotations

import msgspec

from coursepulse.events.reasons import RejectionReason


class Verdict(msgspec.Struct, frozen=True):
    """One event that was not accepted.

    :param index: its place in the request, from 0
    :param event_id: as sent, or null when it could not be read
    :param path: JSON path of the fault, ``$`` for the event as a whole
    :param sentence: what is wrong and what to do about it
    """

    index: int
    event_id: str | None
    reason: RejectionReason
    path: str
    sentence: str


class Receipt(msgspec.Struct, frozen=True):
    """The answer to one request: what is not listed in ``rejected`` is accepted, and durable.

    :param dropped_fields: payload fields that no event type knows, as ``event_type.field``, and how often
        each was left out
    """

    accepted: int
    rejected: list[Verdict]
    dropped_fields: dict[str, int]

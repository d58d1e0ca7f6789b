"""Receipts for the events that a client sent."""

from __future__ import annotations

from collections import Counter

import msgspec

#: The most rejections kept one by one; all are counted.
_NAMED = 100


class Rejection(msgspec.Struct, frozen=True):
    """An event that the server refused, with the reason."""

    event_id: str | None
    reason: str
    path: str
    sentence: str


class BatchReceipt(msgspec.Struct, frozen=True):
    """The server's receipt for one request."""

    accepted: int = 0
    rejected: list[Rejection] = []
    dropped_fields: dict[str, int] = {}


class Receipts(msgspec.Struct):
    """Several receipts added up.

    :param rejected: events by reason
    :param dropped_fields: payload fields that the server left out, as ``event_type.field``
    :param rejections: the first hundred rejected events by name
    :param spooled: events that wait in the spool until the server is reachable
    """

    accepted: int = 0
    rejected: Counter[str] = msgspec.field(default_factory=Counter)
    dropped_fields: Counter[str] = msgspec.field(default_factory=Counter)
    rejections: list[Rejection] = msgspec.field(default_factory=list)
    spooled: int = 0

    def add(self, answer: BatchReceipt) -> None:
        """Add the receipt for one request."""
        self.accepted += answer.accepted
        self.dropped_fields.update(answer.dropped_fields)
        self.rejected.update(each.reason for each in answer.rejected)
        self.rejections.extend(answer.rejected[: _NAMED - len(self.rejections)])

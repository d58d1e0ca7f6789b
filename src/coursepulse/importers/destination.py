"""The collector as seen by importers: batches are sent only as fast as the pipeline can follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

from coursepulse.campus.deliveries import Whole
from coursepulse.events.event import Envelope
from coursepulse.events.reasons import RejectionReason


class DestinationRefusal(msgspec.Struct, frozen=True):
    """A refused event or row: its place in the batch, and the reason."""

    index: int
    reason: str
    path: str
    sentence: str


class ServerProgress(msgspec.Struct, frozen=True):
    """The progress of the server since it started.

    :param duplicates: events that were already stored
    :param lag: events that are durable but not yet stored
    """

    applied: int = 0
    duplicates: int = 0
    lag: int = 0


class EndedRows(msgspec.Struct, frozen=True):
    """The number of current rows, and of those that a complete delivery of the roster ended."""

    held: int
    ended: int


class BrokenRecord(NamedTuple):
    """A broken record for the dead letters.

    :param place: its place in the files: ``line 12 of tracking.log``
    :param body: the record as read
    """

    place: str
    reason: RejectionReason
    path: str
    sentence: str
    body: bytes


class Destination(Protocol):
    """What an importer needs from a server."""

    def send(self, events: Sequence[Envelope]) -> list[DestinationRefusal]:
        """Sends one batch and waits until it is durable; events not in the answer were accepted."""

    def put(self, path: str, rows: Sequence[msgspec.Struct]) -> list[DestinationRefusal]:
        """Sends rows of the roster or consents; rows not in the answer were accepted."""

    def agreed(self, student: str) -> bool:
        """Whether a student's consent to analytics is on record."""

    def withdraw(self, events: Sequence[str]) -> int:
        """Withdraws events by their ids; returns how many were stored."""

    def put_aside(self, dead_letters: Sequence[BrokenRecord]) -> None:
        """Sends broken records to the dead-letter queue."""

    def pipeline(self) -> ServerProgress | None:
        """The progress of the server, or None if it does not say."""


class RosterDestination(Destination, Protocol):
    """What a roster importer also needs."""

    def end_missing(self, whole: Whole) -> EndedRows:
        """Ends what a complete delivery of the roster does not name.

        :raises RequestError: ``too_many_missing``
        """

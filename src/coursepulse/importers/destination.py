"""The collector as an importer uses it: sending in batches, without ever outrunning the pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

from coursepulse.campus.deliveries import Whole
from coursepulse.events.event import Envelope
from coursepulse.events.reasons import RejectionReason


class DestinationRefusal(msgspec.Struct, frozen=True):
    """An event or a row that was refused: its place in the batch, and why."""

    index: int
    reason: str
    path: str
    sentence: str


class ServerProgress(msgspec.Struct, frozen=True):
    """How far the server is, since it started.

    :param duplicates: events that turned out to be stored already
    :param lag: events that are durable but not yet stored
    """

    applied: int = 0
    duplicates: int = 0
    lag: int = 0


class EndedRows(msgspec.Struct, frozen=True):
    """What a whole delivery of the roster ended, of what held."""

    held: int
    ended: int


class BrokenRecord(NamedTuple):
    """A broken record for the dead letters.

    :param place: where it stands: ``line 12 of tracking.log``
    :param body: the record as read
    """

    place: str
    reason: RejectionReason
    path: str
    sentence: str
    body: bytes


class Destination(Protocol):
    """What an importer needs of a server."""

    def send(self, events: Sequence[Envelope]) -> list[DestinationRefusal]:
        """Sends one batch and waits until it is durable; what is not in the answer was accepted."""

    def put(self, path: str, rows: Sequence[msgspec.Struct]) -> list[DestinationRefusal]:
        """Sends rows of the roster or of the consents; what is not in the answer was accepted."""

    def agreed(self, student: str) -> bool:
        """Whether the consent of a student to analytics is on record."""

    def withdraw(self, events: Sequence[str]) -> int:
        """Takes events back by their ids; returns how many were stored."""

    def put_aside(self, dead_letters: Sequence[BrokenRecord]) -> None:
        """Hands broken records to the dead letters."""

    def pipeline(self) -> ServerProgress | None:
        """How far the server is, or None when it does not say."""


class RosterDestination(Destination, Protocol):
    """What the importer of a roster needs besides."""

    def end_missing(self, whole: Whole) -> EndedRows:
        """Ends what a whole delivery of the roster does not name.

        :raises RequestError: ``too_many_missing``
        """

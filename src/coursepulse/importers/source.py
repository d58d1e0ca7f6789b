"""What an importer reads: records with their outcome, and what they say about courses and people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from coursepulse.campus.courses import Course
from coursepulse.campus.people import Person
from coursepulse.events.event import Envelope
from coursepulse.formats.outcome import Refused, Skipped


class Record(NamedTuple):
    """One record of a source.

    :param place: its place, for readers: ``line 12 of tracking.log``
    :param outcome: its events, or the reason for having none
    :param body: as read, for dead letters; may be empty for a valid record
    :param share: the share of the source that is done after it, from 0 to 1
    :param read: how many records of the files it counts as; 0 if it was counted before
    """

    place: str
    outcome: list[Envelope] | Skipped | Refused
    body: bytes
    share: float
    read: int = 1


class RecordSource(Protocol):
    """Records in a stable order, so that an import can continue where it stopped."""

    @property
    def name(self) -> str:
        """The format: such as ``xapi`` or ``moodle``."""

    @property
    def fingerprint(self) -> str:
        """A fingerprint: the same for the same files, whatever their names."""

    def records(self) -> Iterator[Record]:
        """Every record, once."""

    def courses(self) -> list[Course]:
        """What is known about courses so far; for some formats only at the end."""

    def withdrawn(self) -> list[str]:
        """Ids of events that may have been sent before and that the files withdraw; call after reading everything."""

    def person(self, student: str) -> Person:
        """What is known about a student whose record has been read."""

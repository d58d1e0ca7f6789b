"""What an importer reads: records with their outcome, and what they tell about courses and people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from coursepulse.campus.courses import Course
from coursepulse.campus.people import Person
from coursepulse.events.event import Envelope
from coursepulse.formats.outcome import Refused, Skipped


class Record(NamedTuple):
    """One record of a source.

    :param place: where it stands, for a person: ``line 12 of tracking.log``
    :param outcome: its events, or why it has none
    :param body: as read, for the dead letters; may be empty when there is nothing wrong with it
    :param share: how much of the source is done after it, from 0 to 1
    :param read: how many records of the files this stands for: 0 for one that was counted before
    """

    place: str
    outcome: list[Envelope] | Skipped | Refused
    body: bytes
    share: float
    read: int = 1


class RecordSource(Protocol):
    """Records in an order that is the same each time, so that an import can go on where it stopped."""

    @property
    def name(self) -> str:
        """The format: such as ``xapi`` or ``moodle``."""

    @property
    def fingerprint(self) -> str:
        """The same for the same files, whatever they are called."""

    def records(self) -> Iterator[Record]:
        """Every record, once."""

    def courses(self) -> list[Course]:
        """What is known about courses so far: for some formats only at the end."""

    def withdrawn(self) -> list[str]:
        """Ids of events that may have been sent before, and that the files take back; when all was read."""

    def person(self, student: str) -> Person:
        """What is known about a student whose record has been read."""

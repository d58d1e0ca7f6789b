"""Registers students, their consent and their courses before their events arrive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from coursepulse.campus.consents import ConsentRow
from coursepulse.campus.courses import Course
from coursepulse.events.event import Envelope
from coursepulse.importers.destination import Destination
from coursepulse.importers.source import RecordSource
from coursepulse.kit.clock import Clock, from_micros

#: Rows of one request; a course with thousands of lessons is one row.
_PEOPLE, _COURSES = 5000, 50

Row = TypeVar("Row")

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


class Registrar:
    """Registers each student once, ahead of their first event.

    :param consent: whether to record that the students agreed to analytics
    :param roster: whether to send people and courses; not needed if the platform sends its own roster
    """

    def __init__(
        self, destination: Destination, source: RecordSource, clock: Clock, *, consent: bool, roster: bool
    ) -> None:
        self._destination = destination
        self._source = source
        self._clock = clock
        self.asserts_consent = consent
        self._roster = roster
        self._known: set[str] = set()
        self._courses: list[Course] = []

    @property
    def students(self) -> int:
        """Number of registered students."""
        return len(self._known)

    def recall(self, events: Iterable[Envelope]) -> None:
        """Marks the students of these events as registered by an earlier run."""
        self._known.update(event.student_id for event in events)

    def admit(self, events: Iterable[Envelope]) -> None:
        """Registers the students who are new in these events."""
        new: dict[str, datetime] = {}
        for event in events:
            if event.student_id not in self._known:
                earlier = new.get(event.student_id, event.timestamp)
                new[event.student_id] = min(earlier, event.timestamp)
        self._known.update(new)
        for some in _slices(list(new), _PEOPLE):
            if self._roster:
                self._destination.put("/v1/roster/people", [self._source.person(student) for student in some])
            if self.asserts_consent:
                self._destination.put(
                    "/v1/consents", [self._agreement(student, new[student]) for student in some]
                )

    def _agreement(self, student: str, at: datetime) -> ConsentRow:
        """The consent is dated to the first event seen: they used the platform then.

        Any later decision of theirs wins: importing again never restores a withdrawn consent.
        """
        present = from_micros(self._clock())
        return ConsentRow(
            external_id=student,
            purpose="analytics",
            granted=True,
            source="import",
            at=min(max(at, _EARLIEST), present),
        )

    def publish(self) -> int:
        """Sends the courses known by now, unless they were sent before; returns their number."""
        courses = self._source.courses() if self._roster else []
        if courses != self._courses:
            for some in _slices(courses, _COURSES):
                self._destination.put("/v1/roster/courses", some)
            self._courses = courses
        return len(courses)


def _slices(rows: Sequence[Row], size: int) -> Iterable[Sequence[Row]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))

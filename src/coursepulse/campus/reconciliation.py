"""What a learning platform says of a course beside what is known here: who differs, and the likely cause. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from coursepulse.formats.lms_sheet import SheetState

#: Grades that are this close, in points of a hundred, are the same: platforms round.
NEAR = 0.5


class DifferenceKind(StrEnum):
    """In what the two sides differ."""

    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    OTHER_STATE = "other_state"
    OTHER_GRADE = "other_grade"


class DifferenceCause(StrEnum):
    """Why they probably differ."""

    UNKNOWN_COURSE = "unknown_course"
    LEFT_OUT = "left_out"
    EVENT_REFUSED = "event_refused"
    NOT_AGREED = "not_agreed"
    UNKNOWN_PERSON = "unknown_person"
    ENROLMENT_NOT_SENT = "enrolment_not_sent"
    NOT_IN_FILE = "not_in_file"
    END_NOT_SENT = "end_not_sent"
    ENDED_HERE = "ended_here"
    COMPLETION_NOT_SENT = "completion_not_sent"
    GRADE_NOT_SENT = "grade_not_sent"
    OTHER_RULE = "other_rule"


class There(NamedTuple):
    """What the platform says of one student in one course.

    :param shown: the platform's name of the student
    """

    student: bytes
    course: str
    shown: str
    line: int
    state: SheetState | None
    grade: float | None


class Here(NamedTuple):
    """What is known here of one student in one course."""

    student: bytes
    course: str
    gone: bool
    completed: bool
    grade: float | None

    @property
    def state(self) -> SheetState:
        """The same in the words of the file."""
        if self.completed:
            return SheetState.COMPLETED
        return SheetState.ENDED if self.gone else SheetState.ENROLLED


Place: TypeAlias = tuple[bytes, str]


class KnownFacts(NamedTuple):
    """What the causes follow from.

    :param people: those on the roster, or with any event
    :param left_out: staff and test accounts
    :param not_agreed: those who did not agree to analytics
    :param refused: students and courses of which an event waits as a dead letter
    """

    courses: Collection[str]
    people: Collection[bytes]
    left_out: Collection[bytes]
    not_agreed: Collection[bytes]
    refused: Collection[Place]


class Difference(NamedTuple):
    """One difference between the two sides.

    :param there: None when the file does not have the student
    :param here: None when the student is not known in the course
    """

    kind: DifferenceKind
    cause: DifferenceCause
    student: bytes
    course: str
    there: There | None
    here: Here | None


class SheetComparison(NamedTuple):
    """What came of comparing.

    :param compared: students and courses on either side
    :param repeated: lines that say something else than an earlier line about the same student and course
    """

    compared: int
    differences: list[Difference]
    repeated: list[int]

    @property
    def counts(self) -> Counter[tuple[DifferenceKind, DifferenceCause]]:
        """How many differences there are of each kind and cause."""
        return Counter((each.kind, each.cause) for each in self.differences)


def compare(there: Iterable[There], here: Iterable[Here], facts: KnownFacts) -> SheetComparison:
    """Who differs and why; the same whatever the order of either side."""
    told, repeated = _by_place(there)
    known = {(each.student, each.course): each for each in here}
    places = sorted({*told, *known}, key=lambda place: (place[1], place[0]))
    differences = [
        each for place in places for each in _differ(place, told.get(place), known.get(place), facts)
    ]
    return SheetComparison(len(places), differences, repeated)


def _by_place(there: Iterable[There]) -> tuple[Mapping[Place, There], list[int]]:
    """The last line of each student and course, and those lines that were overruled."""
    found: dict[Place, There] = {}
    repeated = []
    for row in sorted(there, key=lambda row: row.line):
        before = found.get((row.student, row.course))
        if before and (before.state, before.grade) != (row.state, row.grade):
            repeated.append(before.line)
        found[row.student, row.course] = row
    return found, repeated


def _differ(place: Place, there: There | None, here: Here | None, facts: KnownFacts) -> Iterator[Difference]:
    for kind, cause in _find(place, there, here, facts):
        yield Difference(kind, cause, *place, there, here)


def _find(
    place: Place, there: There | None, here: Here | None, facts: KnownFacts
) -> Iterator[tuple[DifferenceKind, DifferenceCause]]:
    if there is None:
        if here and here.state is SheetState.ENROLLED:
            yield DifferenceKind.MISSING_THERE, DifferenceCause.NOT_IN_FILE
        return
    if here is None:
        if there.state is not SheetState.ENDED:
            yield DifferenceKind.MISSING_HERE, _why_missing(place, facts)
        return
    refused = DifferenceCause.EVENT_REFUSED if place in facts.refused else None
    state = _compare_states(there.state, here)
    if state:
        yield DifferenceKind.OTHER_STATE, refused or state
    grade = _compare_grades(there.grade, here.grade)
    if grade:
        yield DifferenceKind.OTHER_GRADE, refused or grade


def _why_missing(place: Place, facts: KnownFacts) -> DifferenceCause:
    student, course = place
    if student in facts.left_out:
        return DifferenceCause.LEFT_OUT
    if course not in facts.courses:
        return DifferenceCause.UNKNOWN_COURSE
    if place in facts.refused:
        return DifferenceCause.EVENT_REFUSED
    if student not in facts.people:
        return DifferenceCause.UNKNOWN_PERSON
    return DifferenceCause.NOT_AGREED if student in facts.not_agreed else DifferenceCause.ENROLMENT_NOT_SENT


def _compare_states(told: SheetState | None, here: Here) -> DifferenceCause | None:
    """Somebody who has completed may still be enrolled, or not: platforms differ in that."""
    if told is SheetState.COMPLETED:
        return None if here.completed else DifferenceCause.COMPLETION_NOT_SENT
    if told is None or here.completed:
        return None
    if told is SheetState.ENDED:
        return None if here.gone else DifferenceCause.END_NOT_SENT
    return DifferenceCause.ENDED_HERE if here.gone else None


def _compare_grades(told: float | None, known: float | None) -> DifferenceCause | None:
    if told is None:
        return None
    if known is None:
        return DifferenceCause.GRADE_NOT_SENT
    return None if abs(told - known) <= NEAR else DifferenceCause.OTHER_RULE

"""What people are tied to now. Read on each request, so that a change of the roster applies to the next one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec
from psycopg.rows import dict_row

from coursepulse.access.viewer import Viewer
from coursepulse.kit.clock import Clock, from_micros, utc_date
from coursepulse.kit.ids import NIL
from coursepulse.kit.sql import Queries
from coursepulse.privacy.consent import Purpose
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")

AnyViewer = TypeVar("AnyViewer", bound=Viewer)

#: Returns those of some students who are in a course according to its events.
ByEvents = Callable[[str, Collection[bytes]], Collection[bytes]]


class Membership(NamedTuple):
    """A student as an employer's manager may see them.

    :param team_ids: teams of the organisation
    :param shares: they agreed to be named
    """

    team_ids: frozenset[str]
    shares: bool


class Relations:
    """Every method raises StoreUnavailable when PostgreSQL does not answer; nobody may see anything then."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool, self._clock = pool, clock

    def tie(self, viewer: AnyViewer, person: bytes | None) -> AnyViewer:
        """The viewer with all their current ties.

        :param person: the pseudonym of the person behind the account; None for one who is not on the roster
        """
        now = self._clock()
        ((courses, teams, organisation, opened, grants),) = self._read(
            "tie",
            person=UUID(bytes=person or NIL),
            account=viewer.subject,
            today=utc_date(now),
            now=from_micros(now),
        )
        opened = [student.bytes for student in opened]
        return msgspec.structs.replace(
            viewer,
            course_ids=frozenset(courses),
            team_ids=frozenset(teams),
            organisation_id=organisation or viewer.organisation_id,
            opened=frozenset(opened),
            grants=dict(zip(opened, grants, strict=True)),
        )

    def enrolled(self, course: str, students: Collection[bytes], by_events: ByEvents) -> frozenset[bytes]:
        """Those of some students who are in a course today, by the roster or otherwise by the events.

        Nobody is in a course that has ended.
        """
        rows = self._read(
            "enrolments",
            course=course,
            students=[UUID(bytes=student) for student in students],
            today=utc_date(self._clock()),
        )
        if rows[0][0]:
            return frozenset()
        on_roster = {student.bytes: holds for _, student, holds in rows if student}
        others = frozenset(students).difference(on_roster)
        by_roster = (student for student, holds in on_roster.items() if holds)
        # Events may name more people than were asked about, such as those removed from the roster.
        said = others.intersection(by_events(course, others)) if others else frozenset()
        return said.union(by_roster)

    def outside(self, course: str, gone: Collection[bytes]) -> frozenset[bytes]:
        """Students who are not in a course today, by the roster or otherwise by the events.

        :param gone: students who left, by the events
        """
        rows = self._read(
            "outside",
            course=course,
            students=[UUID(bytes=student) for student in gone],
            today=utc_date(self._clock()),
        )
        out = {student.bytes for student, holds in rows if not holds}
        return frozenset(gone).union(out).difference(student.bytes for student, holds in rows if holds)

    def knows(self, student: bytes) -> bool:
        """Whether a person on the roster has this pseudonym."""
        ((known,),) = self._read("known", student=UUID(bytes=student))
        return bool(known)

    def has_course(self, course: str) -> bool:
        """Whether the catalog has a course."""
        ((known,),) = self._read("course", course=course)
        return bool(known)

    def membership(self, student: bytes, organisation: str) -> Membership:
        """What makes a student visible to managers of an organisation."""
        ((teams, shares),) = self._read(
            "membership",
            student=UUID(bytes=student),
            organisation=organisation,
            purpose=Purpose.EMPLOYER_SHARING.value,
        )
        return Membership(frozenset(teams), shares)

    def organisation(self, team: str) -> str:
        """The organisation of a team; empty for an unknown team."""
        rows = self._read("team", team=team)
        return str(rows[0][0]) if rows else ""

    def members(self, team: str) -> dict[bytes, bool]:
        """The members of a team, without those who only lead it, and whether each lets an employer see them."""
        rows = self._read("members", team=team, purpose=Purpose.EMPLOYER_SHARING.value)
        return {student.bytes: shares for student, shares in rows}

    def team_rows(self, names: Sequence[str], values: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
        """What the roster says of a team and its members, seen and unseen: the rows of queries ``teams_<name>``."""
        with (
            translate_errors("The relations"),
            self._pool.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            return {name: cursor.execute(_QUERIES[f"teams_{name}"], values).fetchall() for name in names}

    def agrees(self, student: bytes, purpose: Purpose) -> bool:
        """Whether a student currently agrees to a purpose; unknown means no."""
        ((agrees,),) = self._read("agreed", student=UUID(bytes=student), purpose=purpose.value)
        return bool(agrees)

    def versions(self) -> tuple[int, ...]:
        """How far the numbers of days and of learners are, and what has changed them beside the log; then the newest
        changes of all that rights and names hang on.
        """
        (found,) = self._read("versions")
        return found

    def joined(self, students: Collection[bytes]) -> dict[bytes, str]:
        """Those of some students who are on leaderboards now, and the name that each chose."""
        purposes = [Purpose.LEADERBOARDS.value, Purpose.ANALYTICS.value]
        wanted = [UUID(bytes=student) for student in students]
        return {
            student.bytes: name for student, name in self._read("joined", students=wanted, purposes=purposes)
        }

    def peers(self, pairs: Collection[tuple[str, bytes]], purpose: Purpose) -> frozenset[tuple[str, bytes]]:
        """Those of some students, each in a course by its events, who are in it today and agree to a purpose.

        Like :meth:`enrolled`, the roster decides, and nobody is in a course that has ended.
        """
        rows = self._read(
            "peers",
            courses=[course for course, _ in pairs],
            students=[UUID(bytes=student) for _, student in pairs],
            purposes=[purpose.value, Purpose.ANALYTICS.value],
            today=utc_date(self._clock()),
        )
        return frozenset((course, student.bytes) for course, student in rows)

    def board_name(self, student: bytes) -> str:
        """The name that a student chose for leaderboards; empty without one."""
        rows = self._read("board_name", student=UUID(bytes=student))
        return str(rows[0][0]) if rows else ""

    def _read(self, name: str, **values: object) -> list[tuple[Any, ...]]:
        with translate_errors("The relations"), self._pool.connection() as connection:
            return connection.execute(_QUERIES[f"relations_{name}"], values).fetchall()

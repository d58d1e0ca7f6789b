"""People, courses and consents in PostgreSQL: the store of record, and the only one that knows names."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import psycopg
import structlog

from coursepulse.campus.catalog import AssessmentRow, CampusCatalog, LessonRow, StudentRow, VideoRow
from coursepulse.campus.consents import ConsentRow, Decided
from coursepulse.campus.courses import Course
from coursepulse.campus.deliveries import Delivery, Missing, Seen
from coursepulse.campus.enrolments import Enrolment, Grant, Teaching
from coursepulse.campus.organisations import Organisation, Team
from coursepulse.campus.people import KnownPerson, Person
from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.errors import CoursepulseError
from coursepulse.kit.ids import is_uuid, to_text
from coursepulse.kit.sql import Queries
from coursepulse.privacy.consent import ConsentDecision, Purpose
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.postgres.campus_rows import (
    split_courses,
    split_teams,
    tell_consents,
    tell_enrolments,
    tell_organisations,
    tell_people,
    tell_seen,
    tell_teaching,
)
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")
_PURPOSES = {purpose.value: purpose for purpose in Purpose}
_PARTS = ("lessons", "videos", "assessments", "changes", "listed")

#: Statements about courses as a whole, before those about their parts.
_WHOLE = 3

_log = structlog.get_logger(__name__)

#: Publishes the whole catalog to the tables that the metrics read.
Publish = Callable[[CampusCatalog], None]


#: For rows that belong to no delivery.
ALONE = Delivery()


class CampusStore:
    """Writes the roster and the consents. Every method raises StoreUnavailable when PostgreSQL does not answer.

    :param publish: called with the whole catalog at each change. If it fails, the change stays, and the
        next :meth:`publish` or :meth:`catch_up` repeats it. None if another process publishes
    """

    def __init__(self, pool: Pool, pseudonyms: Pseudonyms, publish: Publish | None) -> None:
        self._pool, self._pseudonyms, self._publish = pool, pseudonyms, publish
        self._publishing = threading.Lock()
        self._published: int | None = None

    def pseudonym(self, external_id: str) -> bytes:
        """The pseudonym of a person."""
        return self._pseudonyms.of(external_id)

    def put_people(self, people: Sequence[Person]) -> None:
        """Add or change people; the last row about a person holds."""
        if people:
            self._change([("put_people", {"rows": tell_people(people, self._pseudonyms)})])

    def put_courses(self, courses: Sequence[Course], *, keep_parts: bool = False) -> None:
        """Add courses or replace them with all their parts; the last row about a course holds.

        :param keep_parts: change title and dates only, and keep the parts
        """
        if courses:
            statements = _replace_courses(courses, self._pseudonyms)
            self._change(statements[:_WHOLE] if keep_parts else statements)

    def put_organisations(self, organisations: Sequence[Organisation]) -> None:
        """Add or change organisations."""
        self._write([("put_organisations", {"rows": _json(tell_organisations(organisations))})])

    def put_teams(self, teams: Sequence[Team]) -> None:
        """Add teams or replace them with all their people."""
        rows, people = split_teams(teams, self._pseudonyms)
        self._write(
            [
                ("put_teams", {"rows": _json(rows)}),
                ("clear_team_people", {"teams": [row["team_id"] for row in rows]}),
                ("put_team_people", {"rows": _json(people)}),
            ]
        )

    def put_enrolments(self, enrolments: Sequence[Enrolment], delivery: Delivery = ALONE) -> None:
        """Add or change enrolments. They take effect with the next request."""
        rows = _json(tell_enrolments(enrolments, self._pseudonyms))
        self._write([("next_enrolments", {}), ("put_enrolments", {"rows": rows, **_stamp(delivery)})])

    def put_teaching(self, teaching: Sequence[Teaching], delivery: Delivery = ALONE) -> None:
        """Add or change teaching. It takes effect with the next request."""
        rows = _json(tell_teaching(teaching, self._pseudonyms))
        self._write([("put_teaching", {"rows": rows, **_stamp(delivery)})])

    def new_teaching(self, teaching: Sequence[Teaching], today: date) -> list[Grant]:
        """The access that people would gain by these rows."""
        rows = _json(tell_teaching(teaching, self._pseudonyms))
        return self._grants("new_teaching", rows=rows, today=today, listed=False)

    def new_instructors(self, courses: Sequence[Course], today: date) -> list[Grant]:
        """The access that people would gain by the instructors of these courses."""
        rows = _json(split_courses(courses, self._pseudonyms).listed)
        return self._grants("new_teaching", rows=rows, today=today, listed=True)

    def new_leading(self, teams: Sequence[Team]) -> list[Grant]:
        """The access that people would gain by these teams."""
        _, people = split_teams(teams, self._pseudonyms)
        return self._grants("new_leading", rows=_json(people))

    def put_seen(self, seen: Sequence[Seen], delivery: Delivery) -> None:
        """Record that a delivery names these people."""
        enrolled = _json(tell_seen((each for each in seen if each.teaches is not True), self._pseudonyms))
        teaching = _json(tell_seen((each for each in seen if each.teaches is not False), self._pseudonyms))
        stamp = _stamp(delivery)
        self._write(
            [("seen_enrolments", stamp | {"rows": enrolled}), ("seen_teaching", stamp | {"rows": teaching})]
        )

    def put_ends(self, delivery: Delivery, today: date) -> None:
        """End what came from the source of a delivery and is not named by it. It takes effect with the next request."""
        values = _stamp(delivery) | {"today": today}
        self._write([("next_enrolments", {}), ("end_enrolments", values), ("end_teaching", values)])

    def known_missing(self, delivery: Delivery, today: date) -> Missing:
        """How many current rows from the source of a delivery it does not name."""
        return Missing(*self._read("known_missing", **_stamp(delivery), today=today)[0])

    def any_course(self) -> bool:
        """Whether the roster has any course."""
        return bool(self._read("any_course")[0][0])

    def known_courses(self, ids: Iterable[str]) -> set[str]:
        """Those of some courses that exist."""
        return {course for (course,) in self._read("known_courses", ids=list(set(ids)))}

    def known_organisations(self, ids: Iterable[str]) -> set[str]:
        """Those of some organisations that exist."""
        return {organisation for (organisation,) in self._read("known_organisations", ids=list(set(ids)))}

    def put_consents(self, consents: Sequence[ConsentRow]) -> None:
        """Add decisions to the history. Repeating a call adds nothing."""
        if consents:
            rows = tell_consents(consents, self._pseudonyms)
            self._write(
                [
                    ("lock_consents", {}),
                    ("put_consents", {"rows": rows}),
                    ("forget_board_names", {"rows": rows}),
                    ("forget_goals", {"rows": rows}),
                ]
            )

    def people(self, ids: Iterable[str]) -> list[KnownPerson]:
        """People on the roster, by the platform's ids or by pseudonyms as UUIDs."""
        wanted = list(ids)
        return self._find([UUID(text) for text in wanted if is_uuid(text)], wanted)

    def names(self, students: Iterable[bytes]) -> dict[bytes, str]:
        """Names by pseudonym, for people who have one."""
        found = self._find([UUID(bytes=student) for student in students], [])
        return {known.student_id: known.name for known in found if known.name}

    def teams(self, ids: Iterable[str], organisation: str) -> dict[str, str]:
        """Those of some teams that belong to an organisation, with their titles where known."""
        return dict(self._read("teams", teams=list(ids), organisation=organisation))

    def titles(self, courses: Iterable[str]) -> dict[str, str]:
        """Titles of courses, where known."""
        return dict(self._read("titles", courses=list(courses)))

    def find_courses(self, text: str, limit: int) -> dict[str, str]:
        """Courses whose title or id holds a text, with what each is called."""
        return dict(self._read("find_courses", text=text, limit=limit))

    def consents(self, external_id: str) -> list[Decided]:
        """Every decision of a student, oldest first: the last one per purpose holds."""
        student = to_text(self._pseudonyms.of(external_id))
        return [Decided(*row) for row in self._read("list_consents", student=student)]

    def erased_since(self, student: bytes, since: Micros) -> bool:
        """Whether a student was erased at a moment or later."""
        values = {"tombstone": self._pseudonyms.tombstone(student), "since": from_micros(since)}
        ((erased,),) = self._read("erased_since", **values)
        return bool(erased)

    def publish(self) -> bool:
        """Publish the catalog to the tables that the metrics read; if that fails, False and a line in the log."""
        if self._publish is None:
            return False
        with self._publishing:
            # Read before the catalog: a change in between is published again.
            version = self._version()
            try:
                self._publish(self.catalog())
            except CoursepulseError as error:
                self._published = None
                _log.warning("catalog_not_published", error=str(error))
                return False
            self._published = version
        return True

    def version(self) -> int:
        """Another one whenever the catalog or people have changed, at this server or another one."""
        return self._version()

    def catch_up(self) -> bool:
        """Publish changes of another process, or what failed before; True if there was something new."""
        return self._published != self._version() and self.publish()

    def catalog(self) -> CampusCatalog:
        """What the metrics must know, as of now."""
        return CampusCatalog(
            [StudentRow(student.bytes, *rest) for student, *rest in self._read("all_students")],
            [LessonRow(*row) for row in self._read("all_lessons")],
            [VideoRow(*row) for row in self._read("all_videos")],
            [AssessmentRow(*row) for row in self._read("all_assessments")],
        )

    def _version(self) -> int:
        return int(self._read("catalog_version")[0][0])

    def _find(self, students: list[UUID], externals: list[str]) -> list[KnownPerson]:
        rows = self._read("find_people", students=students, externals=externals)
        return [KnownPerson(student.bytes, *rest) for student, *rest in rows]

    def _grants(self, name: str, **values: object) -> list[Grant]:
        return [Grant(person.bytes, what) for what, person in self._read(name, **values)]

    def _read(self, name: str, **values: object) -> list[tuple[Any, ...]]:
        with translate_errors("The campus"), self._pool.connection() as connection:
            return connection.execute(_QUERIES[f"campus_{name}"], values).fetchall()

    def _change(self, statements: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Write changes of the catalog and publish it."""
        # Last: another writer of the roster then waits only for the rest of our transaction.
        self._write([*statements, ("count_change", {})])
        self.publish()

    def _write(self, statements: Iterable[tuple[str, dict[str, Any]]]) -> None:
        with translate_errors("The campus"), self._pool.connection() as connection, connection.transaction():
            for name, values in statements:
                connection.execute(_QUERIES[f"campus_{name}"], values)


class ConsentFeed:
    """Passes new decisions of students to the collector.

    :param apply: receives decisions, of which the last about a student and purpose holds
    """

    def __init__(self, pool: Pool, apply: Callable[[Iterable[ConsentDecision]], None]) -> None:
        self._pool, self._apply = pool, apply
        self._seen = 0
        self._polling = threading.Lock()

    def poll(self) -> None:
        """Pass on what is new (everything the first time), in constant memory.

        :raises StoreUnavailable: nothing is lost; the next poll starts at the same place
        """
        with self._polling, translate_errors("The consents"), self._pool.connection() as connection:
            row = connection.execute(_QUERIES["campus_newest_consent"]).fetchone()
            newest = row[0] if row else 0
            if newest > self._seen:
                self._hand_over(connection)
                self._seen = newest

    def _hand_over(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        with connection.transaction(), connection.cursor("changed_consents") as cursor:
            cursor.itersize = 20_000
            cursor.execute(_QUERIES["campus_changed_consents"], {"after": self._seen})
            self._apply(
                ConsentDecision(student.bytes, _PURPOSES[purpose], granted)
                for student, purpose, granted in cursor
            )


def _replace_courses(courses: Sequence[Course], pseudonyms: Pseudonyms) -> list[tuple[str, dict[str, Any]]]:
    tables = split_courses(courses, pseudonyms)
    rows = _json(tables.courses)
    statements: list[tuple[str, dict[str, Any]]] = [
        ("next_enrolments", {}),
        ("move_starts", {"rows": rows}),
        ("put_courses", {"rows": rows}),
    ]
    ids = [row["course_id"] for row in tables.courses]
    for part in _PARTS:
        statements.append((f"clear_{part}", {"courses": ids}))
        statements.append((f"put_{part}", {"rows": _json(getattr(tables, part))}))
    return statements


def _stamp(delivery: Delivery) -> dict[str, Any]:
    return {"source": delivery.source, "delivery": delivery.number}


def _json(rows: object) -> str:
    return msgspec.json.encode(rows).decode()

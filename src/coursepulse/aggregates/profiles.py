"""One row per student in PostgreSQL, for lists and for other systems: what ClickHouse knows, summed up."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from clickhouse_connect.driver.client import Client

from coursepulse.aggregates import readers
from coursepulse.aggregates.learner_rows import RISK, Judge, LearnerRow, read_learners
from coursepulse.aggregates.readers import RollupReader
from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.activity import local_times, local_today, zone_of
from coursepulse.definitions.consistency import consistency_score
from coursepulse.definitions.risk import judge_risk
from coursepulse.definitions.stats import mean
from coursepulse.kit.clock import Clock, Micros, from_micros, system_clock
from coursepulse.kit.ids import NIL, to_text
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

#: On PostgreSQL.
QUERIES = Queries("coursepulse.aggregates.postgres")

_DAY = timedelta(days=1)

#: The queries behind a profile, beside ``profile_days``.
_PARTS = (*RISK, "profile_courses", "profile_answers")

#: Students looked at together, in search of profiles to make again.
_PAGE = 2_000


class Gathered(NamedTuple):
    """What is known about some students.

    :param members: which of them is in which course now
    """

    profiles: list[Row]
    members: list[Row]


class Profiles:
    """Keeps ``student_analytics_profiles`` and ``course_members``.

    Rows are replaced whole, so renewing twice changes nothing.

    ``version`` is that of the profiles written: a position up to which the rollups of learners, of
    which they are made, are known to have come.

    :param open_client: opens a ClickHouse client; called once in each thread that renews
    """

    def __init__(self, open_client: Callable[[], Client], pool: Pool, clock: Clock = system_clock) -> None:
        self._rollups = RollupReader(open_client, readers.QUERIES)
        self._pool = pool
        self._clock = clock

    def refresh(self, students: Collection[bytes], version: int) -> int:
        """Renew the profiles of these students; returns how many have one.

        :raises StoreUnavailable: when a database does not answer; nothing was renewed
        """
        now = self._clock()
        wanted = [to_text(student) for student in students]
        profiles, members = self._gather(wanted, now, version)
        put, put_member, clear = (
            QUERIES[name].encode() for name in ("put_profile", "put_member", "clear_members")
        )
        with (
            translate_errors("PostgreSQL profiles"),
            self._pool.connection() as connection,
            connection.transaction(),
        ):
            connection.cursor().executemany(put, profiles)
            connection.execute(clear, {"students": [UUID(student) for student in wanted]})
            connection.cursor().executemany(put_member, members)
        # If somebody has withdrawn consent meanwhile, the older profile was dropped before this one was written.
        left = self._rollups.rows("profile_left", {"students": wanted})
        if left:
            self.drop([row["student_id"].bytes for row in left])
        return len(profiles)

    def due(self) -> Iterator[bytes]:
        """Students whose profile is missing, older than their days, or from an earlier UTC day.

        Scores depend on the day: a student who falls silent is more at risk every day. Students are searched for as
        they are taken.

        :raises StoreUnavailable: when a database does not answer; the search has ended
        """
        midnight = datetime.combine(from_micros(self._clock()).date(), time(), UTC)
        for page in self._pages():
            made = self._made([row["student_id"] for row in page])
            for row in page:
                version, updated_at = made.get(row["student_id"], (-1, midnight))
                if version < row["version"] or updated_at < midnight:
                    yield row["student_id"].bytes

    def rebuild(self, version: int) -> None:
        """Make every profile again, and drop those of students with nothing known about them any more.

        :param version: larger than that of any earlier call
        :raises StoreUnavailable: when a database does not answer
        """
        for page in self._pages():
            self.refresh([row["student_id"].bytes for row in page], version)
        with translate_errors("PostgreSQL profiles"), self._pool.connection() as connection:
            connection.execute(QUERIES["drop_old_profiles"].encode(), {"version": version})
            connection.execute(QUERIES["drop_old_members"].encode())

    def drop(self, students: Collection[bytes]) -> None:
        """Remove the profiles of these students, and what ties instructors to them.

        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        values = {"students": [UUID(bytes=student) for student in students]}
        with (
            translate_errors("PostgreSQL profiles"),
            self._pool.connection() as connection,
            connection.transaction(),
        ):
            for name in ("drop_profiles", "clear_members"):
                connection.execute(QUERIES[name].encode(), values)

    def _pages(self) -> Iterator[list[Row]]:
        """Everybody who agrees, by id, with the version of the newest of the days."""
        values = {"after": to_text(NIL), "some": _PAGE}
        while page := self._rollups.rows("profile_students", values):
            yield page
            values["after"] = str(page[-1]["student_id"])

    def _made(self, students: list[UUID]) -> dict[UUID, tuple[int, datetime]]:
        query = QUERIES["profiles_made"].encode()
        with translate_errors("PostgreSQL profiles"), self._pool.connection() as connection:
            found = connection.execute(query, {"students": students})
            return {student: (version, updated_at) for student, version, updated_at in found}

    def _ended(self, courses: list[str], day: date) -> list[str]:
        query = QUERIES["ended_courses"].encode()
        with translate_errors("PostgreSQL profiles"), self._pool.connection() as connection:
            found = connection.execute(query, {"courses": courses, "day": day})
            return [course for (course,) in found]

    def _gather(self, students: list[str], now: Micros, version: int) -> Gathered:
        moment = from_micros(now)
        values: dict[str, Any] = {"students": students, "start": moment.date(), "end": moment.date() + _DAY}
        days = self._rollups.rows("profile_days", values)
        values["courses"] = sorted({course for row in days for course in row["courses"]})
        values["over"] = self._ended(values["courses"], moment.date())
        found = {name: self._rollups.rows(name, values) for name in _PARTS}
        learners, courses = _by_student(found)
        judge = Judge(now, found)
        answers = {row["student_id"]: row["accuracy"] for row in found["profile_answers"]}
        profiles = [
            {"student_id": student, "updated_at": moment, "version": version}
            | {"quiz_accuracy": answers.get(student)}
            | sum_days(row, now)
            | sum_courses(courses[student])
            | sum_results(learners[student], judge)
            for row in days
            for student in [row["student_id"]]
        ]
        here = [row for rows in courses.values() for row in rows if not row["gone"]]
        return Gathered(
            profiles, [{"student_id": row["student_id"], "course_id": row["course_id"]} for row in here]
        )


def _by_student(found: QueryRows) -> tuple[dict[UUID, list[LearnerRow]], dict[UUID, list[Row]]]:
    learners: dict[UUID, list[LearnerRow]] = defaultdict(list)
    courses: dict[UUID, list[Row]] = defaultdict(list)
    for learner in read_learners(found):
        learners[learner.row["student_id"]].append(learner)
    for row in found["profile_courses"]:
        courses[row["student_id"]].append(row)
    return learners, courses


def sum_results(learners: Sequence[LearnerRow], judge: Judge) -> Row:
    """Scores over all courses, and the highest risk among the courses that the student is in."""
    return {
        "overall_avg_score": mean(score for one in learners for score in one.scores),
        "at_risk_score": max(
            (judge_risk(judge.inputs(one)).score for one in learners if one.here), default=None
        ),
    }


def sum_days(row: Row, now: Micros) -> Row:
    """What follows from when a student learned. Hours and weekdays are those of the student's own clock."""
    zone = zone_of(row["zone"])
    moments = list(local_times(row["quarters"], zone))
    minutes = row["seconds"] / 60
    return {
        "total_time_spent_hours": minutes / 60,
        "avg_daily_minutes": minutes / row["days_active"] if row["days_active"] else 0.0,
        "preferred_hour": _commonest(moment.hour for moment in moments),
        "preferred_day": _commonest(moment.isoweekday() for moment in moments),
        "learning_consistency_score": consistency_score(
            {moment.date() for moment in moments}, local_today(now, zone)
        ),
        "last_activity_at": row["last_activity_at"],
    }


def _commonest(values: Iterable[int]) -> int | None:
    """The commonest value, the smallest among equals."""
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value), default=None)


def sum_courses(rows: Sequence[Row]) -> Row:
    """What follows from the courses of a student. A completed course is not active, and not dropped."""
    enrolled = [row for row in rows if row["enrolled_at"] is not None]
    completed = [row for row in rows if row["declared_at"] is not None or row["all_lessons"]]
    open_ones = [row for row in enrolled if row not in completed]
    took = [_days_taken(row) for row in completed if row["enrolled_at"] is not None]
    return {
        "first_enrollment_at": min((row["enrolled_at"] for row in enrolled), default=None),
        "total_enrollments": len(enrolled),
        "active_enrollments": sum(not row["gone"] for row in open_ones),
        "completed_courses": len(completed),
        "dropped_courses": sum(row["gone"] for row in open_ones),
        "avg_course_completion_days": mean(took),
    }


def _days_taken(row: Row) -> float:
    """Days from the first enrolment to the platform's word, else to the end of the day of the last lesson."""
    done: datetime = row["declared_at"] or _end_of(row["last_lesson_on"])
    taken: timedelta = done - row["enrolled_at"]
    return max(0.0, taken / _DAY)


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) + _DAY

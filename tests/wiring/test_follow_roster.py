"""The enrolments of the roster on their way to the numbers, in any order with the events and after any stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from coursepulse.aggregates.learners import LearnerRollups
from coursepulse.aggregates.profiles import Profiles
from coursepulse.campus.courses import Course
from coursepulse.campus.deliveries import Delivery
from coursepulse.campus.enrolments import Enrolment, Status
from coursepulse.jobs.followers import RosterFollower
from coursepulse.kit.clock import from_micros, system_clock
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.privacy.erasable import DataSubject, ErasureMode
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.clickhouse.erasure import ClickhouseErasure
from coursepulse.store.clickhouse.roster import RosterCopy
from coursepulse.store.postgres.campus import CampusStore
from coursepulse.store.postgres.connect import open_pool
from coursepulse.store.postgres.enrolments import RosterFeed
from coursepulse.store.postgres.raw import PostgresRawStore
from coursepulse.stream.changed_keys import ChangedKeys
from tests.metrics.rollup_rows import empty_tables
from tests.metrics.small_course import Line, events
from tests.support.campus_world import World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server

CLASS, OTHER, TEAM = "maths", "physics", "new"
TODAY = from_micros(system_clock()).date()
SCRIPT: list[Line] = [
    ("ann", "03-02 09:00:00", "a1", "lesson_start", {"lesson_id": "l1"}),
    ("bob", "03-02 09:00:00", "", "course_unenroll", {}),
    ("eve", "03-03 09:00:00", "", "course_enroll", {}),
]


class School:
    """A campus with two classes, and what takes the roster to the numbers; each turn is taken by hand."""

    def __init__(self, world: World) -> None:
        self.world, pool = world, world.pool
        by_name = cast(Pseudonyms, SimpleNamespace(of=pseudonym, tombstone=lambda student: student))
        self.campus = CampusStore(pool, by_name, None)
        self.campus.put_courses([Course(course_id=CLASS), Course(course_id=OTHER)])
        self.seen: list[bytes] = []
        self.start()

    def start(self) -> None:
        """A new process: what was remembered is gone."""
        client, pool = self.world.clickhouse, self.world.pool
        self.changed_keys = ChangedKeys()
        self.copy, self.learners = RosterCopy(client), LearnerRollups(client)
        self.follow = RosterFollower(
            RosterFeed(pool),
            self.copy,
            self.learners,
            PostgresRawStore(pool),
            self.changed_keys,
            self.seen.extend,
        )

    def enrol(self, *names: str, course: str = CLASS, delivery: Delivery | None = None, **said: Any) -> None:
        rows = [Enrolment(course_id=course, external_id=name, **said) for name in names]
        self.campus.put_enrolments(rows, *([delivery] if delivery else []))

    def learn(self) -> None:
        self.world.take_in(events(SCRIPT))

    def enrolled(self, course: str = CLASS, **wish: Any) -> int:
        [row] = self.world.ask("course_summary", course=course, **wish)
        return int(row["learners_enrolled"])

    def names(self, course: str = CLASS) -> list[str]:
        found = {row["student_id"].bytes for row in self.world.ask("course_students", course=course)}
        return [name for name in ("ann", "bob", "cal", "eve") if pseudonym(name) in found]

    def numbers(self) -> list[Any]:
        """Everything that enrolments can change."""
        ask, people = self.world.ask, [pseudonym(name) for name in ("ann", "bob", "cal", "eve")]
        return [
            *(
                ask(metric, course=CLASS)
                for metric in ("course_summary", "course_students", "course_lessons")
            ),
            *(
                ask(metric, student=each)
                for each in people
                for metric in ("student_summary", "student_courses")
            ),
            *(ask(metric) for metric in ("platform_summary", "courses")),
            ask("retention", start=date(2026, 3, 2)),
            ask("team_summary", team=TEAM),
        ]


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        yield World(client, pool, system_clock())


@pytest.fixture
def school(world: World) -> School:
    empty(world)
    world.team(TEAM, "acme", "cal")
    return School(world)


def empty(world: World) -> None:
    empty_tables(world.clickhouse)
    for table in ("enrolments", "courses", "student_analytics_profiles", "course_members"):
        with world.pool.connection() as connection:
            connection.execute(f"TRUNCATE {table} CASCADE".encode())


def test_who_has_not_begun_is_in_the_class_and_everywhere(school: School) -> None:
    school.learn()
    school.enrol("ann", "cal", starts_on=TODAY - timedelta(days=30))
    school.follow.refresh()
    cal = pseudonym("cal")
    assert (school.enrolled(), school.names()) == (3, ["ann", "cal", "eve"])
    [risk] = [row for row in school.world.ask("course_risk", course=CLASS) if row["student_id"].bytes == cal]
    assert dict(risk["reasons"]).keys() >= {"never_active"}
    [own] = school.world.ask("student_courses", student=cal)
    began = datetime.combine(TODAY - timedelta(days=30), datetime.min.time(), UTC)
    assert (own["course_id"], own["status"], own["enrolled_at"]) == (CLASS, "enrolled", began)
    [row] = school.world.ask("courses")
    assert (row["course_id"], row["learners_enrolled"]) == (CLASS, 3)
    assert school.world.metrics.identify(str(school.world.uuid(cal))) == cal
    assert set(school.seen) == {pseudonym("ann"), cal}
    with school.changed_keys.students.turn() as due:
        assert due == {pseudonym("ann"), cal}


def test_profiles_know_who_has_not_begun(school: School) -> None:
    school.enrol("cal")
    school.follow.refresh()
    profiles = Profiles(lambda: school.world.clickhouse, school.world.pool)
    assert list(profiles.due()) == [pseudonym("cal")]
    assert profiles.refresh([pseudonym("cal")], 1) == 1
    assert list(profiles.due()) == []
    with school.world.pool.connection() as connection:
        query = (
            "SELECT total_enrollments, active_enrollments, last_activity_at FROM student_analytics_profiles"
        )
        assert connection.execute(query.encode()).fetchall() == [(1, 1, None)]
        query = "SELECT course_id FROM course_members"
        assert connection.execute(query.encode()).fetchall() == [(CLASS,)]


def test_a_move_changes_both_classes_and_a_doubled_row_nothing(school: School) -> None:
    source = "school"
    for course, names in ((CLASS, ("ann", "bob", "cal")), (OTHER, ("eve",))):
        school.enrol(*names, course=course, delivery=Delivery(source, UUID(int=1)))
    school.follow.refresh()
    assert (school.enrolled(), school.enrolled(OTHER)) == (3, 1)
    later = Delivery(source, UUID(int=2))
    change = RosterFeed(school.world.pool).newest()
    school.enrol("bob", "bob", "cal", delivery=later)
    assert not list(RosterFeed(school.world.pool).changed(change, change + 9))
    school.enrol("ann", "eve", course=OTHER, delivery=later)
    school.campus.put_ends(later, TODAY)
    school.follow.refresh()
    assert (school.enrolled(), school.enrolled(OTHER)) == (2, 2)
    assert [row["status"] for row in school.world.ask("student_courses", student=pseudonym("ann"))] == [
        "left",
        "enrolled",
    ]


def test_an_end_counts_from_its_day_and_can_be_taken_back(school: School) -> None:
    school.enrol("ann", starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 4))
    school.follow.refresh()
    on = {day: school.enrolled(end=date(2026, 3, day)) for day in (2, 3, 5, 6)}
    assert on == {2: 0, 3: 1, 5: 1, 6: 0}
    school.enrol("ann", starts_on=date(2026, 3, 2))
    school.follow.refresh()
    assert school.enrolled() == 1
    school.enrol("ann", starts_on=date(2026, 3, 2), status=Status.ENDED)
    school.follow.refresh()
    assert (school.enrolled(), school.enrolled(end=TODAY)) == (0, 1)


def test_an_enrolment_without_a_day_begins_with_its_course(school: School) -> None:
    school.enrol("ann")
    school.follow.refresh()
    assert (school.enrolled(), school.enrolled(end=TODAY)) == (1, 0)
    school.campus.put_courses([Course(course_id=CLASS, starts_on=TODAY - timedelta(days=5))])
    school.follow.refresh()
    assert (school.enrolled(end=TODAY), school.enrolled(end=TODAY - timedelta(days=5))) == (1, 0)


def test_in_whatever_order_roster_and_events_come_the_numbers_are_the_same(school: School) -> None:
    def first(school: School) -> None:
        school.enrol("ann", "bob", starts_on=date(2026, 3, 2))
        school.follow.refresh()

    def second(school: School) -> None:
        school.enrol("cal", "eve", starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 4))
        school.follow.refresh()

    steps: Sequence[Callable[[School], None]] = (first, second, School.learn)
    numbers = []
    for order in list(permutations(steps))[::2]:
        empty(school.world)
        fresh = School(school.world)
        for step in (*order, order[0]):
            step(fresh)
        numbers.append(fresh.numbers())
    assert all(each == numbers[0] for each in numbers)
    assert (school.enrolled(), school.names()) == (2, ["ann", "bob"])


def test_who_does_not_agree_is_counted_and_not_listed(school: School) -> None:
    school.enrol("ann", "bob")
    school.world.clickhouse.insert("not_agreed", [(str(school.world.uuid(pseudonym("ann"))), 1, 0)])
    try:
        school.follow.refresh()
        assert (school.enrolled(), school.names()) == (2, ["bob"])
    finally:
        school.world.clickhouse.command("TRUNCATE TABLE not_agreed")


def test_staff_on_the_roster_are_no_learners(school: School) -> None:
    school.world.enrol_people({}, [pseudonym("ann")])
    school.enrol("ann", "bob")
    school.follow.refresh()
    assert (school.enrolled(), school.names()) == (1, ["bob"])


def test_what_a_stop_cut_off_is_taken_in_after_the_start(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    school.enrol("ann", "bob")
    school.follow.refresh()

    def stop(*_: Any, **__: Any) -> None:
        raise StoreUnavailable("cut off")

    monkeypatch.setattr(school.learners, "refresh", stop)
    school.enrol("cal")
    with pytest.raises(StoreUnavailable):
        school.follow.refresh()
    assert school.enrolled() == 2
    school.start()
    school.learners.refresh_stale(0)
    school.follow.refresh()
    assert (school.enrolled(), school.names()) == (3, ["ann", "bob", "cal"])


def test_a_rebuild_keeps_who_has_not_begun(school: School) -> None:
    school.enrol("ann", "cal", starts_on=date(2026, 3, 2))
    school.follow.refresh()
    school.learn()
    school.learners.rebuild(99)
    assert school.names() == ["ann", "cal", "eve"]


@pytest.mark.parametrize(("mode", "left"), [(ErasureMode.ANONYMISE, 2), (ErasureMode.DELETE, 1)])
def test_an_erasure_reaches_the_copy_and_counts_it(school: School, mode: ErasureMode, left: int) -> None:
    school.enrol("ann", "bob")
    school.follow.refresh()
    who = DataSubject(student=pseudonym("ann"), replacement=bytes(range(16)), salt="salt")
    receipt = {line.store: line.rows for line in ClickhouseErasure(school.world.clickhouse).erase(who, mode)}
    assert receipt["ClickHouse roster_enrolments"] == 1
    rows = school.world.clickhouse.query("SELECT student_id FROM roster_enrolments FINAL").result_rows
    assert pseudonym("ann") not in {student.bytes for (student,) in rows}
    assert (len(rows), school.enrolled()) == (left, left)

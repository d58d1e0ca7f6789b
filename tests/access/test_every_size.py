"""Who stands in a list is the same for a class of five and one of five thousand: on real stores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from uuid import uuid4

import msgspec
import pytest

from coursepulse.access.viewer import Role
from coursepulse.campus.courses import Course
from coursepulse.campus.enrolments import Enrolment, Status, Teaching
from coursepulse.campus.organisations import Organisation
from coursepulse.campus.people import Person
from coursepulse.insight.models_kept import KeptModel, ModelsKept
from coursepulse.insight.predictions import Prediction, Predictions
from coursepulse.kit.clock import to_micros
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.metric import Param, Scope
from coursepulse.metrics.query import Query
from coursepulse.stream.processor import Changes, Output, make_id
from coursepulse.stream.processors.sessions import LiveSession
from tests.access.faculty import Faculty
from tests.access.test_teams import share
from tests.metrics.small_course import NOW
from tests.support.campus_world import World, pseudonym
from tests.support.long import LONG

SIZES = (5, 99, 101, 5000) if LONG else (5, 99, 101)
LISTS = [slug for slug, metric in METRICS.items() if metric.named and metric.scope is Scope.COURSE]

#: The last two of a class: one removed by the roster, one who left by an event.
ENDED, LEFT = "s0", "s1"


#: Of what is said about consents; each takes the place of what was said before.
_versions = count(1, 2)


def members(size: int) -> list[str]:
    return [f"s{n}" for n in range(size)]


def fill_class(world: World, size: int) -> None:
    """A class in which everybody enrolled, learned on two days, asked, answered, and is in now; one then left."""
    course, today = f"class-{size}", NOW.date()
    days = [today - timedelta(days=ago) for ago in (2, 0)]
    said = [(NOW - timedelta(days=9), "course_enroll")]
    gone = (NOW - timedelta(hours=1), "course_unenroll")
    learned, enrolled, asked, live = [], [], [], []
    moment = to_micros(NOW)
    for who in members(size):
        student = world.uuid(pseudonym(who))
        learned += [(course, student, day, 1, 3, 3, 60_000_000) for day in days]
        steps = [(day, 60_000_000, 1, True, NOW) for day in days]
        asked.append((course, "forum_post", who, student, NOW - timedelta(days=2), student))
        enrolled.append((course, student, 1, NOW, steps, [*said, gone] if who == LEFT else said))
        session = LiveSession(student.bytes, course.encode(), moment, moment, course)
        live.append(
            Output(make_id("session", student.bytes, course.encode()), "session", moment + 1, session)
        )
    world.live.apply(Changes(live, []))
    names = ("course_id", "student_id", "day", "version", "events", "learning_events", "time_video")
    for table in ("student_course_days", "student_days"):
        world.clickhouse.insert(table, learned, column_names=names)
    columns = ("course_id", "student_id", "version", "learned_at", "days", "enrolments")
    world.clickhouse.insert("learner_courses", enrolled, column_names=columns)
    acts = ("course_id", "event_type", "item_id", "student_id", "at", "event_id")
    world.clickhouse.insert("course_acts", asked, column_names=acts)
    answered = (
        "course_id",
        "assessment_id",
        "question_id",
        "student_id",
        "attempt",
        "at",
        "event_id",
        "correct",
    )
    answers = [
        (course, "q1", "1", student, 1, NOW - timedelta(days=2), student, True) for _, student, *_ in enrolled
    ]
    world.clickhouse.insert("quiz_answers", answers, column_names=answered)
    world.clickhouse.insert("course_assessments", [(course, "q1", "quiz", 60, NOW, 1, 0)])


@pytest.fixture(scope="module")
def classes(filled: World) -> World:
    for size in SIZES:
        fill_class(filled, size)
    model = KeptModel("m1", to_micros(NOW), NOW.date(), shown=True, why="", card={})
    ModelsKept(filled.pool).note(model, [])
    ModelsKept(filled.pool).crown("m1", to_micros(NOW))
    return filled


@pytest.fixture
def school(classes: World, faculty: Faculty) -> Faculty:
    """Tom teaches all classes; the roster has taken one student out of each of them."""
    for size in SIZES:
        course = f"class-{size}"
        faculty.roster.put_courses([Course(course_id=course)], keep_parts=True)
        faculty.roster.put_teaching([Teaching(course_id=course, external_id="tom")])
        ended = Enrolment(course_id=course, external_id=ENDED, status=Status.ENDED)
        faculty.roster.put_enrolments([ended])
    return faculty


def listed(school: Faculty, query: Query, role: Role, *, export: bool) -> set[bytes]:
    table = school.world.metrics.run(query, school.tied(role), export=export)
    if Param.LIMIT in METRICS[query.metric].takes:
        assert table.total == len(table.rows)
    return {row["student_id"].bytes for row in table.records()}


def predict(world: World, size: int) -> None:
    """A model says something of everybody who was ever in the class."""
    said = [
        Prediction(f"class-{size}", pseudonym(who), 0.5, b"the same", {"known": 1}) for who in members(size)
    ]
    Predictions(world.pool).put("m1", said, to_micros(NOW))


def draw_all_to_wait(world: World, size: int) -> None:
    """Everybody who was ever in the class was drawn to wait for a message."""
    drawn = uuid4()
    with world.pool.connection() as connection, connection.cursor() as cursor:
        course = (drawn, f"class-{size}", 1, NOW - timedelta(days=3), "tom")
        cursor.execute(
            "INSERT INTO message_draws (draw_id, course_id, seed, at, account) VALUES (%s, %s, %s, %s, %s)",
            course,
        )
        arms = [(drawn, world.uuid(pseudonym(who))) for who in members(size)]
        cursor.executemany(
            "INSERT INTO message_arms (draw_id, student_id, at_once) VALUES (%s, %s, false)", arms
        )


@contextmanager
def told_apart(world: World, metric: str, size: int) -> Iterator[None]:
    """Those who did not agree stand in a list of their own: for that one nobody of the class agrees."""
    students = [world.uuid(pseudonym(who)) for who in members(size)] if metric == "course_not_agreed" else []
    say = next(_versions)
    if students:
        world.clickhouse.insert("not_agreed", [(student, say, 0) for student in students])
    if metric == "course_predictions":
        predict(world, size)
    if metric == "course_message_waits":
        draw_all_to_wait(world, size)
    yield
    if students:
        world.clickhouse.insert("not_agreed", [(student, say + 1, 1) for student in students])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("metric", LISTS)
def test_a_list_is_of_those_in_the_class_today(school: Faculty, metric: str, size: int) -> None:
    expected = {pseudonym(who) for who in members(size)} - {pseudonym(ENDED), pseudonym(LEFT)}
    now = Query(metric=metric, course=f"class-{size}")
    past = msgspec.structs.replace(now, start=date(2026, 3, 2), end=date(2026, 3, 9))
    with told_apart(school.world, metric, size):
        for query in (now, past) if Param.FROM in METRICS[metric].takes else (now,):
            for export in (False, True):
                assert listed(school, query, Role.INSTRUCTOR, export=export) == expected, (query, export)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("metric", LISTS)
def test_an_admin_lists_opened_records_alone(school: Faculty, metric: str, size: int) -> None:
    query = Query(metric=metric, course=f"class-{size}")
    with told_apart(school.world, metric, size):
        assert listed(school, query, Role.ADMIN, export=False) == set()
        school.open(school.tied(Role.ADMIN), pseudonym("s3"))
        assert listed(school, query, Role.ADMIN, export=True) == {pseudonym("s3")}


@pytest.mark.parametrize("size", SIZES)
def test_a_manager_lists_those_who_share(school: Faculty, size: int) -> None:
    school.roster.put_organisations([Organisation(organisation_id="acme")])
    school.roster.put_people([Person(external_id="tom", organisation_id="acme")])
    school.world.team("sales", "acme", *members(size))
    with school.world.pool.connection() as connection:
        lead = "INSERT INTO team_people VALUES ('sales', %s, true)"
        connection.execute(lead, [school.world.uuid(pseudonym("tom"))])
    share(school, "s2")
    share(school, "stranger")
    query = Query(metric="team_members", team="sales")
    for export in (False, True):
        assert listed(school, query, Role.MANAGER, export=export) == {pseudonym("s2")}


@pytest.mark.parametrize("size", SIZES)
def test_events_that_tell_of_more_people_than_were_asked_about_add_nobody(school: Faculty, size: int) -> None:
    course, asked = f"class-{size}", [pseudonym(who) for who in members(size)]
    everybody = [*asked, pseudonym("stranger")]
    found = school.relations.enrolled(course, asked, lambda _, __: everybody)
    assert found == set(asked) - {pseudonym(ENDED)}

"""The campus in a real PostgreSQL and a real ClickHouse."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.campus.catalog import CampusCatalog
from coursepulse.campus.consents import ConsentRow
from coursepulse.campus.courses import Assessment, AssessmentKind, Course, Lesson, Video
from coursepulse.campus.people import Person, PlatformRole
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.kit.ids import to_text
from coursepulse.privacy.consent import ConsentDecision, ConsentRegister, Purpose
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.clickhouse.dimensions import Dimensions
from coursepulse.store.postgres.campus import CampusStore, ConsentFeed
from coursepulse.store.postgres.connect import Pool

PSEUDONYMS = Pseudonyms(b"a secret of the tests")
STATISTICS = Course(
    course_id="stats",
    title="Statistics",
    lessons=(Lesson(lesson_id="l1"), Lesson(lesson_id="l2")),
    videos=(Video(video_id="v1", lesson_id="l1", duration_s=90.0),),
    assessments=(
        Assessment(assessment_id="q1", pass_mark=70.0, due_at=datetime(2026, 5, 1, tzinfo=UTC)),
        Assessment(assessment_id="a1", kind=AssessmentKind.ASSIGNMENT),
    ),
    instructors=("ada",),
)


class Published:
    """Where the catalog goes in these tests; it may be made to fail."""

    def __init__(self) -> None:
        self.last = CampusCatalog([], [], [], [])
        self.broken = False

    def __call__(self, catalog: CampusCatalog) -> None:
        if self.broken:
            raise StoreUnavailable("ClickHouse does not answer")
        self.last = catalog


@pytest.fixture
def published() -> Published:
    return Published()


@pytest.fixture
def campus(pool: Pool, published: Published) -> CampusStore:
    return CampusStore(pool, PSEUDONYMS, published)


def decide(at: int, *, granted: bool, who: str = "ann", purpose: str = "analytics") -> ConsentRow:
    return ConsentRow(
        external_id=who, purpose=purpose, granted=granted, source="test", at=datetime(2026, 1, at, tzinfo=UTC)
    )


def test_people_are_known_by_either_id(campus: CampusStore) -> None:
    campus.put_people(
        [Person(external_id="ann", name="Ann", time_zone="Asia/Kolkata"), Person(external_id="bo")]
    )
    pseudonym = PSEUDONYMS.of("ann")
    assert [known.external_id for known in campus.people(["bo", to_text(pseudonym), "nobody"])] == [
        "ann",
        "bo",
    ]
    assert campus.names([pseudonym, PSEUDONYMS.of("bo")]) == {pseudonym: "Ann"}


def test_the_last_row_about_a_person_holds(campus: CampusStore) -> None:
    campus.put_people([Person(external_id="ann", name="Old"), Person(external_id="ann", name="New")])
    campus.put_people([Person(external_id="ann", name="Newer", role=PlatformRole.STAFF)])
    [known] = campus.people(["ann"])
    assert (known.name, known.is_staff) == ("Newer", True)


def test_a_pseudonym_is_never_the_id(campus: CampusStore, published: Published) -> None:
    ids = ["ann", "0123456789abcdef", "00000000-0000-0000-0000-000000000001"]
    campus.put_people([Person(external_id=external) for external in ids])
    students = {student.student_id for student in published.last.students}
    assert students == {PSEUDONYMS.of(external) for external in ids}
    assert not students & {external.encode() for external in ids}
    assert not {to_text(student) for student in students} & set(ids)


def test_a_course_is_replaced_whole(campus: CampusStore, published: Published) -> None:
    campus.put_courses([STATISTICS, Course(course_id="other", lessons=(Lesson(lesson_id="l1"),))])
    campus.put_courses([STATISTICS])
    campus.put_courses([Course(course_id="stats", lessons=(Lesson(lesson_id="l2"), Lesson(lesson_id="l1")))])
    assert sorted(published.last.lessons) == [("other", "l1", 0), ("stats", "l1", 1), ("stats", "l2", 0)]
    assert published.last.videos == []


def test_a_failing_clickhouse_loses_nothing(campus: CampusStore, published: Published) -> None:
    published.broken = True
    campus.put_people([Person(external_id="ann")])
    published.broken = False
    assert published.last.students == []
    assert campus.catch_up()
    assert [student.student_id for student in published.last.students] == [PSEUDONYMS.of("ann")]


def test_what_another_process_changes_is_published_here(
    pool: Pool, campus: CampusStore, published: Published
) -> None:
    collector = CampusStore(pool, PSEUDONYMS, None)
    campus.put_people([Person(external_id="ann")])
    assert not campus.catch_up()
    collector.put_people([Person(external_id="bo")])
    assert not collector.catch_up()
    assert campus.catch_up()
    assert {student.student_id for student in published.last.students} == {
        PSEUDONYMS.of("ann"),
        PSEUDONYMS.of("bo"),
    }
    collector.put_courses([STATISTICS])
    assert campus.catch_up()
    assert published.last.lessons
    assert not campus.catch_up()


def test_consents_keep_their_history(campus: CampusStore) -> None:
    late, early = decide(9, granted=False), decide(2, granted=True)
    campus.put_consents([late])
    campus.put_consents([early, late])
    assert [(row.at.day, row.granted) for row in campus.consents("ann")] == [(2, True), (9, False)]


@pytest.mark.parametrize("order", [[2, 9], [9, 2]])
def test_the_last_decision_by_its_own_time_holds(pool: Pool, campus: CampusStore, order: list[int]) -> None:
    register = ConsentRegister()
    feed = ConsentFeed(pool, register.apply)
    for day in order:
        campus.put_consents([decide(day, granted=day == 2)])
        feed.poll()
    assert not register.allows(PSEUDONYMS.of("ann"), Purpose.ANALYTICS)


def test_of_two_decisions_at_one_moment_the_later_arrival_holds(pool: Pool, campus: CampusStore) -> None:
    register = ConsentRegister()
    campus.put_consents([decide(2, granted=False), decide(2, granted=True)])
    ConsentFeed(pool, register.apply).poll()
    assert register.allows(PSEUDONYMS.of("ann"), Purpose.ANALYTICS)


def test_the_feed_hands_over_only_what_is_new(pool: Pool, campus: CampusStore) -> None:
    calls: list[list[ConsentDecision]] = []
    feed = ConsentFeed(pool, _collect(calls))
    campus.put_consents([decide(2, granted=True), decide(2, granted=True, who="bo", purpose="research")])
    feed.poll()
    feed.poll()
    campus.put_consents([decide(3, granted=False)])
    feed.poll()
    assert [len(call) for call in calls] == [2, 1]
    assert calls[1] == [ConsentDecision(PSEUDONYMS.of("ann"), Purpose.ANALYTICS, granted=False)]


def _collect(calls: list[list[ConsentDecision]]) -> Callable[[Iterable[ConsentDecision]], None]:
    return lambda decisions: calls.append(list(decisions))


def test_what_the_collector_could_not_take_comes_again(pool: Pool, campus: CampusStore) -> None:
    register, full = ConsentRegister(), True

    def apply(decisions: Iterable[ConsentDecision]) -> None:
        if full:
            raise OSError("the disk is full")
        register.apply(decisions)

    feed = ConsentFeed(pool, apply)
    campus.put_consents([decide(2, granted=True)])
    with pytest.raises(OSError, match="disk"):
        feed.poll()
    full = False
    feed.poll()
    assert register.allows(PSEUDONYMS.of("ann"), Purpose.ANALYTICS)


def rows(client: Client, table: str, columns: str) -> list[Any]:
    return sorted(client.query(f"SELECT {columns} FROM {table} FINAL").result_rows)


def test_clickhouse_holds_what_postgres_holds(pool: Pool, clickhouse: Client) -> None:
    campus = CampusStore(pool, PSEUDONYMS, Dimensions(lambda: clickhouse).replace)
    campus.put_people(
        [Person(external_id="ann", time_zone="Asia/Kolkata"), Person(external_id="bo", is_test=True)]
    )
    campus.put_courses([STATISTICS])
    students = {
        str(row[0]): row[1:]
        for row in rows(clickhouse, "students", "student_id, time_zone, is_staff, is_test")
    }
    assert students[to_text(PSEUDONYMS.of("ann"))] == ("Asia/Kolkata", False, False)
    assert students[to_text(PSEUDONYMS.of("bo"))] == ("UTC", False, True)
    assert rows(clickhouse, "course_lessons", "lesson_id, place") == [("l1", 0), ("l2", 1)]
    assert rows(clickhouse, "course_videos", "video_id, lesson_id, duration") == [("v1", "l1", 90.0)]
    assert rows(clickhouse, "course_assessments", "assessment_id, kind, pass_mark, due_at IS NULL") == [
        ("a1", "assignment", 60.0, 1),
        ("q1", "quiz", 70.0, 0),
    ]
    assert rows(clickhouse, "time_zones", "time_zone, offsets[-1]") == [("Asia/Kolkata", 19_800), ("UTC", 0)]


def test_what_left_the_catalog_leaves_clickhouse(pool: Pool, clickhouse: Client) -> None:
    campus = CampusStore(pool, PSEUDONYMS, Dimensions(lambda: clickhouse).replace)
    campus.put_courses([STATISTICS])
    campus.put_courses([Course(course_id="stats", lessons=(Lesson(lesson_id="l2"),))])
    assert rows(clickhouse, "course_lessons", "lesson_id, place") == [("l2", 0)]
    assert rows(clickhouse, "course_videos", "video_id") == []
    campus.put_courses([STATISTICS])
    assert rows(clickhouse, "course_lessons", "lesson_id, place") == [("l1", 0), ("l2", 1)]

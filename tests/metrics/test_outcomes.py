"""What came of courses, against counts by hand and the rules they follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from coursepulse.alerts.written import WrittenMessages
from coursepulse.campus.courses import Course, CourseChange, Lesson
from coursepulse.definitions.comparisons import compare_shares
from coursepulse.definitions.outcomes.case_mix import CaseCell, against_expected
from coursepulse.definitions.outcomes.gain import learning_gain
from coursepulse.events.event import Event
from coursepulse.kit.clock import to_micros
from coursepulse.kit.ids import to_bytes
from coursepulse.metrics.evidence.answer import Wanted
from coursepulse.metrics.query import Query
from coursepulse.store.postgres.campus import CampusStore
from coursepulse.store.postgres.connect import open_pool
from tests.reference.catalog import CourseCatalog
from tests.support.campus_world import ADMIN, World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server

if TYPE_CHECKING:
    from coursepulse.privacy.pseudonyms import Pseudonyms

START = datetime(2026, 1, 1, 9, tzinfo=UTC)
END = date(2026, 4, 1)
QUESTIONS = [f"u{number}" for number in range(5)]


def happen(who: str, kind: str, course: str, day: float, **said: Any) -> Event:
    at = to_micros(START + timedelta(days=day))
    name = f"{who} {kind} {course} {at} {said}"
    return Event(to_bytes(name, "event"), kind, at, pseudonym(who), bytes(16), course, **said)


def attend(who: str, course: str, day: float, *, done: float | None = None) -> Iterator[Event]:
    yield happen(who, "course_enroll", course, day)
    if done is not None:
        yield happen(who, "course_complete", course, day + done)


def answer(who: str, attempt: int, right: int, day: float, course: str = "algebra") -> Iterator[Event]:
    for number, question in enumerate(QUESTIONS):
        yield happen(
            who,
            "quiz_answer",
            course,
            day + number / 1000,
            assessment_id="quiz",
            question_id=question,
            correct=number < right,
            attempt=attempt,
        )


NOVICES, VETERANS, LATE = ([f"{kind}-{n}" for n in range(12)] for kind in ("novice", "veteran", "late"))


@pytest.fixture(scope="module")
def campus(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    """Novices and people who completed a course before take algebra; of others it is known how many complete."""
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, to_micros(datetime(2026, 4, 1, 12, tzinfo=UTC)))
        log = [
            event
            for n, who in enumerate(NOVICES)
            for event in attend(who, "algebra", 10, done=20 if n < 5 else None)
        ]
        for n, who in enumerate(VETERANS):
            log += attend(who, "before", 0, done=5)
            log += attend(who, "algebra", 40, done=10 + n if n < 9 else None)
        log += [event for who in LATE for event in attend(who, "algebra", 70, done=5)]
        log += [happen(NOVICES[11], "course_unenroll", "algebra", 15)]
        for n in range(60):
            log += attend(f"else-{n}", "geometry", 10, done=30 if n < 20 else None)
        for n, who in enumerate((*NOVICES, *VETERANS, *LATE)):
            right = n % 4 + 1
            log += answer(who, 1, right, 72)
            log += answer(who, 2, min(5, right + 2), 73) if right < 3 else []
        world.take_in(log)
        yield world
        world.trail.close()


def ask(world: World, metric: str = "course_outcomes", **wish: Any) -> list[dict[str, Any]]:
    return world.ask(metric, end=END, **wish)


def test_outcomes_of_everybody_and_by_month(campus: World) -> None:
    rows = ask(campus, course="algebra")
    told = [(row["part"], row["enrolled"], row["learners"], row["completed"]) for row in rows]
    assert told == [
        ("everybody", 36, 24, 14),
        ("2026-03", 12, 0, 0),
        ("2026-02", 12, 12, 9),
        ("2026-01", 12, 12, 5),
    ]
    assert rows[0]["completed_pct"] == pytest.approx(100 * 14 / 24)
    assert rows[1]["expected_pct"] is None, "nobody has been in it for four weeks"


def test_what_was_expected_is_how_people_like_them_did_elsewhere(campus: World) -> None:
    """Novices are set against geometry's novices, veterans against all that is known: they began with nothing else."""
    rows = ask(campus, course="algebra")
    elsewhere = [CaseCell((9, 0, 0), 60, 20), CaseCell((9, 0, 0), 12, 12)]
    group = [CaseCell((9, 0, 0), 12, 5), CaseCell((6, 1, 1), 12, 9)]
    found = against_expected(group, elsewhere)
    assert found is not None
    assert rows[0]["expected_pct"] == pytest.approx(100 * found.expected)
    assert rows[0]["difference"] == pytest.approx(100 * found.difference.value)
    assert (rows[0]["low"], rows[0]["high"]) == pytest.approx(
        (100 * found.difference.low, 100 * found.difference.high)
    )


def test_the_days_count_those_who_are_still_at_it(campus: World) -> None:
    everybody, *_, january = ask(campus, course="algebra")
    assert january["half_after"] is None, "five of twelve have completed"
    assert everybody["half_after"] == 15
    assert everybody["half_low"] <= 15 <= everybody["half_high"]


def test_each_number_counts_people_who_can_be_shown(campus: World) -> None:
    query = Query(metric="course_outcomes", course="algebra", end=END)
    for place, row in enumerate(ask(campus, course="algebra")):
        key = {"part": row["part"]}
        for column in ("learners", "completed", "enrolled", "completed_pct"):
            explained = campus.metrics.explain(query, Wanted(column, key), ADMIN)
            assert explained.total == row[column], (place, column)


def test_the_gain_is_above_what_chance_would_bring(campus: World) -> None:
    (row,) = ask(campus, "course_gains", course="algebra")
    right = np.array([n % 4 + 1 for n in range(36)])
    first = np.arange(5)[None, :] < right[:, None]
    again = np.flatnonzero(right < 3)
    found = learning_gain(first, again, (right[again] + 2) / 5)
    assert found is not None
    assert row["repeaters"] == len(again) == 18
    assert (row["first_pct"], row["second_pct"]) == pytest.approx((30, 70))
    assert 30 < row["chance_pct"] < 50
    assert row["gain"] == pytest.approx(100 * found.gain.value)
    assert row["low"] < row["gain"] < row["high"]


def test_courses_are_set_against_each_other(campus: World) -> None:
    rows = ask(campus, "platform_outcomes")
    assert {row["course_id"] for row in rows} == {"algebra", "geometry"}, "twelve are too few"
    (algebra,) = (row for row in rows if row["course_id"] == "algebra")
    (same, *_) = ask(campus, course="algebra")
    assert {name: algebra[name] for name in ("learners", "completed", "expected_pct", "low", "high")} == {
        name: pytest.approx(same[name]) for name in ("learners", "completed", "expected_pct", "low", "high")
    }


def test_the_courses_of_an_instructor_are_set_against_those_of_others(campus: World) -> None:
    """One teaches algebra and the small course before it, another the small course alone."""
    first, second = (campus.uuid(pseudonym(each)) for each in ("teacher-1", "teacher-2"))
    for course in ("algebra", "before"):
        campus.title("courses", (course, "", None, None))
    with campus.pool.connection() as connection:
        for teacher, course in ((first, "algebra"), (first, "before"), (second, "before")):
            values = "(course_id, teacher_id) VALUES (%s, %s)"
            connection.execute(f"INSERT INTO teaching {values}".encode(), (course, teacher))
    campus.name(("teacher-1", "Tea Cher"))
    (row,) = ask(campus, "platform_instructors")
    assert (row["instructor"], row["courses"]) == ("Tea Cher", 2)
    assert (row["learners"], row["completed"]) == (36, 26), "twelve alone are too few for a row"
    found = against_expected(
        [CaseCell((9, 0, 0), 12, 5), CaseCell((6, 1, 1), 12, 9), CaseCell((9, 0, 0), 12, 12)],
        [CaseCell((9, 0, 0), 60, 20)],
    )
    assert found is not None
    assert row["difference"] == pytest.approx(100 * found.difference.value)


def come(who: str, day: float, went: float | None) -> Iterator[Event]:
    """Somebody completes the first lesson, and the second so many days later."""
    yield happen(who, "lesson_complete", "rhetoric", day, lesson_id="l1")
    if went is not None:
        yield happen(who, "lesson_complete", "rhetoric", day + went, lesson_id="l2")


@pytest.fixture(scope="module")
def changed(campus: World) -> World:
    """The second lesson was made anew on the last of January, which is day 30."""
    campus.know(CourseCatalog(lessons={"rhetoric": ("l1", "l2", "l3")}))
    change = CourseChange(changed_on=date(2026, 1, 31), lesson_id="l2", title="Shorter")
    lessons = tuple(Lesson(lesson_id=each) for each in ("l1", "l2", "l3"))
    course = Course(course_id="rhetoric", lessons=lessons, changes=(change,))
    CampusStore(campus.pool, cast("Pseudonyms", SimpleNamespace(of=pseudonym)), None).put_courses([course])
    log: list[Event] = []
    for n in range(10):
        log += come(f"old-{n}", 5, 3 if n < 4 else 20)
        log += come(f"between-{n}", 20, 2)
        log += come(f"new-{n}", 31, 14 if n < 9 else None)
        log += come(f"fresh-{n}", 80, None)
        for kind, more in (("old", 1), ("between", 1), ("new", 4), ("fresh", 4)):
            right = n % 4 + 1
            log += answer(f"{kind}-{n}", 1, right, 85, "rhetoric")
            log += answer(f"{kind}-{n}", 2, min(5, right + more), 86, "rhetoric") if n < 5 else []
    campus.take_in(log)
    return campus


def test_who_goes_on_before_and_after_a_change(changed: World) -> None:
    """Those who came shortly before it are not counted, nor those who have had less than two weeks."""
    (row,) = ask(changed, "course_changes", course="rhetoric")
    assert (row["changed_on"], row["lesson_id"], row["what"]) == (date(2026, 1, 31), "l2", "Shorter")
    assert (row["earlier"], row["earlier_pct"], row["later"], row["later_pct"]) == (10, 40, 10, 90)
    assert (row["difference"], row["low"], row["high"]) == pytest.approx(
        tuple(compare_shares(9, 10, 4, 10) or ())
    )
    query = Query(metric="course_changes", course="rhetoric", end=END)
    for column in ("earlier", "later"):
        explained = changed.metrics.explain(query, Wanted(column, {"change": row["change"]}), ADMIN)
        assert explained.total == 10


def test_outcomes_of_each_version_of_a_course(changed: World) -> None:
    """Ten of rhetoric enrolled before the change and had completed the lesson, ten around it, twenty later."""
    rows = {row["part"]: row for row in ask(changed, course="rhetoric")}
    months = {name: row for name, row in rows.items() if len(name) == 7}
    assert [*rows] == ["everybody", "2026-01-31/..", "../2026-01-30", *months]
    assert (rows["../2026-01-30"]["enrolled"], rows["2026-01-31/.."]["enrolled"]) == (20, 20)
    assert sum(row["enrolled"] for row in months.values()) == 40
    query = Query(metric="course_outcomes", course="rhetoric", end=END)
    for part in ("../2026-01-30", "2026-01-31/.."):
        for column in ("learners", "completed", "enrolled"):
            explained = changed.metrics.explain(query, Wanted(column, {"part": part}), ADMIN)
            assert explained.total == rows[part][column], (part, column)
    assert rows["2026-01-31/.."]["learners"] == 10, "those who came eighty days in are not known yet"


def test_gains_of_each_version_of_a_course(changed: World) -> None:
    """Five of each ten took the quiz again: one more was right before the change, and everything since."""
    rows = {row["part"]: row for row in ask(changed, "course_gains", course="rhetoric")}
    assert [*rows] == ["everybody", "2026-01-31/..", "../2026-01-30"]
    assert {part: row["repeaters"] for part, row in rows.items()} == {
        "everybody": 20,
        "2026-01-31/..": 10,
        "../2026-01-30": 10,
    }
    right = np.array([n % 4 + 1 for n in range(10)] * 2)
    first = np.arange(5)[None, :] < right[:, None]
    again = np.array([n for n in range(20) if n % 10 < 5])
    for part, more in (("../2026-01-30", 1), ("2026-01-31/..", 4)):
        found = learning_gain(first, again, np.minimum(5, right[again] + more) / 5)
        assert found is not None
        assert rows[part]["gain"] == pytest.approx(100 * found.gain.value)
    assert rows["../2026-01-30"]["gain"] < rows["everybody"]["gain"] < rows["2026-01-31/.."]["gain"]


@pytest.fixture(scope="module")
def written(campus: World) -> World:
    """On day 40, twenty learners are written to who studied much; forty studied as much and sixty hardly at all."""
    log: list[Event] = []
    for n in range(120):
        days = range(2, 30, 3) if n < 60 else range(2, 20, 9)
        log += [
            happen(f"quiet-{n}", "lesson_start", "logic", day + n % 7 / 10, lesson_id="l1") for day in days
        ]
        if (n < 20 and n % 2 == 0) or (20 <= n < 60 and n % 4 == 0) or n == 119:
            log += [happen(f"quiet-{n}", "lesson_start", "logic", 42, lesson_id="l1")]
    campus.take_in(log)
    at = to_micros(START + timedelta(days=40))
    WrittenMessages(campus.pool).note([(pseudonym(f"quiet-{n}"), "logic") for n in range(20)], "teacher", at)
    return campus


def test_those_written_to_are_set_beside_others_like_them(written: World) -> None:
    (row,) = ask(written, "course_interventions", course="logic", start=date(2026, 1, 1))
    assert (row["written"], row["others"]) == (20, 100)
    assert row["pairs"] >= 15
    assert row["overlap_pct"] == pytest.approx(5 * row["pairs"])
    assert row["apart"] > 1
    assert row["apart_after"] < 0.3
    assert row["back_pct"] == pytest.approx(50, abs=10)
    assert row["others_pct"] > 10, "of all others eleven per cent came back, of those like them a quarter"
    assert row["low"] < row["difference"] < row["high"]


def test_nobody_is_compared_before_the_week_is_over(written: World) -> None:
    early: dict[str, Any] = {"course": "logic", "start": date(2026, 1, 1), "end": date(2026, 2, 15)}
    now, written.now = written.now, to_micros(datetime(2026, 2, 15, tzinfo=UTC))
    assert written.ask("course_interventions", **early) == []
    written.now = now
    assert written.ask("course_interventions", **early | {"end": END}) != []

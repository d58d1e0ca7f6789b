"""What came of each assessment, as the rows of learners keep it day by day, against the Python reference."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import chain

import pytest
from clickhouse_connect.driver.client import Client
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.aggregates.learners import LearnerRollups
from coursepulse.aggregates.rollups import Rollups
from coursepulse.events.event import Event
from coursepulse.events.payloads import REGRADE
from coursepulse.kit.clock import HOUR
from coursepulse.kit.ids import NIL, to_bytes
from tests.metrics.rollup_rows import empty_tables
from tests.reference.assignments import collect_assignments
from tests.reference.attempts import Attempt, Result
from tests.reference.catalog import CourseCatalog
from tests.reference.course_day import CourseDay, course_days
from tests.reference.quizzes import best_scores, collect_quizzes
from tests.support.clickhouse import migrated_database
from tests.support.event_logs import START, STUDENTS
from tests.support.long import examples

ANN = STUDENTS[0]

Best = dict[str, tuple[float | None, int]]


@pytest.fixture(scope="module")
def database(clickhouse_url: str) -> Iterator[Client]:
    with migrated_database(clickhouse_url) as client:
        yield client


@st.composite
def results(draw: st.DrawFn) -> list[Event]:
    """Attempts at two assessments over two days, with regrades between them, several at one moment."""
    return [
        Event(
            to_bytes(f"e{number}", "event"),
            draw(st.sampled_from(["quiz_submit", "assignment_graded"])),
            START + draw(st.sampled_from([0, 1, 2, 2, 25, 26])) * HOUR,
            ANN,
            draw(st.sampled_from([NIL, to_bytes("s1", "session")])),
            "c1",
            assessment_id=draw(st.sampled_from(["q1", "q1", "q2"])),
            score=draw(st.sampled_from([None, 20.0, 60.0, 90.0])),
            passed=draw(st.sampled_from([None, None, True, False])),
            attempt=draw(st.sampled_from([REGRADE, 1, 2])),
        )
        for number in range(draw(st.integers(2, 8)))
    ]


@examples(30)
@given(log=results())
def test_of_each_assessment_the_rows_say_what_the_reference_says(database: Client, log: list[Event]) -> None:
    empty_tables(database)
    renewed = Rollups(database).refresh(log, 1)
    LearnerRollups(database).refresh(renewed.learners, 1)
    days = sorted(course_days(log).values(), key=lambda day: day.day)
    for reached in range(1, len(days) + 1):
        assert stored(database, days[reached - 1].day) == reference(days[:reached])


def stored(client: Client, day: date) -> Best:
    """The best score and the number of attempts of each assessment at the end of a day."""
    rows = client.query(
        "SELECT a.assessment_id, a.best, a.attempts FROM learner_courses FINAL ARRAY JOIN assessments AS a"
        " WHERE a.day <= {day:Date} AND a.until > {day:Date}",
        parameters={"day": day},
    ).result_rows
    return {name: (best, attempts) for name, best, attempts in rows}


def reference(days: list[CourseDay]) -> Best:
    found = [each.results for each in collect_quizzes(days, CourseCatalog()).values()]
    found += [each.grades for each in collect_assignments(days).values()]
    best = best_scores(chain.from_iterable(found))
    tried: dict[str, set[int]] = {}
    for day in days:
        tries: list[Attempt | Result] = [*day.quiz_attempts, *day.quiz_results, *day.submissions, *day.grades]
        for each in tries:
            tried.setdefault(each.assessment_id, set()).add(each.attempt)
    return {name: (best.get(name), len(numbers - {REGRADE})) for name, numbers in tried.items()}

"""A student beside the class on real stores: who counts, who is told, and what a small class hides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.kit.clock import to_micros
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.evidence.answer import Wanted
from coursepulse.metrics.query import Query
from coursepulse.metrics.table import Table
from coursepulse.privacy.consent import Purpose
from coursepulse.store.postgres.connect import open_pool
from tests.metrics.small_course import CATALOG, COURSE, Line, events
from tests.support.campus_world import ADMIN, KEY, World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server

OTHERS = [f"mate-{number:02}" for number in range(40)]
ME = "me"


def learn(who: str, lessons: int, score: int) -> list[Line]:
    """One who enrols, completes the first lessons and hands in a quiz."""
    done: list[Line] = [
        (who, f"03-02 1{number}:00:00", f"{who}-s", "lesson_complete", {"lesson_id": f"l{number + 1}"})
        for number in range(lessons)
    ]
    handed: Line = (who, "03-02 15:00:00", f"{who}-s", "quiz_submit", {"assessment_id": "q1", "score": score})
    return [(who, "03-01 10:00:00", "", "course_enroll", {}), *done, handed]


@pytest.fixture(scope="module")
def course(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    """Forty in a course: a quarter has completed each of no, one, two and three lessons. I have completed all four."""
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, to_micros(datetime(2026, 3, 9, 12, tzinfo=UTC)))
        world.know(CATALOG)
        world.title("courses", (COURSE, "Mathematics", datetime(2026, 3, 1, tzinfo=UTC).date(), None))
        lines = [line for n, who in enumerate(OTHERS) for line in learn(who, n % 4, 20 * (n % 4))]
        world.take_in(events([*lines, *learn(ME, 4, 100)]))
        yield world
        world.trail.close()


@pytest.fixture
def world(course: World) -> Iterator[World]:
    """Everybody has agreed."""
    agree(course, ME, *OTHERS)
    yield course
    with course.pool.connection() as connection:
        connection.execute("TRUNCATE consents, enrolments")


def agree(world: World, *people: str) -> None:
    for who in people:
        for purpose in (Purpose.ANALYTICS, Purpose.CLASS_COMPARISON):
            world.agree(who, purpose)


def stop(world: World, *people: str, purpose: Purpose = Purpose.CLASS_COMPARISON) -> None:
    for who in people:
        world.agree(who, purpose, granted=False)


def viewer(who: str = ME) -> Viewer:
    return Viewer(role=Role.STUDENT, subject=f"account:{who}", student_id=pseudonym(who))


def ask(world: World, who: str = ME, **wish: Any) -> Table:
    return world.metrics.run(Query(metric="student_class", student=pseudonym(who), **wish), viewer(who))


def places(world: World, name: str = "completion", who: str = ME) -> list[float | None]:
    (row,) = ask(world, who).records()
    return [row[f"class_{name}_{place}"] for place in ("low", "median", "high")]


def test_the_own_numbers_stand_beside_the_middle_of_the_others(world: World) -> None:
    (row,) = ask(world).records()
    assert (row["title"], row["completion_pct"], row["score_pct"]) == ("Mathematics", 100, 100)
    # The quartiles of 0, 25, 50 and 75 %, a quarter each: 18.75, 37.5 and 56.25, each rounded to a multiple of 5.
    for found, exact in zip(places(world), (18.75, 37.5, 56.25), strict=True):
        assert found is not None
        assert (found % 5, abs(found - exact) < 5) == (0, True)
    assert row["classmates"] % 5 == 0
    assert abs(row["classmates"] - 40) < 5


def test_no_row_is_about_anybody_else_and_none_is_a_rank(world: World) -> None:
    table = ask(world)
    assert len(table.rows) == 1
    assert not {"rank", "student_id", "name"} & set(table.columns)


def test_asking_again_reveals_nothing_new(world: World) -> None:
    assert len({str(ask(world).records()) for _ in range(5)}) == 1


# Who counts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", [Purpose.CLASS_COMPARISON, Purpose.ANALYTICS])
def test_one_who_stops_sees_nothing_and_counts_no_longer_from_the_next_question_on(
    world: World, purpose: Purpose
) -> None:
    # All who have done nothing: without them the middle of the others is 50 %.
    stop(world, *OTHERS[::4], purpose=purpose)
    middle = places(world)[1]
    assert middle is not None
    assert middle >= 50
    left = ask(world, OTHERS[0])
    assert (left.rows, left.lacks_consent) == ((), purpose)


def test_without_consent_of_my_own_nobody_is_read(world: World) -> None:
    stop(world, ME)
    table = ask(world)
    assert (table.rows, table.lacks_consent) == ((), Purpose.CLASS_COMPARISON)


def test_who_is_off_the_roster_is_not_compared_with(world: World) -> None:
    with world.pool.connection() as connection:
        connection.execute(
            "INSERT INTO enrolments (course_id, student_id, status) SELECT %s, unnest(%s::uuid[]), 'ended'",
            (COURSE, [world.uuid(pseudonym(who)) for who in OTHERS[3::4]]),
        )
    middle = places(world)[1]
    assert middle is not None
    assert middle <= 25


# What a small class hides ---------------------------------------------------------------------------------------------


def test_a_small_class_is_hidden_and_so_is_how_small_it_is(world: World) -> None:
    stop(world, *OTHERS[4:])
    (row,) = ask(world).records()
    assert [row[name] for name in row if name.startswith("class_")] == [None] * 9
    assert row["classmates"] is None
    assert row["completion_pct"] == 100, "the own numbers are no secret"


def test_the_middle_needs_a_group_on_either_side_and_the_quarters_one_in_each(world: World) -> None:
    stop(world, *OTHERS[9:])
    assert places(world) == [None, None, None], "nine, where the middle needs two groups of five"
    agree(world, *OTHERS[9:16])
    low, middle, high = places(world)
    assert (low, high) == (None, None), "sixteen, where the quarters need four groups of five"
    assert middle is not None
    agree(world, *OTHERS[16:23])
    assert None not in places(world), "twenty-three"


def test_what_happens_today_shows_when_the_day_is_over(world: World) -> None:
    before = places(world)
    world.take_in(
        events(
            [line for who in OTHERS for line in _finish(who)]
        )  # all of them, so that rounding cannot hide it
    )
    assert places(world) == before
    world.now += 24 * 3600 * 1_000_000
    assert places(world) != before


def _finish(who: str) -> list[Line]:
    return [
        (who, "03-09 10:00:00", f"{who}-t", "lesson_complete", {"lesson_id": f"l{n}"}) for n in (1, 2, 3, 4)
    ]


# Who is told ----------------------------------------------------------------------------------------------------------

TEACHER = Viewer(role=Role.INSTRUCTOR, subject="account:tom", course_ids=frozenset({COURSE}))


@pytest.mark.parametrize("other", [TEACHER, ADMIN, KEY, viewer(OTHERS[0])], ids=lambda each: each.subject)
def test_nobody_but_the_student_is_told(world: World, other: Viewer) -> None:
    with pytest.raises(RequestError) as caught:
        world.metrics.run(Query(metric="student_class", student=pseudonym(ME)), other)
    assert caught.value.status == 403


def test_the_own_number_has_evidence_and_those_of_the_others_have_none(world: World) -> None:
    def explain(column: str) -> Any:
        query = Query(metric="student_class", student=pseudonym(ME))
        return world.metrics.explain(query, Wanted(column, {"course_id": COURSE}), viewer())

    own = explain("completion_pct")
    assert (own.total, own.value) == (100, 100)
    assert explain("class_completion_median").items == ()

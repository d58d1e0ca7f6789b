"""Next steps that students saw: kept once, and whether those who took them went on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.events.event import Event
from coursepulse.kit.clock import to_micros
from coursepulse.kit.ids import to_bytes
from coursepulse.metrics.finish.messages import tell_pairs
from coursepulse.metrics.finish.steps import ANY
from coursepulse.privacy.consent import Purpose
from coursepulse.store.postgres.connect import open_pool
from coursepulse.store.postgres.shown_steps import NextStep
from tests.reference.catalog import CourseCatalog
from tests.support.campus_world import World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server

START = datetime(2026, 1, 1, 9, tzinfo=UTC)
COURSE = "logic"
#: Of sixty who were told to do the second lesson, twenty did, as far and as busy as the others.
FIRST, SHOWN = [f"s-{n:02}" for n in range(60)], 20
TEACHER = Viewer(role=Role.INSTRUCTOR, subject="teacher", course_ids=frozenset({COURSE}))


def happen(who: str, kind: str, day: float, **said: Any) -> Event:
    at = to_micros(START + timedelta(days=day))
    return Event(to_bytes(f"{who} {kind} {at}", "event"), kind, at, pseudonym(who), bytes(16), COURSE, **said)


def study(n: int, who: str) -> Iterator[Event]:
    """Everybody did the first lesson; some the second, seven days after they saw the step or one day too late."""
    yield happen(who, "course_enroll", n % 5)
    yield happen(who, "lesson_complete", 10 + n % 3, lesson_id="l1")
    if n < 20:
        yield happen(who, "lesson_complete", SHOWN + 7, lesson_id="l2")
    elif n < 30:
        yield happen(who, "lesson_complete", SHOWN + 8, lesson_id="l2")
    if n % 4 == 0 or n < 10:
        yield happen(who, "lesson_start", SHOWN + 21, lesson_id="l3")


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, to_micros(datetime(2026, 3, 1, tzinfo=UTC)))
        world.know(CourseCatalog(lessons={COURSE: ("l1", "l2", "l3")}))
        world.take_in([event for n, who in enumerate(FIRST) for event in study(n, who)])
        step, at = NextStep(COURSE, "go_on", "lesson", "l2"), to_micros(START + timedelta(days=SHOWN))
        for who in FIRST:
            world.agree(who, Purpose.PERSONALISATION)
            world.steps.note(pseudonym(who), [step], at)
        yield world
        world.trail.close()


def ask(world: World, **wish: Any) -> dict[str, dict[str, Any]]:
    rows = world.ask("course_steps", course=COURSE, start=date(2026, 1, 1), **wish)
    return {row["advice"]: row for row in rows}


def test_who_took_a_step_is_set_beside_others_like_them(world: World) -> None:
    found = ask(world)
    assert list(found) == [ANY, "go_on"]
    row = found["go_on"]
    assert (row["learners"], row["followed"]) == (60, 20), "the eighth day is too late"
    assert row["followed_pct"] == pytest.approx(100 / 3)
    assert row["pairs"] >= 10
    assert row["overlap_pct"] == pytest.approx(5 * row["pairs"])
    assert row["went_on_pct"] > row["others_on_pct"]
    assert row["low"] < row["difference"] < row["high"]
    assert found[ANY] == row | {"advice": ANY}


def test_who_did_it_on_the_eighth_day_went_on(world: World) -> None:
    """The two weeks begin after the seven days, so that doing the step is not counted as its own effect."""
    none = world.ask("course_steps", course=COURSE, start=date(2026, 1, 1), end=date(2026, 1, 21))
    assert none == [], "the day itself is not in the period"
    now, world.now = world.now, to_micros(START + timedelta(days=SHOWN + 21))
    assert ask(world) == {}, "the three weeks are not over"
    world.now = now


def test_too_few_are_not_compared() -> None:
    assert set(tell_pairs(None, "went_on_pct", "others_on_pct").values()) == {None}


def test_who_does_not_agree_now_is_in_no_number(world: World) -> None:
    world.agree(FIRST[0], Purpose.PERSONALISATION, granted=False)
    world.clickhouse.insert("not_agreed", [(str(world.uuid(pseudonym(FIRST[1]))), 41, 0)])
    assert (ask(world)["go_on"]["learners"], ask(world)["go_on"]["followed"]) == (58, 18)
    world.agree(FIRST[0], Purpose.PERSONALISATION)
    world.clickhouse.command("TRUNCATE TABLE not_agreed")
    assert ask(world)["go_on"]["learners"] == 60


def test_a_student_who_reads_their_steps_is_kept_and_a_teacher_who_does_is_not(world: World) -> None:
    reader = FIRST[59]
    student = pseudonym(reader)
    own = Viewer(role=Role.STUDENT, subject="own", student_id=student)

    def kept() -> list[tuple[str, str, str]]:
        shown = world.steps.of_course(COURSE, date(2026, 3, 1), date(2026, 3, 2))
        return [(step.advice, step.kind, step.item) for step in shown]

    for viewer in (TEACHER, Viewer(role=Role.SERVICE, subject="key", scopes=frozenset({"read"}))):
        assert world.ask("student_steps", viewer=viewer, student=student, course=COURSE)
        assert kept() == []
    told = [
        (row["advice"], row["kind"], row["item_id"])
        for row in world.ask("student_steps", viewer=own, student=student)
    ]
    assert told
    assert sorted(kept()) == sorted(step for step in told if step != ("go_on", "lesson", "l2"))
    world.ask("student_steps", viewer=own, student=student)
    assert len(kept()) == len(set(kept())), "once, however often it is read"


def test_small_groups_are_hidden_from_those_who_may_not_see_them(world: World) -> None:
    at = to_micros(START + timedelta(days=SHOWN))
    for who in FIRST[:3]:
        world.steps.note(pseudonym(who), [NextStep(COURSE, "begin", "course", COURSE)], at)
    closed = Viewer(role=Role.ADMIN, subject="admin")
    assert set(ask(world)) == {ANY, "begin", "go_on"}
    assert set(ask(world, viewer=closed)) == {ANY, "go_on"}, "three people are no row"

"""The metrics answer the published vectors as the Python definitions do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.readers import RollupReader
from coursepulse.definitions.points import LATELY
from coursepulse.kit.clock import from_micros, to_micros
from coursepulse.kit.ids import to_text
from coursepulse.metrics.finish.leaderboards import ROWS, rank_students
from coursepulse.metrics.readers import ROLLUP_QUERIES
from coursepulse.store.postgres.connect import Pool, open_pool
from tests.definitions.answers import NAMES
from tests.support.campus_world import KEY, USUAL_POINTS, World
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server
from tests.support.vectors import (
    Answer,
    Case,
    Row,
    Vector,
    arbitrated,
    asked_date,
    check_vector,
    load_vectors,
    open_case,
    own_names,
    student_id,
)

#: The questions of the vectors that metrics answer.
ASKED = frozenset(
    ("video_watch", "video_class", "lesson_drop_off", "streak", "consistency", "active", "first_try")
) | {
    "lesson_times",
    "own_lesson_times",
    "engagement",
    "retention",
    "registered",
    "risk",
    "enrolled",
    "points",
    "board",
    "pace",
}


class Asking:
    """How the metrics answer the questions of the vectors."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.answers: dict[str, Answer] = {
            "video_watch": self._watch,
            "video_class": self._class,
            "lesson_drop_off": self._lessons,
            "lesson_times": self._lesson_times,
            "own_lesson_times": self._own_lesson_times,
            "streak": self._streak,
            "consistency": self._streak,
            "enrolled": self._enrolled,
            "active": self._active,
            "first_try": self._first_try,
            "engagement": self._engagement,
            "retention": self._retention,
            "registered": self._registered,
            "risk": self._risk,
            "pace": self._pace,
            "points": self._points,
            "board": self._board,
        }

    def _watch(self, _: Case, row: Row) -> Row:
        rows = self._world.ask("student_videos", student=student_id(row["student"]), course=row["course"])
        found = next((each for each in rows if each["video_id"] == row["video"]), None)
        if found is None:  # nothing was played: the metric has no row
            return {"covered": 0.0, "watched_pct": 0.0, "complete": False, "rewatch": None}
        return found | {"rewatch": found["rewatch_pct"] / 100}

    def _class(self, _: Case, row: Row) -> Row:
        rows = self._world.ask("course_videos", course=row["course"])
        found = next(each for each in rows if each["video_id"] == row["video"])
        curve = self._world.ask("video_dropoff", course=row["course"], video=row["video"])
        shares = [each["remaining_pct"] for each in curve]
        return found | {"drop_off": None if None in shares else [share / 100 for share in shares]}

    def _lessons(self, _: Case, row: Row) -> Row:
        rows = self._world.ask("course_lessons", course=row["course"])
        return {"lessons": [[each["lesson_id"], each["started"], each["completed"]] for each in rows]}

    def _lesson_times(self, _: Case, row: Row) -> Row:
        rows = self._world.ask("course_lesson_times", course=row["course"])
        names = ("lesson_id", "learners", "time_low", "time_median", "time_high")
        return {"lessons": [[each[name] for name in names] for each in rows]}

    def _own_lesson_times(self, _: Case, row: Row) -> Row:
        rows = self._world.ask(
            "student_lesson_times", student=student_id(row["student"]), course=row["course"]
        )
        return {"lessons": [[each["lesson_id"], each["time_spent"]] for each in rows]}

    def _streak(self, _: Case, row: Row) -> Row:
        found = self._world.ask("student_summary", student=student_id(row["student"]))[0]
        return found | {"score": found["consistency"]}

    def _active(self, _: Case, row: Row) -> Row:
        start, end = asked_date(row, "from"), asked_date(row, "to")
        return {"students": self._world.ask("platform_summary", start=start, end=end)[0]["active_learners"]}

    def _enrolled(self, case: Case, row: Row) -> Row:
        """By the names of the vector, in the order of those; the class says as many."""
        end = asked_date(row, "to")
        listed = self._world.ask("course_students", course=row["course"], end=end)
        [summary] = self._world.ask("course_summary", course=row["course"], end=end)
        assert summary["learners_enrolled"] == len(listed)
        name = row["course"].removesuffix("c1")
        ids = {student_id(f"{name}{each}"): each for each in NAMES}
        return {"students": sorted(ids[each["student_id"].bytes] for each in listed)}

    def _first_try(self, _: Case, row: Row) -> Row:
        rows = self._world.ask("question_first_try", course=row["course"])
        key = (row["assessment"], row["question"])
        found = next(each for each in rows if (each["assessment_id"], each["question_id"]) == key)
        return found | {"share": found["first_try_pct"] / 100}

    def _engagement(self, _: Case, row: Row) -> Row:
        week = asked_date(row, "week")
        rows = self._world.ask(
            "course_engagement", course=row["course"], start=week, end=week + timedelta(days=7)
        )
        found = next(each for each in rows if each["student_id"].bytes == student_id(row["student"]))
        names = ("days_active", "time_spent", "lessons", "videos", "quiz_attempts")
        measures = {name: found[name] for name in names}
        return found | {"score": found["engagement_score"], "measures": measures, "learners": len(rows)}

    def _retention(self, _: Case, row: Row) -> Row:
        cohorts: dict[date, Row] = {}
        for each in self._world.ask("retention", step=row["unit"], start=date(2020, 1, 1)):
            cohort = cohorts.setdefault(
                each["cohort"], {"start": each["cohort"], "size": each["learners"], "returned": []}
            )
            cohort["returned"].append(each["returned"])
        return {"cohorts": list(cohorts.values())}

    def _registered(self, _: Case, row: Row) -> Row:
        # The metric has a row for every 28 days: day 27 is day 0 of a course that starts 27 days later.
        day = row["day"] // 28 * 28
        starts_on = asked_date(row, "starts_on") + timedelta(days=row["day"] - day)
        self._world.title("courses", (row["course"], "", starts_on, None))
        rows = self._world.ask("retention_registered", course=row["course"])
        return {"learners": next(each["registered"] for each in rows if each["day"] == day)}

    def _risk(self, _: Case, row: Row) -> Row:
        rows = self._world.ask("course_risk", course=row["course"])
        found = next(each for each in rows if each["student_id"].bytes == student_id(row["student"]))
        return {"score": found["risk_score"], "bucket": found["bucket"], "reasons": dict(found["reasons"])}

    def _pace(self, _: Case, row: Row) -> Row:
        [found] = self._world.ask("student_pace", student=student_id(row["student"]), course=row["course"])
        days = {name: found[name] and str(found[name]) for name in ("finish_from", "finish_to")}
        return found | days

    def _points(self, case: Case, row: Row) -> Row:
        student = student_id(row["student"])
        end = from_micros(case.now).date() + timedelta(days=1)
        values = {
            "course": row["course"],
            "students": [to_text(student)],
            "end": end,
            "ends": [end, end - LATELY],
            "replies": USUAL_POINTS.replies_a_day,
        }
        reader = RollupReader(lambda: self._world.clickhouse, ROLLUP_QUERIES)
        found = {ROWS: reader.rows(ROWS, values)}
        (counted,) = rank_students(found, {student: "ann"}, None, USUAL_POINTS)
        return found[ROWS][0] | counted

    def _board(self, case: Case, row: Row) -> Row:
        """By the names of the vector, which nobody else may have on a leaderboard."""
        name = row["course"].removesuffix("c1")
        everybody = {event.student_id for event in case.events}
        for each in NAMES:
            if student_id(f"{name}{each}") in everybody:
                self._world.join_board(f"{name}{each}", f"{crc32(name.encode())} {each}")
        rows = self._world.ask("course_leaderboard", viewer=KEY, course=row["course"])
        columns = ("rank", "points", "rank_week", "points_week")
        return {"rows": [[each["name"].split()[-1], *(each[column] for column in columns)] for each in rows]}


#: Questions about everybody: each needs stores of its own. All others share one pair, under names of their own.
PLATFORM_WIDE = {"active", "retention", "registered"}

VECTORS = {vector.name: vector for vector in load_vectors()}
ALONE = [vector for vector in VECTORS.values() if PLATFORM_WIDE & vector.expected.keys()]
TOGETHER = [vector for vector in VECTORS.values() if ASKED & vector.expected.keys() - PLATFORM_WIDE]


@pytest.fixture(scope="module")
def campus(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    """All vectors in one campus, taken in at once."""
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, 0)
        cases = [open_case(own_names(vector)) for vector in TOGETHER]
        for case in cases:
            prepare(world, case)
        world.take_in([event for case in cases for event in arbitrated(case.events)])
        for case in cases:
            world.list_learners(case.roster)
        yield world


@pytest.mark.parametrize("vector", TOGETHER, ids=[vector.name for vector in TOGETHER])
def test_vector(vector: Vector, campus: World) -> None:
    campus.now = to_micros(vector.now)
    own = own_names(vector)
    check_vector(open_case(own), answerable(own), Asking(campus).answers)


@pytest.mark.parametrize("vector", ALONE, ids=[vector.name for vector in ALONE])
def test_platform_vector(vector: Vector, clickhouse: Client, pool: Pool) -> None:
    case = open_case(vector)
    world = World(clickhouse, pool, to_micros(vector.now))
    prepare(world, case)
    world.list_learners(case.roster)
    world.take_in(arbitrated(case.events))
    check_vector(case, answerable(vector), Asking(world).answers)


def prepare(world: World, case: Case) -> None:
    """People and catalog, before the events."""
    zones = {student: zone.key for student, zone in case.zones.items() if isinstance(zone, ZoneInfo)}
    world.enrol_people(zones, case.left_out)
    world.know(case.catalog)


def answerable(vector: Vector) -> dict[str, list[Row]]:
    """What the metrics are asked; the rest concerns the view ``student_course_metrics``."""
    return {metric: rows for metric, rows in vector.expected.items() if metric in ASKED}

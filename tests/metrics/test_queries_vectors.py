"""The metrics answer the published vectors as the Python definitions do."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.kit.clock import to_micros
from coursepulse.store.postgres.connect import Pool
from tests.support.campus_world import World
from tests.support.vectors import (
    Answer,
    Case,
    Row,
    Vector,
    asked_date,
    check_vector,
    load_vectors,
    open_case,
    student_id,
)


class Asking:
    """How the metrics answer the questions of the vectors."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.answers: dict[str, Answer] = {
            "video_watch": self._watch,
            "video_class": self._class,
            "lesson_drop_off": self._lessons,
            "streak": self._streak,
            "consistency": self._streak,
            "active": self._active,
            "first_try": self._first_try,
            "engagement": self._engagement,
            "retention": self._retention,
            "registered": self._registered,
            "risk": self._risk,
        }

    def _watch(self, case: Case, row: Row) -> Row:
        rows = self._world.ask("student_videos", student=student_id(row["student"]), course=row["course"])
        found = next((each for each in rows if each["video_id"] == row["video"]), None)
        if found is None:  # nothing was played: the metric has no row
            return {"covered": 0.0, "watched_pct": 0.0, "complete": False, "rewatch": None}
        return found | {"rewatch": found["rewatch_pct"] / 100}

    def _class(self, case: Case, row: Row) -> Row:
        rows = self._world.ask("course_videos", course=row["course"])
        found = next(each for each in rows if each["video_id"] == row["video"])
        curve = self._world.ask("video_dropoff", course=row["course"], video=row["video"])
        shares = [each["remaining_pct"] for each in curve]
        return found | {"drop_off": None if None in shares else [share / 100 for share in shares]}

    def _lessons(self, case: Case, row: Row) -> Row:
        rows = self._world.ask("course_lessons", course=row["course"])
        return {"lessons": [[each["lesson_id"], each["started"], each["completed"]] for each in rows]}

    def _streak(self, case: Case, row: Row) -> Row:
        found = self._world.ask("student_summary", student=student_id(row["student"]))[0]
        return found | {"score": found["consistency"]}

    def _active(self, case: Case, row: Row) -> Row:
        start, end = asked_date(row, "from"), asked_date(row, "to")
        return {"students": self._world.ask("platform_summary", start=start, end=end)[0]["active_learners"]}

    def _first_try(self, case: Case, row: Row) -> Row:
        rows = self._world.ask("question_first_try", course=row["course"])
        key = (row["assessment"], row["question"])
        found = next(each for each in rows if (each["assessment_id"], each["question_id"]) == key)
        return found | {"share": found["first_try_pct"] / 100}

    def _engagement(self, case: Case, row: Row) -> Row:
        week = asked_date(row, "week")
        rows = self._world.ask(
            "course_engagement", course=row["course"], start=week, end=week + timedelta(days=7)
        )
        found = next(each for each in rows if each["student_id"].bytes == student_id(row["student"]))
        names = ("days_active", "time_spent", "lessons", "videos", "quiz_attempts")
        measures = {name: found[name] for name in names}
        return found | {"score": found["engagement_score"], "measures": measures, "learners": len(rows)}

    def _retention(self, case: Case, row: Row) -> Row:
        cohorts: dict[date, Row] = {}
        for each in self._world.ask("retention", step=row["unit"], start=date(2020, 1, 1)):
            cohort = cohorts.setdefault(
                each["cohort"], {"start": each["cohort"], "size": each["learners"], "returned": []}
            )
            cohort["returned"].append(each["returned"])
        return {"cohorts": list(cohorts.values())}

    def _registered(self, case: Case, row: Row) -> Row:
        # The metric has a row for every 28 days: day 27 is day 0 of a course that starts 27 days later.
        day = row["day"] // 28 * 28
        starts_on = asked_date(row, "starts_on") + timedelta(days=row["day"] - day)
        self._world.title("courses", (row["course"], "", starts_on, None))
        rows = self._world.ask("retention_registered", course=row["course"])
        return {"learners": next(each["registered"] for each in rows if each["day"] == day)}

    def _risk(self, case: Case, row: Row) -> Row:
        rows = self._world.ask("course_risk", course=row["course"])
        found = next(each for each in rows if each["student_id"].bytes == student_id(row["student"]))
        return {"score": found["risk_score"], "bucket": found["bucket"], "reasons": dict(found["reasons"])}


VECTORS = load_vectors()


@pytest.mark.parametrize("vector", VECTORS, ids=[vector.name for vector in VECTORS])
def test_vector(vector: Vector, clickhouse: Client, pool: Pool) -> None:
    case = open_case(vector)
    world = World(clickhouse, pool, to_micros(vector.now))
    answers = Asking(world).answers
    expected = {metric: rows for metric, rows in vector.expected.items() if metric in answers}
    zones = {student: zone.key for student, zone in case.zones.items() if isinstance(zone, ZoneInfo)}
    world.enrol_people(zones, case.left_out)
    world.know(case.catalog)
    world.take_in(case.events)
    check_vector(case, expected, answers)

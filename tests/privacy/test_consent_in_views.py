"""Changed consents in what is read beside the metrics: the platform-wide days and the view of a student's days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.profiles import Profiles
from coursepulse.aggregates.rollups import Rollups
from coursepulse.alerts.memory import MemoryAlerts
from coursepulse.compliance.consent_changes import Agreement
from coursepulse.events.event import Event
from coursepulse.jobs.followers import PlatformFollower
from coursepulse.kit.clock import DAY, HOUR, MINUTE, Micros, utc_date
from coursepulse.kit.ids import NIL, to_bytes
from coursepulse.privacy.consent import ConsentDecision, ConsentRegister, Purpose
from coursepulse.store.clickhouse.not_agreed import NotAgreed
from coursepulse.store.postgres.connect import Pool
from coursepulse.stream.changed_keys import ChangedKeys
from tests.alerts.made import alert
from tests.support.campus_world import World
from tests.support.event_logs import START

ANN, BEN = (to_bytes(name, "student") for name in ("ann", "ben"))
TODAY = utc_date(START)


class ConsentHarness:
    """What follows the pipeline and the decisions, without their clocks: each turn is taken by hand."""

    def __init__(self, world: World) -> None:
        self.world, self.client = world, world.clickhouse
        self.register, self.changed_keys = ConsentRegister(), ChangedKeys()
        not_agreed = NotAgreed(self.client, self.register)
        self.rollups = Rollups(self.client, check=not_agreed.check)
        profiles = Profiles(lambda: self.client, world.pool, lambda: world.now)
        self.forgotten: list[bytes] = []
        self.alerts = MemoryAlerts()
        self.agreement = Agreement(
            not_agreed,
            profiles,
            self.changed_keys,
            self.register,
            lambda: None,
            self._forget,
            self.alerts.forget,
            lambda: None,
        )
        self.follow = PlatformFollower(Rollups(self.client), self.changed_keys)

    def _forget(self, student: bytes) -> int:
        self.forgotten.append(student)
        return 1

    def decide(self, student: bytes, *, granted: bool) -> None:
        decision = ConsentDecision(student, Purpose.ANALYTICS, granted)
        self.register.apply([decision])
        self.agreement.apply([decision])
        self.follow.refresh()

    def take_in(self, events: list[Event], version: int) -> None:
        self.rollups.refresh(events, version)
        days = {utc_date(event.at) for event in events}
        self.changed_keys.days.add(days)
        self.follow.refresh()

    def due_days(self) -> set[date]:
        """Days that are due; from now on they are not."""
        with self.changed_keys.days.turn() as days:
            return days

    def platform(self) -> list[tuple[Any, ...]]:
        """Day by day who was active, and how many events there were."""
        query = "SELECT toInt32(day - {first:Date}), active_students, events FROM platform_days FINAL ORDER BY day"
        return self._rows(query)

    def days(self, student: bytes, *columns: str) -> list[tuple[Any, ...]]:
        """A student's rows of the view, in order."""
        wanted = ", ".join(columns)
        query = (
            f"SELECT toInt32(date - {{first:Date}}), {wanted} FROM student_course_metrics "
            "WHERE student_id = {student:UUID} ORDER BY date"
        )
        return self._rows(query, student=str(UUID(bytes=student)))

    def _rows(self, query: str, **values: str) -> list[tuple[Any, ...]]:
        found = self.client.query(query, parameters={"first": TODAY, **values})
        return [tuple(row) for row in found.result_rows]


def event(number: int, student: bytes, kind: str, at: Micros, **facts: Any) -> Event:
    return Event(to_bytes(f"{number}-{student.hex()}", "event"), kind, at, student, NIL, "maths", **facts)


def study(student: bytes) -> list[Event]:
    """A lesson and a quiz on the first day, the start of a lesson on the second, a grade on the third."""
    return [
        event(1, student, "lesson_start", START, lesson_id="l1"),
        event(2, student, "lesson_complete", START + MINUTE, lesson_id="l1"),
        event(3, student, "quiz_submit", START + 2 * MINUTE, assessment_id="q1", attempt=1, score=80.0),
        event(4, student, "lesson_start", START + DAY, lesson_id="l2"),
        event(5, student, "assignment_graded", START + 2 * DAY, assessment_id="a1", attempt=1, score=60.0),
    ]


@pytest.fixture
def harness(clickhouse: Client, pool: Pool) -> ConsentHarness:
    harness = ConsentHarness(World(clickhouse, pool, START + 3 * DAY + HOUR))
    for student in (ANN, BEN):
        harness.decide(student, granted=True)
    harness.take_in(study(ANN) + study(BEN), 5)
    return harness


BOTH = [(0, 2, 6), (1, 2, 2), (2, 0, 2)]
ONE = [(0, 1, 3), (1, 1, 1), (2, 0, 1)]
NOBODY = [(0, 0, 0), (1, 0, 0), (2, 0, 0)]


def test_platform_days_follow_each_change(harness: ConsentHarness) -> None:
    assert harness.platform() == BOTH
    harness.decide(ANN, granted=False)
    assert harness.platform() == ONE
    harness.decide(BEN, granted=False)
    assert harness.platform() == NOBODY
    harness.decide(ANN, granted=True)
    assert harness.platform() == ONE


def test_processors_forget_a_student_once_when_the_consent_is_taken_back(harness: ConsentHarness) -> None:
    harness.decide(ANN, granted=True)
    harness.decide(BEN, granted=True)
    harness.forgotten.clear()
    harness.decide(ANN, granted=True)
    harness.decide(BEN, granted=False)
    harness.decide(BEN, granted=False)
    assert harness.forgotten == [BEN]


def test_only_the_days_of_those_who_changed_are_made_again(harness: ConsentHarness) -> None:
    harness.due_days()
    harness.decide(to_bytes("stranger", "student"), granted=False)
    assert harness.due_days() == set()
    harness.agreement.apply([ConsentDecision(BEN, Purpose.RESEARCH, granted=True)])
    assert harness.due_days() == set()
    harness.register.apply([ConsentDecision(BEN, Purpose.ANALYTICS, granted=False)])
    harness.agreement.apply([ConsentDecision(BEN, Purpose.ANALYTICS, granted=False)])
    assert harness.due_days() == {TODAY + timedelta(days=n) for n in range(3)}


def test_a_rebuild_does_not_freeze_what_a_consent_changes(harness: ConsentHarness) -> None:
    Rollups(harness.client).refresh_platform([TODAY], 99)
    harness.decide(ANN, granted=False)
    assert harness.platform() == ONE


BEHAVIOUR = ("lessons_started", "time_spent_total", "sessions_count", "last_activity_at", "streak_days")
CONTRACT = ("lessons_completed", "quizzes_attempted", "quiz_avg_score")


def test_the_view_of_days_keeps_what_rests_on_contract(harness: ConsentHarness) -> None:
    before = harness.days(ANN, *CONTRACT)
    assert [row[0] for row in before] == [0, 1, 2]
    harness.decide(ANN, granted=False)
    assert harness.days(ANN, *CONTRACT) == [before[0], before[2]]
    assert {value for row in harness.days(ANN, *BEHAVIOUR) for value in row[1:]} == {None}
    assert len(harness.days(BEN, *BEHAVIOUR)) == 3
    assert None not in harness.days(BEN, *BEHAVIOUR)[0]


def test_agreeing_again_brings_the_view_back(harness: ConsentHarness) -> None:
    before = harness.days(ANN, *CONTRACT, *BEHAVIOUR)
    harness.decide(ANN, granted=False)
    harness.decide(ANN, granted=True)
    assert harness.days(ANN, *CONTRACT, *BEHAVIOUR) == before


def test_alerts_about_a_student_go_with_the_consent(harness: ConsentHarness) -> None:
    harness.alerts.put([alert(1, ANN), alert(2, BEN)])
    harness.decide(BEN, granted=False)
    assert [one.student_id for one in harness.alerts.open_of("quiet")] == [ANN]

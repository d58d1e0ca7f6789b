"""Each rule about courses over real stores: raised by what learners do, and cleared by what makes it untrue."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.readers import RollupReader
from coursepulse.alerts.classes import QUERIES
from coursepulse.alerts.course_alerts import CourseAlerts
from coursepulse.alerts.course_reader import CourseReader, Rhythms
from coursepulse.alerts.course_rules import COURSE_RULES
from coursepulse.alerts.known import KnownAlerts
from coursepulse.alerts.store import PostgresAlerts
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, HOUR, MINUTE, Micros, to_micros
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.kit.ids import to_bytes
from coursepulse.store.postgres.connect import Pool
from tests.metrics.small_course import COURSE
from tests.reference.catalog import CourseCatalog
from tests.support.campus_world import World, pseudonym

#: A Wednesday, a little after noon.
NOW = to_micros(datetime(2026, 3, 11, 12, 20, tzinfo=UTC))
LESSONS = ("l1", "l2", "l3")


class Courses:
    """Courses in both stores, and the judge over them; time is moved by hand."""

    def __init__(self, clickhouse: Client, pool: Pool) -> None:
        self.world, self.over, self._sent = World(clickhouse, pool, NOW), list[str](), 0
        self.store = PostgresAlerts(pool, pool)
        self.world.know(CourseCatalog(lessons={COURSE: LESSONS}))
        self.start()

    def start(self) -> None:
        """A new process: what was remembered is gone."""
        rollups = RollupReader(lambda: self.world.clickhouse, QUERIES)
        rhythms = Rhythms(rollups)
        self.judge = CourseAlerts(
            CourseReader(rollups, self._ended, rhythms),
            rhythms,
            KnownAlerts(self.store, COURSE_RULES),
            COURSE_RULES,
            lambda rule, _: rule.defaults(),
            lambda: self.world.now,
        )

    def _ended(self, courses: list[str], day: date) -> list[str]:
        return [course for course in courses if course in self.over]

    def event(self, student: str, kind: str, ago: Micros, **facts: Any) -> Event:
        self._sent += 1
        key, session = (
            to_bytes(f"event {self._sent}", "event"),
            to_bytes(f"{student} {ago // DAY}", "session"),
        )
        facts = {"course_id": COURSE, **facts}
        return Event(key, kind, self.world.now - ago, pseudonym(student), session, **facts)

    def take_in(self, *events: Event) -> None:
        """Events as the pipeline brings them, with the followers behind it."""
        self.world.take_in(list(events))
        self.judge.hear({event.course_id for event in events})
        self.judge.turn()

    def go_on(self, time: Micros) -> None:
        """Time passes, and the judge looks, as each minute."""
        self.world.now += time
        self.judge.turn()

    def kept(self, rule: str) -> list[tuple[str, dict[str, Any]]]:
        """Items and values of the open alerts of a rule."""
        return [(alert.item, dict(alert.values)) for alert in self.store.open_of(rule)]


@pytest.fixture
def courses(clickhouse: Client, pool: Pool) -> Courses:
    return Courses(clickhouse, pool)


def lesson(courses: Courses, number: int, name: str, ago: Micros, *, done: bool = False) -> list[Event]:
    kinds = ["lesson_start", *(["lesson_complete"] if done else [])]
    return [courses.event(f"student {number}", kind, ago, lesson_id=name) for kind in kinds]


def test_a_lesson_where_half_the_class_stops(courses: Courses) -> None:
    """Twelve began the first lesson and completed it, ten the second; of these four went on, and six are silent."""
    events = [each for n in range(12) for each in lesson(courses, n, "l1", 10 * DAY, done=True)]
    events += [each for n in range(10) for each in lesson(courses, n, "l2", 9 * DAY)]
    events += [each for n in range(4) for each in lesson(courses, n, "l3", 9 * DAY)]
    courses.take_in(*events)
    assert courses.kept("lesson_stops") == [("l2", {"stopped": 6, "began": 10})]
    # Two of them come back: four of ten are no half.
    courses.take_in(*(each for n in (4, 5) for each in lesson(courses, n, "l2", 0)))
    assert courses.kept("lesson_stops") == []


def test_who_is_still_at_a_lesson_has_not_stopped_there_until_a_week_has_passed(courses: Courses) -> None:
    courses.take_in(*(each for n in range(10) for each in lesson(courses, n, "l1", DAY)))
    assert courses.kept("lesson_stops") == []
    courses.world.now += 6 * DAY
    courses.judge.expect([COURSE])
    courses.judge.turn()
    assert courses.kept("lesson_stops") == [("l1", {"stopped": 10, "began": 10})]


def test_who_completed_the_course_or_did_not_agree_stops_nowhere_and_who_left_does_at_once(
    courses: Courses,
) -> None:
    events = [each for n in range(10) for each in lesson(courses, n, "l1", DAY)]
    events += [courses.event(f"student {n}", "course_unenroll", HOUR) for n in range(5)]
    courses.take_in(*events)
    assert courses.kept("lesson_stops") == [("l1", {"stopped": 5, "began": 10})]
    courses.take_in(courses.event("student 0", "course_complete", 0))
    assert courses.kept("lesson_stops") == []
    courses.world.clickhouse.insert("not_agreed", [(str(UUID(bytes=pseudonym("student 9"))), 1, 0)])
    courses.judge.expect([COURSE])
    courses.judge.turn()
    # Of nine, too few to be told of.
    assert courses.kept("lesson_stops") == []


def answers(
    courses: Courses, question: str, numbers: range, *, right: bool, ago: Micros = HOUR
) -> list[Event]:
    place = {"assessment_id": "quiz", "question_id": question}
    return [courses.event(f"student {n}", "quiz_answer", ago, correct=right, **place) for n in numbers]


def test_a_question_nobody_gets_right(courses: Courses) -> None:
    courses.take_in(
        *answers(courses, "hard", range(9), right=False), *answers(courses, "easy", range(12), right=True)
    )
    assert courses.kept("nobody_right") == []
    courses.take_in(*answers(courses, "hard", range(9, 10), right=False))
    assert courses.kept("nobody_right") == [("quiz", {"count": 1, "questions": "hard"})]
    # To get it right in the end is to get it right.
    courses.take_in(*answers(courses, "hard", range(1), right=True, ago=0))
    assert courses.kept("nobody_right") == []


def test_answers_of_long_ago_say_nothing_about_a_question_that_was_mended(courses: Courses) -> None:
    courses.take_in(*answers(courses, "hard", range(20), right=False, ago=27 * DAY))
    assert courses.kept("nobody_right") != []
    courses.world.now += 2 * DAY
    courses.judge.expect([COURSE])
    courses.judge.turn()
    assert courses.kept("nobody_right") == []


#: On Wednesdays the class learns at half past nine, ten and eleven.
TEN_PAST_NINE = NOW - 3 * HOUR - 10 * MINUTE


def wednesdays(courses: Courses, weeks: list[int], learners: int = 12) -> list[Event]:
    return [
        courses.event(
            f"student {n}", "lesson_start", week * 7 * DAY - hour * HOUR - 20 * MINUTE, lesson_id="l1"
        )
        for week in weeks
        for hour in range(3)
        for n in range(learners)
    ]


def test_a_course_from_which_nothing_comes_when_there_usually_is_something(courses: Courses) -> None:
    courses.world.now = TEN_PAST_NINE
    courses.take_in(*wednesdays(courses, [1, 2, 3, 4]), *lesson(courses, 1, "l1", MINUTE))
    courses.go_on(2 * HOUR + 49 * MINUTE)
    assert courses.kept("course_silent") == []
    # A new process knows from the store when the course was last heard of.
    courses.start()
    courses.go_on(MINUTE)
    assert courses.kept("course_silent") == [("", {"silent_s": 7200, "expected": 24})]
    # What comes late has come, whenever it happened.
    courses.take_in(*lesson(courses, 2, "l1", 2 * HOUR))
    assert courses.kept("course_silent") == []


@pytest.mark.parametrize(
    ("weeks", "learners", "over"),
    [([1, 2, 4], 12, False), ([1, 2, 3, 4], 9, False), ([1, 2, 3, 4], 12, True)],
)
def test_silence_says_nothing_after_a_holiday_in_a_small_course_or_after_its_end(
    courses: Courses, weeks: list[int], learners: int, over: bool
) -> None:
    courses.world.now = TEN_PAST_NINE
    courses.take_in(*wednesdays(courses, weeks, learners))
    courses.over += [COURSE] if over else []
    courses.go_on(4 * HOUR)
    assert courses.kept("course_silent") == []


def test_on_a_new_day_what_is_usual_is_read_again(courses: Courses) -> None:
    courses.world.now = TEN_PAST_NINE
    courses.take_in(*wednesdays(courses, [1, 2, 3]), *wednesdays(courses, [0]))
    courses.go_on(4 * HOUR)
    assert courses.kept("course_silent") == []
    courses.world.now = TEN_PAST_NINE + 7 * DAY
    courses.take_in(*lesson(courses, 1, "l1", 0))
    courses.go_on(4 * HOUR)
    assert courses.kept("course_silent") != []


def test_learners_who_completed_the_course_in_this_week(courses: Courses) -> None:
    early = [courses.event(f"student {n}", "course_complete", 3 * DAY) for n in range(20, 30)]
    courses.take_in(*early, *(courses.event(f"student {n}", "course_complete", DAY) for n in range(4)))
    assert courses.kept("course_finished") == []
    courses.take_in(*(each for name in LESSONS for each in lesson(courses, 4, name, 0, done=True)))
    assert courses.kept("course_finished") == [("", {"finished": 5})]
    courses.take_in(courses.event("student 5", "course_complete", 2 * DAY))
    assert courses.kept("course_finished") == [("", {"finished": 6})]
    courses.world.now += 5 * DAY
    courses.judge.expect([COURSE])
    courses.judge.turn()
    assert courses.kept("course_finished") == []


def test_a_course_whose_database_does_not_answer_is_judged_later(
    courses: Courses, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = True

    def put(*_: object) -> None:
        if broken:
            raise StoreUnavailable("away")
        PostgresAlerts.put(courses.store, *_)  # type: ignore[arg-type]

    monkeypatch.setattr(courses.store, "put", put)
    with pytest.raises(StoreUnavailable):
        courses.take_in(*answers(courses, "hard", range(10), right=False))
    broken = False
    courses.go_on(MINUTE)
    assert courses.kept("nobody_right") != []

"""Learners are judged when they do something, and when time alone decides: midnight, due dates, other thresholds."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.readers import RollupReader
from coursepulse.alerts import learner_sweep
from coursepulse.alerts.classes import QUERIES, Classes
from coursepulse.alerts.facts import LearnerFacts
from coursepulse.alerts.known import KnownAlerts
from coursepulse.alerts.learner_alerts import LearnerAlerts
from coursepulse.alerts.learner_reader import LearnerReader
from coursepulse.alerts.learner_rules import LEARNER_RULES
from coursepulse.alerts.learner_sweep import CourseTimes, LearnerSweep
from coursepulse.alerts.rule import Finding, LearnerCondition, Rule, Values
from coursepulse.alerts.store import PostgresAlerts
from coursepulse.kit.clock import DAY, HOUR, MINUTE, SECOND, from_micros, to_micros
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.store.postgres.connect import Pool
from tests.alerts.made import rule
from tests.metrics.small_course import ANN, BEN, BENS_REST, COURSE, CY, DEE, NOW, SAM, events, fill
from tests.support.campus_world import World, pseudonym

#: When the essay of the small course will be due.
ESSAY = to_micros(NOW) + 5 * HOUR + 30 * MINUTE


class Learners:
    """The small course in real stores, and the judges over it; time is moved by hand."""

    def __init__(self, world: World, rules: tuple[Rule, ...] = LEARNER_RULES) -> None:
        self.world, self.rules = world, rules
        self.store = PostgresAlerts(world.pool, world.pool)
        self.over, self.begun = list[str](), list[list[str]]()
        self.set: dict[str, float] = {}
        self.start()

    def start(self) -> None:
        """A new process: what was remembered is gone."""
        rollups = RollupReader(lambda: self.world.clickhouse, QUERIES)
        self.times = CourseTimes(lambda _: HOUR)
        reader = LearnerReader(rollups, Classes(rollups, self._ended, self.times.change))
        self.known = KnownAlerts(self.store, self.rules)
        self.alerts = LearnerAlerts(
            reader, self.known, self.rules, self._values, self.clock, elapsed=lambda: self.elapsed
        )
        self.elapsed = 0
        self.sweep = LearnerSweep(self.alerts, rollups, self.times, self.clock, self.begun.append)

    def clock(self) -> int:
        return self.world.now

    def _ended(self, courses: list[str], day: date) -> list[str]:
        return [course for course in courses if course in self.over]

    def _values(self, rule: Rule, course: str) -> Values:
        return {
            **rule.defaults(),
            **{name: value for name, value in self.set.items() if name in rule.defaults()},
        }

    def pass_time(self, time: int, turns: int = 4) -> None:
        """Time passes, and the sweep takes its turns."""
        self.world.now += time
        for _ in range(turns):
            self.sweep.turn()

    def told(self, rule: str) -> set[bytes | None]:
        """The students with an open alert of a rule."""
        return {alert.student_id for alert in self.store.open_of(rule)}


@pytest.fixture
def world(clickhouse: Client, pool: Pool) -> World:
    world = World(clickhouse, pool, to_micros(NOW))
    fill(world)
    return world


@pytest.fixture
def learners(world: World) -> Learners:
    return Learners(world)


def test_after_a_start_everybody_is_judged(learners: Learners) -> None:
    learners.pass_time(0)
    # Dee never came, and Ben's score is low. Cy has left, Sam is a test account.
    assert learners.told("missed_due") == {DEE}
    assert learners.told("struggling") == {BEN, DEE}
    assert learners.begun == [[COURSE]]


def test_the_touched_are_judged_at_once_and_nobody_else(learners: Learners) -> None:
    learners.alerts.touch({(COURSE, BEN), ("", ANN)})
    assert learners.told("struggling") == {BEN}
    learners.world.take_in(events(BENS_REST))
    learners.elapsed += SECOND
    learners.alerts.touch({(COURSE, BEN)})
    # With the last lesson he has completed the course.
    assert learners.told("struggling") == set()


def test_what_comes_fast_is_judged_together(learners: Learners) -> None:
    learners.alerts.touch({(COURSE, ANN)})
    learners.elapsed += SECOND // 10
    learners.alerts.touch({(COURSE, BEN)})
    assert learners.told("struggling") == set()
    learners.elapsed += SECOND // 2
    learners.alerts.touch(())
    assert learners.told("struggling") == {BEN}


def test_time_alone_makes_students_inactive_each_after_four_of_their_own_gaps(learners: Learners) -> None:
    """Ann's gap is 3.5 days. Nobody knows that of Ben, who came once, and of Dee, who never came: then it is a week."""
    learners.pass_time(14 * DAY)
    assert learners.told("inactive") == set()
    learners.pass_time(12 * HOUR - SECOND)
    assert learners.told("inactive") == set()
    learners.pass_time(SECOND)
    assert learners.told("inactive") == {ANN}
    learners.pass_time(6 * DAY)
    assert learners.told("inactive") == {ANN, DEE}


def test_between_midnights_nobody_is_judged_for_nothing(learners: Learners) -> None:
    learners.pass_time(0)
    learners.pass_time(11 * HOUR)
    assert len(learners.begun) == 1
    learners.pass_time(HOUR)
    assert len(learners.begun) == 2


def test_a_changed_threshold_holds_at_once(learners: Learners) -> None:
    learners.pass_time(21 * DAY)
    assert learners.told("inactive") == {ANN, DEE}
    learners.set = {"gaps": 3.0}
    learners.times.change_all()
    learners.pass_time(0)
    assert learners.told("inactive") == {ANN, BEN, DEE}


def test_a_due_date_that_passes_is_judged_when_its_grace_is_over(learners: Learners) -> None:
    essay = (COURSE, "essay", "assignment", 60.0, from_micros(ESSAY), 1, 0)
    learners.world.clickhouse.insert("course_assessments", [essay])
    learners.pass_time(0)
    before = learners.told("missed_due")
    learners.pass_time(5 * HOUR + 30 * MINUTE)
    assert learners.told("missed_due") == before
    learners.pass_time(59 * MINUTE)
    assert learners.told("missed_due") == before
    learners.pass_time(MINUTE)
    assert learners.told("missed_due") == {ANN, BEN, DEE}


def test_a_due_date_that_is_put_off_is_missed_by_nobody(learners: Learners) -> None:
    learners.pass_time(0)
    assert learners.told("missed_due") == {DEE}
    key = (COURSE, "q1", "quiz", 60.0, datetime(2026, 3, 20, tzinfo=UTC), 2, 0)
    learners.world.clickhouse.insert("course_assessments", [key])
    learners.pass_time(MINUTE)
    assert learners.told("missed_due") == {DEE}
    learners.sweep.note_catalog()
    learners.pass_time(0)
    assert learners.told("missed_due") == set()


def test_a_class_that_fills_up_is_seen_as_large_as_it_is(learners: Learners) -> None:
    learners.alerts.touch({(COURSE, DEE)})
    assert learners.told("missed_due") == {DEE}
    newcomers = [f"newcomer {number}" for number in range(5)]
    learners.world.take_in(events([(name, "03-01 08:00:00", "", "course_enroll", {}) for name in newcomers]))
    learners.elapsed += SECOND
    learners.world.now += SECOND
    learners.alerts.touch({(COURSE, pseudonym(name)) for name in newcomers})
    # Of eight two have handed in: the work is optional, and nobody has missed it.
    assert learners.told("missed_due") == {DEE}
    learners.pass_time(0)
    assert learners.told("missed_due") == set()


def test_nobody_is_compared_with_a_class_in_which_they_were_not_yet(
    learners: Learners, monkeypatch: pytest.MonkeyPatch
) -> None:
    newcomers = [f"newcomer {number}" for number in range(5)]
    enrolled = events([(name, "03-01 08:00:00", "", "course_enroll", {}) for name in newcomers])
    read = Classes.of

    def read_before_they_come(*given: Any) -> Any:
        found = read(*given)
        learners.world.take_in(enrolled)
        return found

    monkeypatch.setattr(Classes, "of", read_before_they_come)
    learners.alerts.touch({(COURSE, DEE), *((COURSE, pseudonym(name)) for name in newcomers)})
    assert learners.told("missed_due") == {DEE}


@pytest.mark.parametrize("reason", ["left", "refused", "over", "removed"])
def test_nothing_is_left_of_who_is_not_to_be_told_of(learners: Learners, reason: str) -> None:
    learners.pass_time(0)
    assert BEN in learners.told("struggling")
    refuse(learners, reason)
    learners.pass_time(DAY)
    assert BEN not in learners.told("struggling")
    [kept] = [one for one in learners.store.open_of("struggling", cleared_after=0) if one.student_id == BEN]
    assert kept.cleared_at is not None


def refuse(learners: Learners, reason: str) -> None:
    world = learners.world
    if reason == "left":
        world.take_in(events([("ben", "03-09 11:00:00", "", "course_unenroll", {})]))
    if reason == "refused":
        world.clickhouse.insert("not_agreed", [(str(UUID(bytes=BEN)), 1, 0)])
    if reason == "over":
        learners.over.append(COURSE)
    if reason == "removed":
        world.clickhouse.command(
            "DELETE FROM learner_courses WHERE student_id = %(id)s", {"id": str(UUID(bytes=BEN))}
        )


def test_a_course_with_new_events_is_judged_again_after_an_hour(learners: Learners) -> None:
    learners.pass_time(0)
    learners.times.touch({COURSE})
    learners.pass_time(59 * MINUTE)
    assert len(learners.begun) == 1
    learners.pass_time(MINUTE)
    assert len(learners.begun) == 2


def test_a_large_course_is_judged_a_few_learners_at_a_time(
    learners: Learners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learner_sweep, "SLICE", 2)
    learners.pass_time(0, turns=1)
    first = {*learners.told("struggling"), *learners.told("missed_due")}
    learners.pass_time(0, turns=2)
    assert first < {*learners.told("struggling"), *learners.told("missed_due")} == {BEN, DEE}
    assert len(learners.begun) == 1


def test_who_cannot_be_judged_now_is_judged_later(
    learners: Learners, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_to_answer(*_: Any) -> None:
        raise StoreUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(learners.store, "put", refuse_to_answer)
        # The rollups of learners must not wait for alerts.
        learners.alerts.touch({(COURSE, BEN)})
        with pytest.raises(StoreUnavailable):
            learners.sweep.turn()
    assert learners.told("struggling") == set()
    learners.sweep.turn()
    assert BEN in learners.told("struggling")


def test_a_rule_that_fails_for_one_student_is_told_of_the_others(world: World) -> None:
    def find(facts: LearnerFacts, values: Values) -> list[Finding]:
        return [Finding(since=1 // (facts.student_id != ANN))]

    learners = Learners(world, (rule("everybody", condition=LearnerCondition(find)),))
    learners.alerts.touch({(COURSE, student) for student in (ANN, BEN, CY, DEE, SAM)})
    assert learners.told("everybody") == {BEN, DEE}


def test_a_process_that_starts_again_goes_on_with_the_same_alerts(learners: Learners) -> None:
    learners.pass_time(0)
    before = {alert.alert_id for rule in LEARNER_RULES for alert in learners.store.open_of(rule.name)}
    learners.start()
    learners.pass_time(HOUR)
    assert {alert.alert_id for rule in LEARNER_RULES for alert in learners.store.open_of(rule.name)} == before

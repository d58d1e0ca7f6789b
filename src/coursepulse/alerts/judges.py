"""Applies rules to learners, courses and the platform: all rules except those over streaks of events."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.readers import RollupReader
from coursepulse.alerts.catalog import RULES
from coursepulse.alerts.classes import QUERIES, Classes, EndedCourses
from coursepulse.alerts.course_alerts import CourseAlerts
from coursepulse.alerts.course_reader import CourseReader, Rhythms
from coursepulse.alerts.known import KnownAlerts
from coursepulse.alerts.learner_alerts import LearnerAlerts
from coursepulse.alerts.learner_reader import LearnerReader
from coursepulse.alerts.learner_rules import MISSED_DUE
from coursepulse.alerts.learner_sweep import CourseTimes, LearnerSweep
from coursepulse.alerts.platform_alerts import PlatformAlerts
from coursepulse.alerts.platform_reader import PipelineBacklog, PlatformReader, RefusedLately
from coursepulse.alerts.port import OnChanged
from coursepulse.alerts.rule import About, EventStreak
from coursepulse.alerts.store import PostgresAlerts
from coursepulse.alerts.thresholds import CourseThresholds
from coursepulse.collect.dead_letters import DeadLetterQueue
from coursepulse.kit.clock import Clock, Micros
from coursepulse.log.port import EventLog
from coursepulse.metrics.asked import LimitsAt
from coursepulse.store.postgres import connect as postgres
from coursepulse.store.postgres.connect import Pool
from coursepulse.stream.stages import GROUP


class Judges:
    """One for learners, one for courses and one for the platform, and what tells them that something has changed.

    :param limits: by moment, how courses that have set their own limits judge risk
    :param note_platform: called when alerts about the platform change
    :param drifted: how much of what the model of risk looks at has drifted
    """

    def __init__(
        self,
        *,
        open_clickhouse: Callable[[], Client],
        pool: Pool,
        alerts: PostgresAlerts,
        thresholds: CourseThresholds,
        dead_letters: DeadLetterQueue,
        log: EventLog,
        clock: Clock,
        limits: LimitsAt,
        note_platform: OnChanged,
        drifted: Callable[[Micros], int] = lambda _: 0,
    ) -> None:
        rollups, ended = RollupReader(open_clickhouse, QUERIES), EndedCourses(pool)
        values, rhythms = thresholds.values, Rhythms(rollups)
        self._thresholds, self._times = thresholds, CourseTimes(self._grace)
        of_courses = CourseReader(rollups, ended, rhythms)
        self.courses = CourseAlerts(of_courses, rhythms, _known(alerts, About.COURSE), RULES, values, clock)
        reader = LearnerReader(rollups, Classes(rollups, ended, self._times.change), limits)
        self.learners = LearnerAlerts(reader, _known(alerts, About.LEARNER), RULES, values, clock)
        self.sweep = LearnerSweep(self.learners, rollups, self._times, clock, self.courses.expect)
        stores: dict[str, Callable[[], object]] = {
            "postgres": partial(postgres.ask, pool),
            "clickhouse": partial(rollups.rows, "alive", {}),
        }
        backlog = PipelineBacklog(log, GROUP)
        platform = PlatformReader(stores, RefusedLately(dead_letters), backlog, drifted)
        self.platform = PlatformAlerts(platform.read, alerts, RULES, values, clock)
        # The store of alerts tells as well, unless it is the one that is down.
        self.platform.on_changed(note_platform)
        thresholds.on_changed(self._times.change_all)

    def judge_again(self) -> None:
        """Limits of courses have changed."""
        self._times.change_all()

    def note_learners(self, learners: Collection[tuple[str, bytes]]) -> None:
        """The rows of these learners have been renewed: they are judged now, and their courses within a minute."""
        courses = {course for course, _ in learners if course}
        self._times.touch(courses)
        self.courses.hear(courses)
        self.learners.touch(learners)

    def _grace(self, course: str) -> Micros:
        return MISSED_DUE.length("grace", self._thresholds.values(MISSED_DUE, course))


def _known(alerts: PostgresAlerts, about: About) -> KnownAlerts:
    """The alerts of these judges; rules over streaks of events are run by stream processors."""
    own = [rule for rule in RULES if rule.about is about and not isinstance(rule.condition, EventStreak)]
    return KnownAlerts(alerts, own)

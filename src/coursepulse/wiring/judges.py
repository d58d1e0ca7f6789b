"""What judges learners, courses and the platform: the rules that rest on rollups and on the state of the platform."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING

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
from coursepulse.alerts.past import PastLearners
from coursepulse.alerts.platform_alerts import PlatformAlerts
from coursepulse.alerts.platform_reader import PipelineBacklog, PlatformReader, RefusedLately
from coursepulse.alerts.rule import About, EventStreak
from coursepulse.alerts.trials import HISTORY_QUERIES, Trials
from coursepulse.kit.clock import Micros
from coursepulse.store.postgres import connect as postgres
from coursepulse.stream.stages import GROUP

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components


class Judges:
    """One of each, and what tells them that something has changed."""

    def __init__(self, of: Components) -> None:
        rollups, ended = RollupReader(of.open_clickhouse, QUERIES), EndedCourses(of.pool)
        values, clock, rhythms = of.thresholds.values, of.clock, Rhythms(rollups)
        self._thresholds, self._times = of.thresholds, CourseTimes(self._grace)
        self.courses = CourseAlerts(
            CourseReader(rollups, ended, rhythms), rhythms, _known(of, About.COURSE), RULES, values, clock
        )
        reader = LearnerReader(rollups, Classes(rollups, ended, self._times.change))
        self.learners = LearnerAlerts(reader, _known(of, About.LEARNER), RULES, values, clock)
        self.sweep = LearnerSweep(self.learners, rollups, self._times, clock, self.courses.expect)
        self.platform = PlatformAlerts(_platform(of, rollups).read, of.alerts, RULES, values, clock)
        of.thresholds.on_changed(self._times.change_all)
        # The store would tell as well, if it were not the one that is down.
        self.platform.on_changed(of.note_alerts)

    def note_learners(self, learners: Collection[tuple[str, bytes]]) -> None:
        """The rows of these learners have been renewed: they are judged now, and their courses within a minute."""
        courses = {course for course, _ in learners if course}
        self._times.touch(courses)
        self.courses.hear(courses)
        self.learners.touch(learners)

    def _grace(self, course: str) -> Micros:
        return MISSED_DUE.length("grace", self._thresholds.values(MISSED_DUE, course))


def open_trials(of: Components) -> Trials:
    """What tries rules on what is stored."""
    rollups = RollupReader(of.open_clickhouse, HISTORY_QUERIES)
    past = PastLearners(rollups, EndedCourses(of.pool))
    return Trials(rollups, past, of.alerts, of.assessments, of.thresholds.values, of.clock)


def _known(of: Components, about: About) -> KnownAlerts:
    """Rules that processors run are somebody else's."""
    own = [rule for rule in RULES if rule.about is about and not isinstance(rule.condition, EventStreak)]
    return KnownAlerts(of.alerts, own)


def _platform(of: Components, rollups: RollupReader) -> PlatformReader:
    stores: dict[str, Callable[[], object]] = {
        "postgres": partial(postgres.ask, of.pool),
        "clickhouse": partial(rollups.rows, "alive", {}),
    }
    return PlatformReader(stores, RefusedLately(of.dead_letters), PipelineBacklog(of.log, GROUP))

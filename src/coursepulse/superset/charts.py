"""The charts and dashboards as declarations over the data sets."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from coursepulse.superset.datasets import BY_NAME, DataSet, ours
from coursepulse.superset.guests import COURSE, PLATFORM, RETENTION


class Look(StrEnum):
    """How a chart is drawn, as Superset calls it."""

    NUMBER = "big_number_total"
    LINE = "echarts_timeseries_line"
    BAR = "echarts_timeseries_bar"
    TABLE = "table"
    HEATMAP = "heatmap_v2"


class SupersetChart(NamedTuple):
    """A chart. Together its axis, its series and its choice name every key of the data set: no number is a mixture.

    :param numbers: columns whose numbers it shows
    :param axis: along which
    :param series: what tells its lines, rows or cells apart
    :param only: columns and the value of each: other rows are left out
    :param order: a number that rows are sorted by, the largest first; ``-`` before it for the smallest
    :param width: of the twelve columns of a dashboard
    :param height: in steps of eight pixels
    """

    name: str
    title: str
    data: str
    look: Look
    numbers: tuple[str, ...]
    axis: str = ""
    series: tuple[str, ...] = ()
    only: tuple[tuple[str, str | bool], ...] = ()
    order: str = ""
    width: int = 12
    height: int = 42
    stacked: bool = False

    @property
    def dataset(self) -> DataSet:
        """What it is drawn of."""
        return BY_NAME[self.data]

    @property
    def labels(self) -> list[str]:
        """What Superset calls its numbers."""
        return [self.label(name) for name in self.numbers]

    def label(self, column: str) -> str:
        """What Superset calls a number of the data set."""
        return next(each.label for each in self.dataset.columns if each.name == column)

    @property
    def uuid(self) -> str:
        """Its id in Superset."""
        return ours("chart", self.name)


class SupersetDashboard(NamedTuple):
    """A dashboard.

    :param rows: charts side by side
    :param by_course: shows one course at a time, which a filter chooses
    """

    name: str
    title: str
    rows: tuple[tuple[SupersetChart, ...], ...]
    by_course: bool = False

    @property
    def charts(self) -> tuple[SupersetChart, ...]:
        """All of its charts."""
        return tuple(chart for row in self.rows for chart in row)

    @property
    def uuid(self) -> str:
        """Its id in Superset."""
        return ours("dashboard", self.name)

    @property
    def slug(self) -> str:
        """Its address in Superset."""
        return f"coursepulse-{self.name}"


#: Cohorts of a few people would be empty rows.
_SHOWN = ("hidden", False)


def _number(data: str, column: str, title: str) -> SupersetChart:
    return SupersetChart(f"{data}_{column}", title, data, Look.NUMBER, (column,), width=3, height=18)


_PLATFORM = SupersetDashboard(
    PLATFORM,
    "Platform",
    (
        (
            _number("platform_totals", "active_learners", "Active learners in 28 days"),
            _number("platform_totals", "enrolments", "Enrolments in 28 days"),
            _number("platform_totals", "courses_completed", "Courses completed in 28 days"),
            _number("platform_totals", "time_spent", "Learning time in 28 days, hours"),
        ),
        (
            SupersetChart(
                "active_users",
                "Active learners by day, week and month",
                "active_users",
                Look.LINE,
                ("daily", "weekly", "monthly"),
                axis="day",
            ),
        ),
        (
            SupersetChart(
                "platform_time",
                "Learning time of all courses by day, hours",
                "platform_days",
                Look.BAR,
                ("time_spent",),
                axis="day",
                width=6,
            ),
            SupersetChart(
                "platform_visits",
                "Visits by day",
                "platform_days",
                Look.BAR,
                ("sessions",),
                axis="day",
                width=6,
            ),
        ),
        (
            SupersetChart(
                "courses",
                "Courses in 28 days",
                "courses",
                Look.TABLE,
                ("learners_enrolled", "active_learners", "time_spent", "completion_pct", "score_pct"),
                series=("course",),
                order="active_learners",
                height=60,
            ),
        ),
    ),
)

_COURSE = SupersetDashboard(
    COURSE,
    "Course",
    (
        (
            SupersetChart(
                "course_totals",
                "In 28 days",
                "course_totals",
                Look.TABLE,
                (
                    "learners_enrolled",
                    "learners_agreed",
                    "active_learners",
                    "time_spent",
                    "completion_pct",
                    "score_pct",
                    "watched_pct",
                ),
                series=("course",),
                height=22,
            ),
        ),
        (
            SupersetChart(
                "course_learners",
                "Active learners by day",
                "course_days",
                Look.BAR,
                ("active_learners",),
                axis="day",
                series=("course",),
                width=6,
            ),
            SupersetChart(
                "course_time",
                "Learning time by day, hours",
                "course_days",
                Look.BAR,
                ("time_video", "time_quiz", "time_reading"),
                axis="day",
                series=("course",),
                width=6,
                stacked=True,
            ),
        ),
        (
            SupersetChart(
                "course_lessons",
                "Where learners stop",
                "course_lessons",
                Look.TABLE,
                ("place", "started", "completed", "stopped"),
                series=("course", "lesson_id", "title"),
                order="-place",
                height=60,
            ),
        ),
        (
            SupersetChart(
                "course_assessments",
                "Assessments",
                "course_assessments",
                Look.TABLE,
                ("learners", "attempts", "score_pct", "passed", "passed_pct"),
                series=("course", "assessment_id", "title"),
                order="learners",
            ),
        ),
        (
            SupersetChart(
                "course_videos",
                "Videos",
                "course_videos",
                Look.TABLE,
                ("viewers", "watched_pct", "completed", "rewatch_pct"),
                series=("course", "video_id", "title"),
                order="viewers",
            ),
        ),
    ),
    by_course=True,
)

_RETENTION = SupersetDashboard(
    RETENTION,
    "Retention",
    (
        (
            SupersetChart(
                "retention_weeks",
                "Who comes back, by week of the first enrolment, %",
                "retention",
                Look.HEATMAP,
                ("returned_pct",),
                axis="period",
                series=("cohort",),
                only=(("step", "week"), _SHOWN),
                height=60,
            ),
        ),
        (
            SupersetChart(
                "retention_months",
                "Who comes back, by month of the first enrolment",
                "retention",
                Look.TABLE,
                ("learners", "returned", "returned_pct"),
                series=("cohort", "period"),
                only=(("step", "month"), _SHOWN),
                width=6,
                height=50,
            ),
            SupersetChart(
                "registered",
                "Who stays registered, by start of the course, %",
                "retention_registered",
                Look.LINE,
                ("registered_pct",),
                axis="day",
                series=("intake",),
                width=6,
                height=50,
            ),
        ),
    ),
)

DASHBOARDS = (_PLATFORM, _COURSE, _RETENTION)

"""The tables that Superset reads, as declarations: each is the answer of a metric, and nothing else.

The job that fills them, the bundle that Superset imports and the tests all walk this list.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID, uuid5

from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.metric import Column, Scope, Unit

#: The schema of PostgreSQL that holds them, and the role that may read it and nothing else.
SCHEMA, READER = "superset", "coursepulse_superset"

#: All ids that we give Superset derive from this one, so that an import finds what an earlier one made.
_OURS = UUID("5d0c2f0e-6f0a-5b1e-9f0d-0c9a6f7f2b11")


class ShownTo(StrEnum):
    """Who a row is for. Teachers know the others in their class, so rows for them count nobody outside of it."""

    PLATFORM = "platform"
    TEACHERS = "teachers"


class DataColumn(NamedTuple):
    """A column of a table.

    :param number: a number of the metric, which charts show as it is
    """

    name: str
    unit: Unit
    title: str
    what: str
    number: bool = False

    @property
    def label(self) -> str:
        """What charts call it, with its unit."""
        return f"{self.title.removesuffix(' %')}{_SUFFIXES.get(self.unit, '')}"


#: Added to what a number is called.
_SUFFIXES = {Unit.PERCENT: ", %", Unit.SECONDS: ", hours"}


class DataSet(NamedTuple):
    """A table, and the question that fills it.

    :param metric: whose rows it holds
    :param keys: columns that tell rows for one audience apart: a chart that left one out would mix numbers
    :param days: up to and with today, None for the usual period of the metric
    :param steps: what the metric is counted in, where there is a choice: all are in the table
    :param left_out: columns of the metric that no chart can show
    :param names: days that name a group of people and are no points in time: they are kept as text
    """

    name: str
    title: str
    metric: str
    keys: tuple[str, ...] = ()
    days: int | None = None
    steps: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def by_course(self) -> bool:
        """Asked once for each course and each audience."""
        return METRICS[self.metric].scope is Scope.COURSE

    @property
    def about_courses(self) -> bool:
        """Each row is about one course."""
        return "course" in self.keys

    @property
    def what(self) -> str:
        """What its rows are."""
        return METRICS[self.metric].description

    @property
    def columns(self) -> tuple[DataColumn, ...]:
        """All columns of the table, in their order."""
        course = COURSE_COLUMNS if self.about_courses else ()
        step = (STEP,) if self.steps else ()
        own = (self._column(each) for each in METRICS[self.metric].columns if not self._is_left_out(each))
        return (SHOWN_TO, *course, *step, *own, FIRST_DAY, LAST_DAY, HIDDEN)

    @property
    def numbers(self) -> tuple[DataColumn, ...]:
        """The columns that charts show numbers of."""
        return tuple(each for each in self.columns if each.number and each.name not in self.keys)

    def _is_left_out(self, column: Column) -> bool:
        """Courses are named in columns of their own."""
        of_course = ("course_id", "title") if METRICS[self.metric].titled == "course_id" else ()
        return column.name in (*self.left_out, *of_course)

    def _column(self, column: Column) -> DataColumn:
        unit = Unit.TEXT if column.name in self.names else column.unit
        title = _TITLES.get((self.name, column.name), column.title)
        return DataColumn(column.name, unit, title, column.description, unit.counts)


#: Where the title of a metric's column is that of one of its steps.
_TITLES = {("retention", "period"): "Weeks or months after"}


SHOWN_TO = DataColumn("shown_to", Unit.TEXT, "Shown to", "platform or teachers: who the row is for")
COURSE_KEY = DataColumn("course_key", Unit.TEXT, "Key of the course", "what rules about courses name")
COURSE_ID = DataColumn("course_id", Unit.ID, "Course", "the platform's id of the course")
COURSE = DataColumn("course", Unit.TEXT, "Course", "title and id of the course")
STEP = DataColumn("step", Unit.TEXT, "Step", "week or month")
FIRST_DAY = DataColumn("first_day", Unit.DATE, "First day", "of the period that the numbers are of")
LAST_DAY = DataColumn("last_day", Unit.DATE, "Last day", "of the period that the numbers are of")
HIDDEN = DataColumn("hidden", Unit.FLAG, "Hidden", "numbers of the row are hidden, to protect few people")
COURSE_COLUMNS = (COURSE_KEY, COURSE_ID, COURSE)

#: The days that charts by day look back on.
_YEAR = 364

#: Units of whole numbers.
WHOLE = (Unit.COUNT, Unit.DAYS)

DATA_SETS = (
    DataSet("platform_totals", "Platform at a glance", "platform_summary"),
    DataSet("platform_days", "Platform day by day", "platform_daily", ("day",), _YEAR),
    DataSet("active_users", "Active learners", "active_users", ("day",), _YEAR),
    DataSet("courses", "All courses", "courses", ("course",)),
    DataSet(
        "retention",
        "Who comes back",
        "retention",
        ("step", "cohort", "period"),
        _YEAR,
        steps=("week", "month"),
        names=("cohort",),
    ),
    DataSet(
        "retention_registered",
        "Who stays registered",
        "retention_registered",
        ("intake", "day"),
        names=("intake",),
    ),
    DataSet("course_totals", "Course at a glance", "course_summary", ("course",)),
    DataSet("course_days", "Course day by day", "course_daily", ("course", "day"), _YEAR),
    DataSet("course_lessons", "Where learners stop", "course_lessons", ("course", "lesson_id")),
    DataSet(
        "course_videos",
        "Videos of a course",
        "course_videos",
        ("course", "video_id"),
        left_out=("duration",),
    ),
    DataSet(
        "course_assessments",
        "Assessments of a course",
        "course_assessments",
        ("course", "assessment_id"),
        left_out=("bins",),
    ),
)

BY_NAME = {each.name: each for each in DATA_SETS}


def ours(kind: str, name: str) -> str:
    """The id of something that we make in Superset: the same in every installation and every release."""
    return str(uuid5(_OURS, f"{kind}:{name}"))


def course_key(course_id: str) -> str:
    """A course in a rule of Superset: hexadecimal digits alone, whatever the platform calls it."""
    return uuid5(_OURS, f"course:{course_id}").hex

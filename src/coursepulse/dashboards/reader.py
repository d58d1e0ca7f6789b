"""How a card asks for numbers: always for a viewer, always for a period, always through the metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, TypeAlias

from coursepulse.access.viewer import Viewer
from coursepulse.alerts.alert import AlertNames, KeptAlert
from coursepulse.dashboards.people import id_text, name_of
from coursepulse.dashboards.period import Period
from coursepulse.dashboards.text import say_or
from coursepulse.kit.clock import Micros
from coursepulse.metrics.catalog import find_metric
from coursepulse.metrics.metric import Metric, Param, is_shared
from coursepulse.metrics.query import Query
from coursepulse.metrics.table import Table
from coursepulse.privacy.consent import Purpose
from coursepulse.privacy.small_groups import SUPPRESSED

#: One row of a metric by column name, the same from the metric to the template.
Record: TypeAlias = dict[str, Any]

Rows: TypeAlias = Sequence[Record]


class AnswersQueries(Protocol):
    """Where numbers come from: the metrics room."""

    def run(self, query: Query, viewer: Viewer, *, export: bool = False) -> Table:
        """Answer ``query`` as far as ``viewer`` may see; ``export`` when the rows leave as a file."""


class CardSubject(NamedTuple):
    """What a page is about; empty text where it does not matter."""

    course: str = ""
    student: bytes | None = None
    video: str = ""
    team: str = ""


class OpenAlerts(NamedTuple):
    """Open alerts about students.

    :param new: to which nobody has seen yet
    :param handled: acknowledged, or put aside until later
    """

    new: Sequence[KeptAlert]
    handled: Sequence[KeptAlert]


class TellsAlerts(Protocol):
    """Where alerts come from: the alert inbox, for one viewer."""

    def about_learners(self) -> OpenAlerts:
        """The open alerts about students that the viewer may see, newest first. Names nobody."""

    def about_learner(self, course: str, student: bytes) -> Sequence[KeptAlert]:
        """Every alert about a student in a course that the viewer may see, newest first."""

    def messages_to(self, student: bytes) -> list[Micros]:
        """When the viewer was shown the address of a student to write to them, newest first."""

    def names(self, alerts: Sequence[KeptAlert]) -> Sequence[AlertNames]:
        """What each of some alerts is about, in words; a look at the record of each student, which is recorded."""


class RowRange(NamedTuple):
    """Which rows of a long table are wanted; ``limit`` None means all of them, and so does empty text."""

    sort: str = ""
    offset: int = 0
    limit: int | None = None
    search: str = ""
    bucket: str = ""
    engagement: str = ""
    status: str = ""


ALL_ROWS = RowRange()


class Compared(NamedTuple):
    """The rows of a metric, and what is compared: as many whole days on either side.

    :param whole: the same as ``rows`` but without today, which is not over
    :param days: how many days are compared
    """

    rows: Rows
    whole: Rows
    before: Rows
    days: int


class MetricReader:
    """One card's questions. Remembers how fresh the answers were and by which definitions they were made."""

    def __init__(
        self,
        source: AnswersQueries,
        viewer: Viewer,
        subject: CardSubject,
        period: Period,
        *,
        part: RowRange = ALL_ROWS,
        export: bool = False,
        alerts: TellsAlerts | None = None,
        chosen: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.viewer = viewer
        self.export = export
        self.subject = subject
        self.period = period
        self.part = part
        self.alerts = alerts
        #: What the reader chose of what the view offers.
        self.chosen = chosen
        self.tables: list[Table] = []
        #: How many rows there are, where a view has cut them itself.
        self.counted: int | None = None
        self._source = source

    def about_team(self, team: str) -> MetricReader:
        """The same questions about another team; this reader remembers the answers too."""
        return self._about(self.subject._replace(team=team))

    def about_course(self, course: str) -> MetricReader:
        """The same questions about another course; this reader remembers the answers too."""
        return self._about(self.subject._replace(course=course))

    def _about(self, subject: CardSubject) -> MetricReader:
        other = MetricReader(self._source, self.viewer, subject, self.period, export=self.export)
        other.tables = self.tables
        return other

    def table(self, metric: str, *, part: RowRange = ALL_ROWS) -> Table:
        """One metric about the subject in the period, as far as the metric knows subjects and periods."""
        takes = find_metric(metric).parameters
        query = Query(
            metric=metric,
            course=self.subject.course if Param.COURSE in takes else "",
            student=self.subject.student if Param.STUDENT in takes else None,
            video=self.subject.video if Param.VIDEO in takes else "",
            team=self.subject.team if Param.TEAM in takes else "",
            start=self.period.start if Param.FROM in takes else None,
            end=self.period.after if Param.TO in takes else None,
            step=self.chosen.get("step") or "week",
            limit=part.limit,
            offset=part.offset,
            sort=part.sort,
            search=part.search,
            bucket=part.bucket,
            engagement=part.engagement,
            status=part.status,
        )
        table = self._source.run(query, self.viewer, export=self.export)
        self.tables.append(table)
        return table

    def rows(self, metric: str) -> Rows:
        """The rows of one metric, fit for people: with a name for every pseudonym, a title for every id."""
        return self._readable(metric, self.table(metric).records())

    def rows_if_shared(self, metric: str) -> Rows:
        """The same, or nothing where the metric is not among what this reader is shown of a student."""
        return self.rows(metric) if is_shared(find_metric(metric), self.viewer) else []

    def compared(self, metric: str) -> Compared:
        """The rows of a headline metric, and what is compared.

        A period that begins before the first data is none to compare with.
        """
        table = self.table(metric)
        days = (table.end - table.start).days - (table.whole is not None)
        return Compared(table.records(), table.over(), table.before() if table.reaches_back else [], days)

    def page(self, metric: str, part: RowRange | None = None) -> Rows:
        """The wanted part of a long metric."""
        return self._readable(metric, self.table(metric, part=part or self.part).records())

    def _readable(self, metric: str, rows: Rows) -> Rows:
        found = find_metric(metric)
        return [{"course_id": self.subject.course} | _named(found, row) for row in rows]

    @property
    def total(self) -> int | None:
        """How many rows there are in all, when only a part was asked for."""
        if self.counted is not None:
            return self.counted
        return self.tables[-1].total if self.tables else None

    @property
    def small_group(self) -> int | None:
        """Below how many people numbers are hidden from the viewer, None when none are."""
        return max((table.small_group for table in self.tables if table.small_group), default=None)

    @property
    def lacks_consent(self) -> Purpose | None:
        """What the student has not agreed to and the card would need."""
        return next((table.lacks_consent for table in self.tables if table.lacks_consent), None)

    @property
    def exportable(self) -> bool:
        """Whether the viewer may carry the answers away as a file."""
        return all(table.exportable for table in self.tables)

    def every_day(self, metric: str) -> Rows:
        """A row for each day of the period, also those on which nothing happened; none when nothing ever did.

        Nobody is fewer than a few: where small groups are hidden, so are the days on which nothing happened.
        """
        table = self.table(metric)
        found = {row["day"]: row for row in table.records()}
        hidden = table.small_group is not None
        absent = dict.fromkeys(table.columns, None if hidden else 0) | {SUPPRESSED: hidden}
        days = Period(table.start, table.end - timedelta(days=1)).each() if found else []
        return [found.get(day, absent | {"day": day}) for day in days]

    @property
    def answered(self) -> Period:
        """The days that the answers are about: for those who may not see the people behind them, they end earlier."""
        dated = [table for table in self.tables if Param.TO in find_metric(table.metric).takes]
        whole = [table for table in dated if Param.FROM in find_metric(table.metric).takes]
        spans = {(table.start, table.end) for table in whole} or {
            (self.period.start, table.end) for table in dated
        }
        if len(spans) != 1:
            return self.period
        ((start, after),) = spans
        return Period(start, after - timedelta(days=1), self.period.today)

    @property
    def as_of(self) -> Micros | None:
        """The newest event that every answer could see."""
        return min((table.latest_data_at for table in self.tables if table.latest_data_at), default=None)

    @property
    def version(self) -> str:
        """The definitions behind the answers."""
        return ", ".join(sorted({table.definition_version for table in self.tables}))


def _named(metric: Metric, row: Record) -> Record:
    """A row that says who and what: pseudonyms as text, and something to call everybody and everything by."""
    if metric.slug == "query_times":
        row = row | {"called": say_or(f"metric.{row['metric']}", row["called"])}
    if metric.titled:
        row = row | {"title": row["title"] or row[metric.titled]}
    if not metric.named:
        return row
    return row | {
        "student_id": id_text(row["student_id"]),
        "name": name_of(row["student_id"], row["name"]),
    }

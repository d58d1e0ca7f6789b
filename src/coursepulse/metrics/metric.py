"""What a metric is: a declaration that the API, the command line, the docs and the tests all walk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import polars as pl

from coursepulse.access.viewer import Role, Viewer
from coursepulse.aggregates.row import QueryFrames, QueryRows, Row
from coursepulse.metrics.query import Query
from coursepulse.privacy.consent import Purpose
from coursepulse.privacy.small_groups import Group

if TYPE_CHECKING:
    from coursepulse.metrics.evidence.proof import Evidence, Proof, Same, Why

#: Turns what was read into rows of the metric, for rules that live in ``coursepulse.definitions``.
Finish: TypeAlias = Callable[[QueryRows, Query], list[Row]]

#: The same over columns.
Frame: TypeAlias = Callable[[QueryFrames, Query], pl.DataFrame]

#: Adds to the rows of a page.
Detail: TypeAlias = Callable[[Sequence[Row]], list[Row]]


#: Begins what the trail says of a look at what a number is made of; metric and column follow, with a dot between them.
EVIDENCE = "evidence:"

#: Column of the id of a lesson, a video or a quiz, as the column ``kind`` says.
ITEM = "item_id"


class Scope(StrEnum):
    """What a metric is about, and so which parameters it needs."""

    STUDENT = "student"
    COURSE = "course"
    VIDEO = "video"
    TEAM = "team"
    PLATFORM = "platform"


class Source(StrEnum):
    """Where the numbers come from, named like the consumer of the log that keeps them fresh."""

    SERVED = "served"
    LEARNERS = "learners"
    POSTGRES = "postgres"
    #: What this process remembers of itself.
    MEMORY = "memory"
    #: Stream processors, in memory: what goes on right now.
    LIVE = "live"
    #: What the roster says of a team and nothing else.
    ROSTER = "roster"


class Reach(StrEnum):
    """Which courses a metric reads: views over learners read nothing but these."""

    COURSE = "course"
    STUDENT = "student"
    EVERY_COURSE = "every course"
    PRESENTATIONS = "presentations"
    #: One course, and who was written to in it.
    WRITTEN_TO = "written to"
    #: One course, and on which days who was written to in it.
    WRITING = "writing"
    #: One course, and who was drawn to be written to at once or to wait.
    DRAWN = "drawn"
    #: One course, and which next steps its students saw.
    SHOWN = "shown"
    #: One course, and others to compare it with.
    BESIDE = "beside"
    #: Every course, to compare each with the others.
    EACH_BESIDE = "each beside"


class Suppression(StrEnum):
    """What is kept from a viewer who may ask, but may not see everybody behind the rows."""

    #: Nothing: rights decide on the whole answer.
    NONE = "none"
    #: Each row is about one student: students that the viewer may not see are left out.
    PEOPLE = "people"
    #: Rows add people up: small groups are hidden, and what is shown is rounded.
    GROUPS = "groups"
    #: The same, but only for students that the viewer does not see one by one.
    REST = "rest"
    #: Each row is about a student who joined, under the name that they chose: a board of a few is not shown.
    BOARD = "board"


class Unit(StrEnum):
    """What the values of a column are, which decides how a page writes them."""

    ID = "id"
    TEXT = "text"
    BAND = "band"
    BUCKET = "bucket"
    STATE = "state"
    LIST = "list"
    EVENT = "event type"
    DEVICE = "device"
    COUNTRY = "country"
    REASON = "reason"
    FLAG = "flag"
    COUNT = "count"
    PERCENT = "%"
    SECONDS = "s"
    POSITION = "s into the video"
    DAYS = "days"
    WEEKDAY = "weekday"
    HOUR = "hour"
    DATE = "date"
    MOMENT = "UTC time"
    SHARE = "0-1"
    SCORE = "0-100"
    NUMBER = "number"
    OFFSET = "seconds apart"
    MONEY = "money"
    BYTES = "bytes"
    MILLISECONDS = "ms"
    CURRENCY = "currency"
    MONTH = "month"

    @property
    def counts(self) -> bool:
        """Whether the values are numbers that somebody could ask about: why this one?"""
        return self in _NUMBERS


_NUMBERS = frozenset(
    {
        *(Unit.COUNT, Unit.PERCENT, Unit.SECONDS, Unit.DAYS, Unit.SHARE, Unit.SCORE),
        *(Unit.NUMBER, Unit.OFFSET, Unit.MONEY, Unit.BYTES, Unit.MILLISECONDS),
    }
)

#: Units of what tells rows apart.
_KEYS = frozenset({Unit.ID, Unit.DATE, Unit.WEEKDAY, Unit.HOUR, Unit.POSITION, Unit.CURRENCY, Unit.MONTH})


class Param(StrEnum):
    """What a caller may ask for."""

    COURSE = "course"
    STUDENT = "student"
    VIDEO = "video"
    TEAM = "team"
    FROM = "from"
    TO = "to"
    STEP = "step"
    LIMIT = "limit"
    OFFSET = "offset"
    SORT = "sort"
    SEARCH = "search"
    BUCKET = "bucket"
    ENGAGEMENT = "engagement"
    STATUS = "status"


class Column(NamedTuple):
    """One column of the answer: all that an API, a file, a page or a card has to know of it.

    :param title: the heading of the column for people
    :param description: what its values are
    :param hidden: in JSON and CSV, but not in a table on a page: an id beside a name, or what a chart is drawn of
    """

    name: str
    unit: Unit
    title: str
    description: str
    hidden: bool = False


class Metric(NamedTuple):
    """One declared metric.

    :param section: heading in docs/reference/definitions.md that says what the numbers mean
    :param takes: optional parameters, beyond those that the scope needs
    :param span: days up to and with today when the caller names no period; None for all time
    :param comparable: comes with the same rows for the equal period before: its queries answer for ``{periods}``,
        and each row says in ``nth`` for which of them
    :param reads: named queries, if others than the one with the metric's own slug
    :param roster: what it reads besides of what the roster says of a team, see ``Relations.team_rows``
    :param finish: applies rules of ``coursepulse.definitions`` to the rows of the SQL
    :param frame: makes a list of a whole class out of the columns of the SQL
    :param detail: adds to the rows of a page what nobody sorts by
    :param courses: which courses it reads, if others than its scope says
    :param judged: its rows say whether a course is over
    :param present: its rows are of those who are in the course at the end of the period, as far as the events say
    :param compares_with_class: sets a learner against the class, unless that is a small group
    :param among: sets a student against those of the class who agreed to ``consent`` as well; nobody else is read
    :param members: the query with one row per member, if members that the viewer sees one by one are added up apart
    :param named: rows are about students: their names are put beside their pseudonyms
    :param titled: column of the id whose title stands in the column ``title``
    :param leads: its rows are about something to do on the platform (``kind`` and ``item_id``, or else the course): the
        columns ``item``, ``length`` and ``url`` say what, how long and where
    :param essential: about one student, and rests on contract: shown whether or not the student agreed to analytics
    :param without_consent: about one student: the query for what rests on contract, shown where the student did not
        agree to analytics; columns that it does not name are null then
    :param employer: about one student, and part of what the student agrees to show those who lead a team; the words of
        that agreement (``consent.purpose.employer_sharing`` in the catalogue) name it
    :param private: about one student, and shown to nobody but the student: to no teacher, manager, administrator or key
    :param withheld: about one student, and shown to everybody who may see the record except the student
    :param consent: about one student, and made only for those who agree to this purpose as well as to analytics
    :param order: usual order of a metric that is read page by page
    :param source: LEARNERS when any of its numbers comes from the rollups of learners
    :param group: how many people are behind each row, for a metric that adds people up
    :param board: ranks the students who joined, under the names that they chose; students must join to see it
    :param evidence: by column, what its numbers are made of, or why nothing can be shown; an empty name is every other
    :param undated: says what people or the roster have decided by now, of which no earlier state is kept
    :param personal: made of what students did, so that reading it is recorded; False for the state of the system
    """

    slug: str
    title: str
    description: str
    scope: Scope
    columns: tuple[Column, ...]
    section: str
    takes: tuple[Param, ...] = ()
    span: int | None = 28
    comparable: bool = False
    reads: tuple[str, ...] = ()
    roster: tuple[str, ...] = ()
    finish: Finish | None = None
    frame: Frame | None = None
    detail: Detail | None = None
    courses: Reach | None = None
    judged: bool = False
    present: bool = False
    compares_with_class: bool = False
    among: bool = False
    members: str = ""
    named: bool = False
    titled: str = ""
    leads: bool = False
    order: str = ""
    source: Source = Source.SERVED
    undated: bool = False
    personal: bool = True
    group: Group | None = None
    essential: bool = False
    without_consent: str = ""
    employer: bool = False
    private: bool = False
    withheld: bool = False
    consent: Purpose | None = None
    board: bool = False
    evidence: Evidence = MappingProxyType({})

    @property
    def queries(self) -> tuple[str, ...]:
        """The named queries that it reads."""
        return self.reads or (self.slug,)

    @property
    def reach(self) -> Reach:
        """Which courses it reads."""
        return self.courses or (Reach.STUDENT if self.about_one else Reach.COURSE)

    @property
    def about_one(self) -> bool:
        """About one student."""
        return self.scope is Scope.STUDENT

    @property
    def cached(self) -> bool:
        """May be kept in the result cache: anything else costs no more to read than to look up."""
        return self.personal and self.source in (Source.SERVED, Source.LEARNERS)

    @property
    def dated(self) -> bool:
        """Can be answered as of a past day: all that it says comes from events, whose days the rollups keep."""
        decided = self.undated or self.board or (bool(self.roster) and Param.TO not in self.takes)
        return self.source in (Source.SERVED, Source.LEARNERS) and not decided

    @property
    def of_many(self) -> bool:
        """Read for each of several students by name, who may be more than a query takes at a time."""
        return self.scope is Scope.TEAM or self.board or self.among

    @property
    def suppression(self) -> Suppression:
        """What is kept from a viewer who may not see everybody."""
        if self.named:
            return Suppression.PEOPLE
        if self.board:
            return Suppression.BOARD
        if self.group is None:
            return Suppression.NONE
        return Suppression.REST if self.members else Suppression.GROUPS

    @property
    def needs(self) -> tuple[Param, ...]:
        """Parameters without which there is no answer."""
        return _NEEDS[self.scope]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns by name, in their order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column | None:
        """One of its columns."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def keys(self) -> tuple[Column, ...]:
        """The columns that tell one row from another: ids, days and the like, or what stands first."""
        return tuple(column for column in self.columns if column.unit in _KEYS) or self.columns[:1]

    def evidence_of(self, column: str) -> Proof | Same | Why | None:
        """What a number is made of, or why nothing can be shown; None for what is no number."""
        found = self.column(column)
        if found is None or not found.unit.counts:
            return None
        return self.evidence.get(column, self.evidence.get(""))

    @property
    def parameters(self) -> tuple[Param, ...]:
        """Every parameter, needed ones first."""
        return self.needs + self.takes


def is_shared(metric: Metric, viewer: Viewer) -> bool:
    """Whether a metric about one student is among what this viewer may be shown of one whose record they may see.

    Managers see what those who share agreed to. Everybody else sees by another rule, and then the whole record but for
    what is private.
    """
    if metric.private and viewer.role is not Role.STUDENT:
        return False
    if metric.withheld and viewer.role is Role.STUDENT:
        return False
    return viewer.role is not Role.MANAGER or not metric.about_one or metric.employer


def is_board_of(metric: Metric, viewer: Viewer) -> bool:
    """Whether what the metric says of a course is for a viewer of its page: a leaderboard is not for administrators."""
    return not metric.board or viewer.role is not Role.ADMIN


_NEEDS: dict[Scope, tuple[Param, ...]] = {
    Scope.STUDENT: (Param.STUDENT,),
    Scope.COURSE: (Param.COURSE,),
    Scope.VIDEO: (Param.COURSE, Param.VIDEO),
    Scope.TEAM: (Param.TEAM,),
    Scope.PLATFORM: (),
}

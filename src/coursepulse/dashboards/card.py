"""What a card is: a declaration that says which columns of a metric it shows, and which view draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cached_property
from typing import ClassVar

from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.links import link_of
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import say, say_or
from coursepulse.dashboards.words import metric_title
from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.catalog import find_metric
from coursepulse.metrics.metric import Column, Metric, Param, Unit
from coursepulse.privacy.small_groups import SUPPRESSED


@dataclass(frozen=True, kw_only=True)
class View:
    """How rows are shown: which are read, and what is drawn from them. Pure but for the questions it asks.

    :param most: how many rows a chart has room for, 0 for all; the card says when it leaves some out
    :param ticking: also changes when nothing has happened
    :param follows: what has to change for it to be asked for again, if not what it is about: ``alerts``, or ``own`` for
        everything that the reader teaches or leads
    :param picks: the rows are students of a course, and a teacher can choose some and write to them
    :param act: of a card about a student: where the student changes what it is about, in the words ``act.<card>``
    """

    template: ClassVar[str] = "chart.html"
    #: Rows of the table behind a chart; the files have all of them.
    twin: ClassVar[int] = 1000
    #: Says by itself what it does not show of small groups.
    tells_few: ClassVar[bool] = False
    most: int = 0
    page_size: int = 25
    ticking: bool = False
    follows: str = ""
    picks: bool = False
    act: str = ""

    @property
    def related(self) -> tuple[str, ...]:
        """Metrics that it reads besides the card's own."""
        return ()

    @property
    def besides(self) -> tuple[str, ...]:
        """Metrics that it reads only for those who may see them: without them it shows less."""
        return ()

    def columns(self, card: Card) -> tuple[Column, ...]:
        """The fields of the rows."""
        return card.chosen

    @property
    def mapped(self) -> bool:
        """Whether it needs the shapes of countries, which only the pages with such a card load."""
        return False

    @property
    def offers(self) -> Mapping[str, tuple[str, ...]]:
        """What a reader may choose between, by name: the first of each is the usual one."""
        return {}

    def sort_orders(self, card: Card) -> tuple[str, ...] | None:
        """Columns that a reader may sort by, ``-`` for those that begin with the largest.

        The first is the usual order; empty text there means the order of the data. None where nobody chooses.
        """

    def sort_column(self, name: str) -> str:
        """What a column is sorted by, if that is another."""
        return name

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The rows, which the page, the JSON and the CSV share."""
        return card.pick(reader.rows(card.source.slug))

    def drawable(self, rows: Rows) -> Rows:
        """The rows that the chart has a place for."""
        return rows

    def option(self, card: Card, rows: Rows) -> Option | None:
        """The chart, or None when there is nothing to draw."""

    def summary(self, card: Card, rows: Rows) -> str:  # noqa: ARG002
        """What stands out in the chart, in one sentence."""
        return say("chart.says.nothing")


@dataclass(frozen=True, eq=False)
class Card:
    """One card. Title, sentence and empty state stand in the text catalogue under its slug; else the metric's speak.

    :param shows: columns of the metric by name, in their order; all of them when empty
    :param metric: what it shows, when the slug is another
    :param related: further definitions behind it, which "how is this computed" links to
    :param units: of columns that this card writes in another way than the metric says
    :param span: how many of the twelve columns of a page it takes
    :param tall: its chart needs more than the usual height
    :param begins: has something to say also where nothing has been learned yet
    :param repeatable: may stand on a page several times, once per course or team
    :param part: which part of a long page it stands in, in the words ``part.<name>``; above all parts when empty
    """

    slug: str
    view: View
    shows: str = ""
    _: KW_ONLY
    metric: str = ""
    related: tuple[str, ...] = ()
    units: Mapping[str, Unit] = field(default_factory=dict)
    span: int = 6
    tall: bool = False
    begins: bool = False
    repeatable: bool = False
    part: str = ""

    @cached_property
    def source(self) -> Metric:
        """The metric that it shows."""
        return find_metric(self.metric or self.slug)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The definitions behind it."""
        return (*self.read_metrics, *self.related)

    @property
    def read_metrics(self) -> tuple[str, ...]:
        """The metrics whose rows it shows."""
        return (*self.needed_metrics, *self.view.besides)

    @property
    def needed_metrics(self) -> tuple[str, ...]:
        """Those without which there is nothing to show."""
        return (self.source.slug, *self.view.related)

    @cached_property
    def chosen(self) -> tuple[Column, ...]:
        """The columns of the metric that it shows, with their units as shown."""
        known = {each.name: each for each in (c.COURSE_ID, *self.source.columns)}
        named = (known[name] for name in self.shows.split() or self.source.names)
        return tuple(each._replace(unit=self.units.get(each.name, each.unit)) for each in named)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The fields of its rows, which are the columns of the JSON and the CSV."""
        return self.view.columns(self)

    @cached_property
    def table_columns(self) -> tuple[Column, ...]:
        """The columns that people see."""
        return tuple(column for column in self.columns if not column.hidden)

    @cached_property
    def sort_orders(self) -> tuple[str, ...]:
        """The orders that it offers, see :meth:`View.sort_orders`."""
        return self.view.sort_orders(self) or ()

    def column(self, name: str) -> Column:
        """One of its columns."""
        return next(column for column in self.columns if column.name == name)

    def unit(self, name: str) -> Unit:
        """The unit of a column."""
        return self.column(name).unit

    def pick(self, rows: Rows) -> Rows:
        """The rows with the chosen columns alone, and whether something in them is hidden."""
        names = [column.name for column in self.chosen]
        return [
            {name: row[name] for name in (*names, SUPPRESSED) if name in row or name != SUPPRESSED}
            for row in rows
        ]

    def pick_told(self, rows: Rows) -> Rows:
        """The same, with what the view has added."""
        names = {SUPPRESSED, *(column.name for column in self.columns)}
        return [{name: row[name] for name in row if name in names} for row in rows]

    def link(self, row: Record, column: str) -> str | None:
        """Where a cell of the table leads."""
        return link_of(self.source, row, column)

    @property
    def paged(self) -> bool:
        """The metric itself sorts and cuts, because the table may be long."""
        return bool(self.sort_orders) and Param.SORT in self.source.takes

    @property
    def charted(self) -> bool:
        """Whether it may have a chart."""
        return self.view.template == View.template

    @property
    def title(self) -> str:
        """What it is called."""
        return say_or(f"card.{self.slug}.title", metric_title(self.source))

    @property
    def about(self) -> str:
        """What it shows."""
        return say_or(f"card.{self.slug}.about", self.source.description)

    @property
    def empty(self) -> str:
        """What it says while there is nothing."""
        return say_or(f"card.{self.slug}.empty", say("card.empty"))


def records(rows: Rows, columns: Sequence[Column]) -> list[Record]:
    """Rows with exactly the columns, in their order."""
    return [{column.name: row[column.name] for column in columns} for row in rows]


def part_of_page(name: str, *cards: Card) -> tuple[Card, ...]:
    """Cards that stand together on a long page, under a heading that can be folded."""
    return tuple(replace(card, part=name) for card in cards)

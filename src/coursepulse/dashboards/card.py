"""What a card is: rows that never change, a chart made from them, and the words around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from coursepulse.dashboards.ask import Ask
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import Kind

#: Rows of a card: named tuples whose fields are the card's columns.
Rows = tuple[Any, ...]


class Scope(StrEnum):
    """What a card is about, and so what its address must name."""

    PLATFORM = "platform"
    STUDENT = "student"
    COURSE = "course"
    VIDEO = "video"
    TEAM = "team"


class Column(NamedTuple):
    """One field of a row as people see it.

    :param name: the field, and the column's name in JSON and CSV
    :param hidden: in JSON and CSV, but not in the table on the page
    :param link: makes an address from a row
    """

    name: str
    kind: Kind = Kind.TEXT
    hidden: bool = False
    link: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Card:
    """One card. Its title, sentence and empty state stand in the text catalogue under its slug.

    :param metrics: the definitions behind it, which "how is this computed" links to
    :param data: asks for the rows; the same rows feed the page, the JSON and the CSV
    :param option: draws the rows, or says None when there is nothing to draw; None for a card without a chart
    :param drawable: the rows that the chart has a place for; it draws :attr:`most` of them and the card says so
    :param template: the partial inside the frame
    :param span: how many of the twelve columns of a page it takes
    :param sort: fields that a reader may sort by, ``-`` for those that begin with the largest. The first
        is the usual order; empty text there means the order of the data
    :param paged: the metric itself sorts and cuts, because the table may be long
    :param shape: CSS class of the chart, for one that is not of the usual height
    :param several: may stand on a page several times, once per course or team
    """

    slug: str
    scope: Scope
    metrics: tuple[str, ...]
    data: Callable[[Ask], Rows]
    columns: tuple[Column, ...]
    option: Callable[[Rows], Option | None] | None = None
    drawable: Callable[[Rows], Sequence[Any]] | None = None
    most: int = 0
    template: str = "chart.html"
    span: int = 6
    sort: tuple[str, ...] = ()
    page_size: int = 25
    paged: bool = False
    shape: str = ""
    several: bool = False


def records(rows: Rows, columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Rows as dictionaries of exactly the columns, in their order."""
    return [{column.name: getattr(row, column.name) for column in columns} for row in rows]

"""Threads of discussions: no catalog has a title for them, so each is called by its day. Files keep the id."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.format import show
from coursepulse.dashboards.language import day_here
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import say
from coursepulse.dashboards.views.table import DataTable
from coursepulse.metrics.metric import Column, Unit

_ID = "thread_id"
_THREAD = Column("thread", Unit.TEXT, "Thread", "the thread by the day on which it began")


@dataclass(frozen=True, kw_only=True)
class ThreadTable(DataTable):
    """A list of threads or of people with threads."""

    def columns(self, card: Card) -> tuple[Column, ...]:
        """Those of the metric, with words in the place of the id."""
        ids = {each.name: each._replace(hidden=True) for each in card.chosen if each.name == _ID}
        return tuple(
            column
            for each in card.chosen
            for column in ((ids[_ID], _THREAD) if each.name == _ID else (each,))
        )

    def sort_orders(self, card: Card) -> tuple[str, ...]:
        """Every column but the words: their order is that of the day, which has a column."""
        return tuple(way for way in super().sort_orders(card) if way.lstrip("-") != _THREAD.name)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The wanted part of the list."""
        return [row | {_THREAD.name: _name(row)} for row in super().read(card, reader)]


def _name(row: Record) -> str:
    """By its first day, or by its last where the first message came from somebody who is not counted."""
    if row["begun_at"]:
        return say("thread.of", day=show(day_here(row["begun_at"]), Unit.DATE))
    last = row.get("last_at")
    return say("thread.last", day=show(day_here(last), Unit.DATE)) if last else say("thread.unknown")

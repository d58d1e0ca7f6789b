"""Things of a course that the catalog may not know: by their title, or else by their number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import say
from coursepulse.dashboards.views.table import DataTable
from coursepulse.kit.natural import natural_key
from coursepulse.metrics.metric import Column


@dataclass(frozen=True, kw_only=True)
class NumberedTable(DataTable):
    """One row a thing, whose title is that of the catalog or its number among the others.

    :param key: column of its id, which stays in JSON and CSV
    :param along: column in whose order they are counted
    :param words: sentence of a thing without a title; knows ``number``
    """

    key: str
    along: str
    words: str

    def columns(self, card: Card) -> tuple[Column, ...]:
        """Without the id on the page."""
        return tuple(each._replace(hidden=True) if each.name == self.key else each for each in card.chosen)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The rows, named."""
        rows = super().read(card, reader)
        places = {row[self.key]: place for place, row in enumerate(sorted(rows, key=self._order), 1)}
        return [self._named(row, places[row[self.key]]) for row in rows]

    def _order(self, row: Record) -> tuple[Any, ...]:
        value = row[self.along]
        known = value is not None
        return (not known, natural_key(value) if isinstance(value, str) else value or 0, row[self.key])

    def _named(self, row: Record, place: int) -> Record:
        # A row without a title is called by its id.
        unknown = row["title"] == row[self.key]
        return row | {"title": say(self.words, number=place)} if unknown else row

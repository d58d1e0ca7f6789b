"""A table that readers sort, in parts when it is long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.reader import MetricReader, Rows
from coursepulse.metrics.metric import Column, Unit

#: What begins with A: of everything else people want the largest first.
_WORDS = frozenset({Unit.ID, Unit.TEXT})

#: Values without an order that means something to a reader.
_UNORDERED = frozenset({Unit.BAND, Unit.BUCKET, Unit.STATE, Unit.LIST})


@dataclass(frozen=True, kw_only=True)
class DataTable(View):
    """Rows as they are. A metric that is read page by page sorts and cuts them itself.

    :param order: the usual order, empty for that of the metric
    :param ascending: columns of which people want the smallest first
    """

    template: ClassVar[str] = "table.html"
    order: str = ""
    ascending: tuple[str, ...] = ()

    def sort_orders(self, card: Card) -> tuple[str, ...]:
        """Every column with an order, the usual one first."""
        first = self.order or card.source.order
        others = [each for each in card.table_columns if each.name != first.lstrip("-")]
        return (first, *(self._way(each) for each in others if each.unit not in _UNORDERED))

    def _way(self, column: Column) -> str:
        rises = column.unit in _WORDS or column.name in self.ascending
        return column.name if rises else f"-{column.name}"

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The wanted part of the list."""
        metric = card.source.slug
        return card.pick(reader.page(metric) if card.paged else reader.rows(metric))

"""Tables about parts of the system, which are called as people call them."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.reader import MetricReader, Rows
from coursepulse.dashboards.text import say_or
from coursepulse.dashboards.views.table import DataTable


@dataclass(frozen=True, kw_only=True)
class CalledTable(DataTable):
    """Rows whose column ``called`` has a name of the code, for which the catalogue has words under ``words``."""

    called: str
    words: str

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The rows of the metric, with words in that column."""
        return [row | {self.called: self._say(row[self.called])} for row in super().read(card, reader)]

    def _say(self, name: str) -> str:
        plain = name.replace("_", " ")
        return say_or(f"{self.words}.{plain.replace(' ', '_').replace('-', '_')}", plain)

"""Whether messages helped, in a sentence that claims no more than the numbers do."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards.alert_words import alert_title
from coursepulse.dashboards.card import Card
from coursepulse.dashboards.format import percent
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import say
from coursepulse.dashboards.views.table import DataTable
from coursepulse.metrics.metric import Column, Unit

_SAYS = Column("verdict", Unit.TEXT, "What that says", "the comparison in a sentence")


@dataclass(frozen=True, kw_only=True)
class MessageEffects(DataTable):
    """One row a reason."""

    def columns(self, card: Card) -> tuple[Column, ...]:
        """Those of the metric, and the sentence."""
        return (*card.chosen, _SAYS)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The rows, with the reason in words."""
        rows = super().read(card, reader)
        return [row | {"rule": alert_title(row["rule"]), "verdict": _says(row)} for row in rows]


def _says(row: Record) -> str:
    if row["difference"] is None:
        return say("messages.too_few")
    words = {name: percent(row[name]) for name in ("written_pct", "others_pct")}
    low, high = (f"{row[name]:+.0f}" for name in ("low", "high"))
    if row["low"] > 0:
        return say("messages.more", **words, low=low, high=high)
    if row["high"] < 0:
        return say("messages.fewer", **words, low=low, high=high)
    return say("messages.chance", **words, low=low, high=high)

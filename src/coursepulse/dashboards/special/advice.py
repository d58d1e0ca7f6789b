"""Tables that say beside each row what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.format import offset
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import say, say_or
from coursepulse.dashboards.views.table import DataTable
from coursepulse.metrics.metric import Column, Unit

_ADVICE = Column("advice", Unit.TEXT, "What to do", "what to do about the row, in a sentence")

#: Beyond these a sender has a problem: per cent of its events, and seconds of its clock.
_REFUSED, _LATE, _DUPLICATES, _CLOCK = 1.0, 20.0, 5.0, 60.0

#: Whole hours and half hours are time zones, not clocks; so many seconds away from one still counts.
_ZONE, _NEAR = 1800, 90


@dataclass(frozen=True, kw_only=True)
class AdviceTable(DataTable):
    """Rows with a sentence each.

    :param advise: says it
    """

    advise: Callable[[Record], str]

    def columns(self, card: Card) -> tuple[Column, ...]:
        """What the metric says, and what to do."""
        return (*card.chosen, _ADVICE)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The rows with their sentences."""
        return [row | {_ADVICE.name: self.advise(row)} for row in super().read(card, reader)]


def advise_sender(row: Record) -> str:
    """What is most wrong with what a sender sends."""
    if (row["refused_pct"] or 0) > _REFUSED:
        return say("advice.sender.refused")
    if row["clock"] is not None and abs(row["clock"]) > _CLOCK:
        return _advise_clock(row["clock"])
    if (row["duplicates_pct"] or 0) > _DUPLICATES:
        return say("advice.sender.duplicates")
    return say("advice.sender.late") if (row["late_pct"] or 0) > _LATE else say("advice.sender.fine")


def _advise_clock(seconds: float) -> str:
    away = abs(seconds) % _ZONE
    is_zone = abs(seconds) > _ZONE - _NEAR and min(away, _ZONE - away) <= max(_NEAR, abs(seconds) / 20)
    kind = "zone" if is_zone else "ahead" if seconds < 0 else "behind"
    return say(f"advice.sender.{kind}", offset=offset(abs(seconds)))


def advise_refusal(row: Record) -> str:
    """What to do about events that are refused for a reason."""
    return say_or(f"advice.refused.{row['reason']}", say("advice.refused"))

"""What came of a course, in sentences that claim no more than the intervals do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.format import percent, show
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import say
from coursepulse.dashboards.views.table import DataTable
from coursepulse.metrics.finish.outcomes import EVERYBODY, is_version
from coursepulse.metrics.metric import Column, Unit

_SAYS = Column("verdict", Unit.TEXT, "What that says", "the comparison in a sentence")

#: Sentences by the side on which the interval lies.
_OUTCOMES = {"more": "outcomes.more", "fewer": "outcomes.fewer", "chance": "outcomes.chance"}
_CHANGES = {"more": "changes.more", "fewer": "changes.fewer", "chance": "changes.chance"}
_VERSIONS = {"before": "outcomes.before", "since": "outcomes.since", "between": "outcomes.between"}
_GAINS = {"more": "gains.more", "fewer": "gains.fewer", "chance": "gains.chance"}


@dataclass(frozen=True, kw_only=True)
class OutcomeTable(DataTable):
    """Rows with what was expected, and the difference with its interval.

    :param value: column of the difference
    """

    value: str = "difference"

    def columns(self, card: Card) -> tuple[Column, ...]:
        """Those of the metric, and the sentence; the bounds stand in it."""
        return (*card.chosen, _SAYS)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The rows with the sentence, which is made of more than what the card shows."""
        metric = card.source.slug
        found = reader.page(metric) if card.paged else reader.rows(metric)
        return card.pick_told([self._tell(row) for row in found])

    def _tell(self, row: Record) -> Record:
        who = {"part": _who(row["part"])} if "part" in row else {}
        return row | who | {"verdict": self._verdict(row)}

    def _verdict(self, row: Record) -> str:
        if row[self.value] is None:
            return say("outcomes.too_few")
        low, high = (f"{row[name]:+.0f}" for name in ("low", "high"))
        side = "more" if row["low"] > 0 else "fewer" if row["high"] < 0 else "chance"
        return self._say(row, side, low=low, high=high)

    def _say(self, row: Record, side: str, **bounds: str) -> str:
        words = {"completed": percent(row["completed_pct"]), "expected": percent(row["expected_pct"])}
        return say(_OUTCOMES[side], **words, **bounds)


@dataclass(frozen=True, kw_only=True)
class ChangeTable(OutcomeTable):
    """Before and after a lesson was made anew."""

    def _say(self, row: Record, side: str, **bounds: str) -> str:
        words = {"before": percent(row["earlier_pct"]), "later": percent(row["later_pct"])}
        return say(_CHANGES[side], **words, **bounds)


@dataclass(frozen=True, kw_only=True)
class GainTable(OutcomeTable):
    """What is learned between two attempts."""

    value: str = "gain"

    def _say(self, row: Record, side: str, **bounds: str) -> str:
        words = {"second": percent(row["second_pct"]), "expected": percent(row["chance_pct"])}
        return say(_GAINS[side], **words, **bounds)


def _who(part: str) -> str:
    if part == EVERYBODY:
        return say("outcomes.everybody")
    if is_version(part):
        begin, _, end = part.partition("/")
        key = "before" if begin == ".." else "since" if end == ".." else "between"
        return say(_VERSIONS[key], begin=_day(begin), end=_day(end))
    return show(date.fromisoformat(f"{part}-01"), Unit.MONTH)


def _day(text: str) -> str:
    return "" if text == ".." else show(date.fromisoformat(text), Unit.DATE)

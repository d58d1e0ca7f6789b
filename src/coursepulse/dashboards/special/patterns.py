"""How a class studies: what each group does more or less than the others, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import say
from coursepulse.dashboards.views.table import DataTable
from coursepulse.metrics.metric import Column, Unit

_SAYS = Column("habits", Unit.TEXT, "What they did", "in which habits the group differs from the class")

#: The words of each habit, for more of it and for less.
_TRAITS = {
    "days_a_week.more": "pattern.days_a_week.more",
    "days_a_week.less": "pattern.days_a_week.less",
    "time_a_day.more": "pattern.time_a_day.more",
    "time_a_day.less": "pattern.time_a_day.less",
    "usual_hour.more": "pattern.usual_hour.more",
    "usual_hour.less": "pattern.usual_hour.less",
    "in_order_pct.more": "pattern.in_order_pct.more",
    "in_order_pct.less": "pattern.in_order_pct.less",
    "discussion_pct.more": "pattern.discussion_pct.more",
    "discussion_pct.less": "pattern.discussion_pct.less",
    "replay_pct.more": "pattern.replay_pct.more",
    "replay_pct.less": "pattern.replay_pct.less",
    "speed.more": "pattern.speed.more",
    "speed.less": "pattern.speed.less",
}


@dataclass(frozen=True, kw_only=True)
class PatternTable(DataTable):
    """Groups of a class, each with a sentence for each habit in which it stands out."""

    def columns(self, card: Card) -> tuple[Column, ...]:
        """What they did, and the numbers behind it."""
        return (_SAYS, *card.chosen)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The rows with the words."""
        return card.pick_told([row | {"habits": _tell(row)} for row in reader.rows(card.source.slug)])


def _tell(row: Record) -> str:
    """Sentences, or that nothing stands out. Of few people nothing is said."""
    if row["traits"] is None:
        return say("pattern.unsaid")
    return " ".join(say(_TRAITS[each]) for each in row["traits"]) or say("pattern.like_the_class")

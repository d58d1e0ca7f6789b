"""A student beside the class: no place in an order and no other person, only where the middle of them lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.format import show
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.text import plural, say
from coursepulse.dashboards.words import label
from coursepulse.metrics.metric import Column, Unit

_SAYS = Column("comparison", Unit.TEXT, "In words", "the comparison in sentences")

#: What is compared: the own column, and the name with which those of the class begin.
_COMPARED = {"completion_pct": "completion", "score_pct": "score", "time_spent": "time"}

#: Room at the end of a scale that has none of its own.
_ROOM = 1.15


class Strip(NamedTuple):
    """One comparison as it is drawn: places in per cent of the scale, None where nothing is shown.

    :param column: of the own number
    :param says: the same in one sentence
    """

    column: str
    title: str
    says: str
    own: float | None
    low: float | None
    median: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class ClassComparison(View):
    """A strip for each number of each course, on which the middle half of the others is a bar."""

    template: ClassVar[str] = "class.html"
    tells_few: ClassVar[bool] = True

    def columns(self, card: Card) -> tuple[Column, ...]:
        """The columns of the metric, and their words."""
        return (*card.chosen, _SAYS)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """One row a course, where most time was spent on top."""
        rows = sorted(card.pick(reader.rows(card.source.slug)), key=lambda row: -(row["time_spent"] or 0))
        return [row | _compare(card, row) for row in rows]


def _compare(card: Card, row: Record) -> Record:
    strips = list(_strips(card, row))
    # A class too small to be shown hides even how small it is.
    others = plural("class.others", row["classmates"]) if strips and row["classmates"] else say("class.few")
    return {
        "strips": strips,
        "others": others,
        "comparison": " ".join([others, *(each.says for each in strips)]),
    }


def _strips(card: Card, row: Record) -> Iterator[Strip]:
    """Of the numbers for which there is a middle to compare with, but not where everybody has nothing."""
    for column, name in _COMPARED.items():
        places = [row[f"class_{name}_{place}"] for place in ("low", "median", "high")]
        if places[1] is not None and any((row[column], *places)):
            found = card.column(column)
            says = _say(row[column], places, found.unit)
            scale = _scale([row[column], *places], found.unit)
            yield Strip(column, label(found), says, *(_place(each, scale) for each in (row[column], *places)))


def _say(own: float | None, places: list[float | None], unit: Unit) -> str:
    low, median, high = (show(each, unit) for each in places)
    key = "class.middle" if None in places else "class.alike" if low == high else "class.spread"
    mine = say("class.own", own=show(own, unit)) if own is not None else say("class.own.none")
    return f"{mine} {say(key, low=low, median=median, high=high)}"


def _scale(values: list[float | None], unit: Unit) -> float:
    most = max((value for value in values if value is not None), default=0.0)
    return 100.0 if unit is Unit.PERCENT else most * _ROOM or 1.0


def _place(value: float | None, scale: float) -> float | None:
    return None if value is None else round(100 * value / scale, 1)

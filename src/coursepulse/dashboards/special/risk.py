"""The risk matrix: engagement against performance, with the reasons behind every point."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import ClassVar, NamedTuple

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import count, percent, show
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.reasons import read_reasons, reason_words
from coursepulse.dashboards.text import say
from coursepulse.dashboards.views.scatter import Mark, Scatter
from coursepulse.definitions.risk import LOW_MEAN

#: Buckets from worst to best, with the colour and the form of their points: never the colour alone.
BUCKETS = (
    Mark("struggling", chart.BAD, "triangle"),
    Mark("on_track", chart.ACCENT, "circle"),
    Mark("excelling", chart.SECOND, "diamond"),
    Mark("not_enough_information", chart.FAINT, "emptyCircle"),
    Mark("completed", chart.GOOD, "rect"),
    Mark("course_over", chart.MUTED, "emptyRect"),
)

#: Where the cross stands: at the mean below which scores are low, unless a course has set it, and in the middle of the
#: class.
MIDDLE = 50
LOW = LOW_MEAN

#: Above 100 and below 0 there is room for the words of the quadrants, where no point can be.
_LANE = 20

#: Pixels of the strips for those who have one of the measures only, and of what stands around them.
_SIDE, _STRIP, _GAP, _RIGHT = 56, 44, 10, 40
_TOP, _FOOT = 36, 48

#: How many stand side by side in a strip before the first place is used again.
_ABREAST = 5


#: More learners than that cover each other: they are counted in fields of so many units, and drawn by their number.
_CROWD = 300
_FIELD = 10

#: Pixels across of the point for one learner and for a whole field.
_SMALLEST, _LARGEST = 7, 44


class _Part(NamedTuple):
    """One part of the chart: the learners that have these measures, and where it stands.

    :param active: they were active in the last seven days, so they have an engagement score
    :param scored: they have a mean score
    """

    active: bool
    scored: bool

    def rows(self, rows: Rows) -> Rows:
        """The learners of this part."""
        return [
            row for row in rows if (row["engagement_score"] is not None, row["score_pct"] is not None) == self
        ]


#: The square first; then those without engagement, those without a score, and those without either.
_PARTS = tuple(_Part(active, scored) for scored in (True, False) for active in (True, False))


@dataclass(frozen=True)
class RiskMatrix(Scatter):
    """One point a student, between two measures from 0 to 100, with a cross where the rule has its limits.

    Who was not active in the last seven days has no engagement score, and who has no result has no score. No place
    among the others would be honest: they stand in strips of their own, side by side as far as there is room.
    """

    #: Those with the most points; a thousand rows take longer to write than everything else on the page.
    twin: ClassVar[int] = 200
    across: str = "engagement_score"
    up: str = "score_pct"
    group: str = "bucket"
    marks: tuple[Mark, ...] = BUCKETS

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """Students by risk, the highest first."""
        rows = card.pick(reader.rows(card.source.slug))
        # A large class has a handful of reasons, each of them thousands of times.
        words = cache(reason_words)
        worded = [row | {"reasons": [words(each) for each in read_reasons(row["reasons"])]} for row in rows]
        return sorted(worded, key=lambda row: (-row["risk_score"], row["name"]))

    def summary(self, card: Card, rows: Rows) -> str:  # noqa: ARG002
        """How many struggle, and of how many little is known."""
        return say(
            "chart.says.risk",
            struggling=count(sum(row["bucket"] == "struggling" for row in rows)),
            of=count(len(rows)),
            no_score=count(sum(row["score_pct"] is None for row in rows)),
            silent=count(sum(row["engagement_score"] is None for row in rows)),
        )

    def option(self, card: Card, rows: Rows) -> Option:
        """The matrix; each quadrant says what it means. Beside and below it those who have one measure only."""
        used, low = self.used(rows), rows[0]["low_score"] if rows else LOW
        if len(rows) > _CROWD:
            rows = self._crowd(rows)
        parts = [part for part in _PARTS if part == _PARTS[0] or part.rows(rows)]
        beside, below = (any(not part[n] for part in parts) for n in (0, 1))
        series = [
            each | {"xAxisIndex": place, "yAxisIndex": place}
            for place, part in enumerate(parts)
            for each in self._series_of(card, part, part.rows(rows), used)
        ]
        series[0] |= _quadrants(low)
        return self.square(card, series) | {
            "grid": [_grid(part, beside=beside, below=below) for part in parts],
            "xAxis": [
                self._foot(card, part, n, lowest=not part.scored or part._replace(scored=False) not in parts)
                for n, part in enumerate(parts)
            ],
            "yAxis": [
                self._side(
                    card, part, n, leftmost=not part.active or part._replace(active=False) not in parts
                )
                for n, part in enumerate(parts)
            ],
        }

    def _crowd(self, rows: Rows) -> Rows:
        """One row for everybody of a bucket in a field, in its middle."""
        fields = Counter(
            (row[self.group], *(_middle(row[name]) for name in (self.across, self.up))) for row in rows
        )
        return [
            {self.group: bucket, self.across: across, self.up: up, _COUNT: number}
            for (bucket, across, up), number in sorted(fields.items(), key=str)
        ]

    def _points(self, card: Card, mark: Mark, rows: Rows) -> Option:
        """Of a crowd each point is as large as it has learners."""
        drawn = super()._points(card, mark, rows)
        most = max((row.get(_COUNT, 1) for row in rows), default=1)
        for row, point in zip(rows, drawn["data"], strict=True):
            if _COUNT in row:
                point["symbolSize"] = round(
                    _SMALLEST + (_LARGEST - _SMALLEST) * sqrt((row[_COUNT] - 1) / most)
                )
        return drawn

    def _series_of(self, card: Card, part: _Part, rows: Rows, used: Sequence[Mark]) -> list[Option]:
        """The points of a part; in a strip they get places side by side, in the order of the measure they have."""
        known = [name for name, there in ((self.across, part.active), (self.up, part.scored)) if there]
        ordered = sorted(rows, key=lambda row: [row[name] for name in known])
        placed = [self._place(row, part, number) for number, row in enumerate(ordered)]
        return self.series(card, placed, used)

    def _place(self, row: Record, part: _Part, number: int) -> Record:
        abreast, behind = number % _ABREAST, number // _ABREAST % _ABREAST
        return row | {
            _X: row[self.across] if part.active else _spread(abreast),
            _Y: row[self.up] if part.scored else _spread(abreast if part.active else behind),
        }

    def place(self, row: Record) -> list[float]:
        """Where the point of a row stands in its part."""
        return [row[_X], row[_Y]]

    def _foot(self, card: Card, part: _Part, number: int, *, lowest: bool) -> Option:
        """The axis below a part: only the lowest has labels, and a strip says what it is for."""
        if part.active:
            words = {} if lowest else {"name": "", "axisLabel": {"show": False}}
            return self.axis_across(card, gridIndex=number, **words)
        return _strip_axis(say("column.not_active") if lowest else "", number) | {"nameGap": 6}

    def _side(self, card: Card, part: _Part, number: int, *, leftmost: bool) -> Option:
        """The axis on the left of a part: only the leftmost has labels."""
        if not part.scored:
            name = _strip_axis(say("column.no_score") if leftmost else "", number)
            return name | {"nameGap": 6, "nameRotate": 0}
        lane = {"min": -_LANE, "max": 100 + _LANE, "interval": _LANE, "gridIndex": number}
        words = {"showMinLabel": False, "showMaxLabel": False, "show": leftmost, "formatter": "{value} %"}
        return self.axis_up(card) | lane | {"axisLabel": words} | ({} if leftmost else {"name": ""})

    def tip(self, card: Card, row: Record) -> str:
        """The measures, where the student stands, and why; of a crowd how many they are."""
        if _COUNT in row:
            return self._crowd_tip(card, row)
        score = say("tip.no_score") if row[self.up] is None else percent(row[self.up])
        silent = row[self.across] is None
        head = say(
            "tip.risk",
            name=row["name"],
            engagement=say("tip.not_active") if silent else count(row[self.across]),
            score=score,
            bucket=show(row["bucket"], card.unit("bucket")),
        )
        return "\n".join((head, *(f"· {reason}" for reason in row["reasons"])))

    def _crowd_tip(self, card: Card, row: Record) -> str:
        words = {
            name: say(
                "tip.crowd.span", low=round(row[column] - _FIELD / 2), high=round(row[column] + _FIELD / 2)
            )
            for name, column in (("engagement", self.across), ("score", self.up))
            if row[column] is not None
        }
        known = {"engagement": say("tip.not_active"), "score": say("tip.no_score")} | words
        return say(
            "tip.crowd",
            count=count(row[_COUNT]),
            bucket=show(row[self.group], card.unit(self.group)),
            **known,
        )


def _middle(value: float | None) -> float | None:
    """The middle of the field in which a measure lies."""
    return None if value is None else _FIELD * (min(value, 100 - _FIELD / 2) // _FIELD) + _FIELD / 2


#: How many learners a point of a crowd stands for.
_COUNT = "learners"

#: Where a point stands in its part; the measures keep their own values.
_X, _Y = "across", "up"


def _spread(place: int) -> float:
    return 100 * (place + 0.5) / _ABREAST


def _grid(part: _Part, *, beside: bool, below: bool) -> Option:
    """Where a part stands. All that stand above each other begin and end at the same place, and so do neighbours."""
    left = _SIDE + (_STRIP + _GAP) * beside
    bottom = _FOOT + (_STRIP + _GAP) * below
    return (
        ({"left": left, "right": _RIGHT} if part.active else {"left": _SIDE, "width": _STRIP})
        | ({"top": _TOP, "bottom": bottom} if part.scored else {"height": _STRIP, "bottom": _FOOT})
        | {"show": True, "borderColor": chart.LINE, "outerBoundsMode": "none"}
    )


def _strip_axis(name: str, number: int) -> Option:
    """An axis without numbers: what stands along a strip is only kept apart. Its name has a line for each word."""
    hidden = {part: {"show": False} for part in ("axisLabel", "axisTick", "splitLine", "axisLine")}
    lines = {"name": name.replace(" ", "\n"), "nameTextStyle": {"lineHeight": 13}}
    return (
        {"type": "value", "min": 0, "max": 100, "nameLocation": "middle", "gridIndex": number}
        | hidden
        | lines
    )


def _quadrants(cut: float) -> Option:
    """The parts of the square, and the cross between them.

    :param cut: the score below which scores are low in the course
    """
    low, high = -_LANE, 100 + _LANE
    corners = {
        "high_low": ([0, cut], [MIDDLE, high], "insideTop"),
        "high_high": ([MIDDLE, cut], [100, high], "insideTop"),
        "low_low": ([0, low], [MIDDLE, cut], "insideBottom"),
        "low_high": ([MIDDLE, low], [100, cut], "insideBottom"),
    }
    areas = [
        [{"name": say(f"quadrant.{name}"), "coord": start, "label": {"position": place}}, {"coord": end}]
        for name, (start, end, place) in corners.items()
    ]
    label = {"color": chart.MUTED, "fontSize": 11}
    area = {"silent": True, "itemStyle": {"color": "transparent"}, "label": label, "data": areas}
    cross = {
        "symbol": "none",
        "silent": True,
        "lineStyle": {"color": chart.MUTED, "opacity": 0.6},
        "data": [
            {"xAxis": MIDDLE, "label": {"show": False}},
            {"yAxis": cut, "label": label | {"formatter": percent(cut), "position": "end"}},
        ],
    }
    return {"markArea": area, "markLine": cross}

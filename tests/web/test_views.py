"""Views draw any metric from its columns, units and titles, without a word written for the card."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.views.bars import HorizontalBars, OverlaidBars, StackedBars
from coursepulse.dashboards.views.heat_map import HeatMap
from coursepulse.dashboards.views.scatter import Mark, Scatter
from coursepulse.dashboards.views.time_series import Series, TimeSeries
from coursepulse.dashboards.views.triangle import CohortTriangle
from coursepulse.dashboards.words import tip
from coursepulse.metrics.catalog import METRICS

DAY, NEXT = date(2026, 3, 2), date(2026, 3, 3)

#: A view, the metric that it draws, rows of it, and what pointing at the first mark says.
DRAWN: list[tuple[View, str, list[tuple[Any, ...]], str]] = [
    (
        HorizontalBars("title", "clicks", ranked=True),
        "clicks",
        [("c1", "Chance", 12345, 3), ("c2", "Testing", 2, 1)],
        "Testing\nClicks: 2",
    ),
    (
        TimeSeries("day", (Series("quarters"),)),
        "student_daily",
        [(DAY, 4), (NEXT, 0)],
        "Mar 2, 2026\nQuarter-hours: 4",
    ),
    (
        OverlaidBars("enrolled", "registered"),
        "retention_registered",
        [(DAY, 0, 20, 18, 90.0), (DAY, 28, 20, 11, 55.0)],
        "1\nEnrolled: 20\nStill registered: 18",
    ),
    (
        StackedBars("cohort", (("returned", chart.ACCENT),)),
        "retention",
        [(DAY, 0, 20, 18, 90.0)],
        "Mar 2, 2026\nCame back: 18",
    ),
    (
        HeatMap("period", "learners", "returned"),
        "retention",
        [(DAY, 0, 20, 18, 90.0), (NEXT, 1, 30, 11, 55.0)],
        "20 0\nCame back: 18",
    ),
    (
        CohortTriangle("intake", "day", "registered_pct", part="registered", whole="enrolled"),
        "retention_registered",
        [(DAY, 0, 20, 18, 90.0), (DAY, 28, 20, 11, 55.0)],
        "Mar 2, 2026, 0 days\nStill registered: 90\u00a0%",
    ),
    (
        Scatter("clicks", "learners"),
        "clicks",
        [("c1", "Chance", 12345, 3)],
        "Chance\nClicks: 12,345\nLearners: 3",
    ),
]


def draw(view: View, metric: str, rows: list[tuple[Any, ...]]) -> Option:
    names = METRICS[metric].names
    option = view.option(
        Card("of_a_test", view, metric=metric), [dict(zip(names, row, strict=True)) for row in rows]
    )
    assert option
    return option


@pytest.mark.parametrize(("view", "metric", "rows", "tip"), DRAWN, ids=lambda each: type(each).__name__)
def test_a_view_says_what_a_mark_is_in_the_words_of_the_metric(
    view: View, metric: str, rows: list[tuple[Any, ...]], tip: str
) -> None:
    assert draw(view, metric, rows)["series"][0]["data"][0]["tip"] == tip


def test_axes_are_those_of_the_units() -> None:
    shares = Scatter("watched_pct", "duration")
    drawn = draw(shares, "course_videos", [("v1", "First", 300.0, 5, 62.5, 3, 1.0)])
    assert (drawn["xAxis"]["min"], drawn["xAxis"]["max"]) == (0, 100)
    assert drawn["xAxis"]["axisLabel"] == {"formatter": "{value}\u00a0%"}
    assert (drawn["xAxis"]["name"], drawn["yAxis"]["name"]) == ("Watched", "Length")


def test_groups_of_points_have_a_look_and_a_name_each() -> None:
    marks = (Mark("enrolled", chart.ACCENT, "circle"), Mark("left", chart.BAD, "triangle"))
    metric = METRICS["student_courses"]
    row = dict.fromkeys(metric.names) | {"title": "Chance", "status": "left", "completion_pct": 40.0}
    view = Scatter("completion_pct", "score_pct", "status", marks)
    (series,) = view.option(Card("of_a_test", view, metric=metric.slug), [row])["series"]
    assert (series["name"], series["symbol"]) == ("left", "triangle")
    assert series["data"][0]["value"] == [40.0, 0]


def test_a_share_that_is_hidden_is_not_said_to_be_nothing() -> None:
    row = {"second": 5, "viewers": None, "rewatchers": None, "remaining_pct": None}
    columns = [column for column in METRICS["video_dropoff"].columns if column.name in row]
    said = tip("tip.second", row, columns)
    assert "0\u00a0%" not in said
    assert "– of the start" in said

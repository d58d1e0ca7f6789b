"""The ends of a list of courses, by the bounds of their intervals."""

from __future__ import annotations

from typing import Any

from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.views.ranking import IntervalRanking

VIEW = IntervalRanking("share", "low", "high", "people")


def course(name: str, share: float, reach: float | None) -> dict[str, Any]:
    low, high = (None, None) if reach is None else (share - reach, share + reach)
    return {"course_id": name, "title": name, "share": share, "low": low, "high": high, "people": 20}


def test_a_lucky_mean_is_not_the_best_and_an_unlucky_one_not_the_weakest() -> None:
    rows = VIEW.rank(
        [
            course("sure", 90, 2),
            course("lucky", 95, 20),
            course("bad", 30, 2),
            course("unlucky", 25, 20),
            course("unknown", 1, None),
        ]
    )
    assert [(row["end"], row["course_id"]) for row in rows] == [
        ("best", "sure"),
        ("best", "lucky"),
        ("weakest", "unlucky"),
        ("weakest", "bad"),
    ]


def test_no_course_stands_at_both_ends_and_five_at_each() -> None:
    rows = VIEW.rank([course(f"c{number:02}", number, 1) for number in range(30)])
    assert [row["course_id"] for row in rows] == [
        *("c29", "c28", "c27", "c26", "c25"),
        *("c04", "c03", "c02", "c01", "c00"),
    ]
    assert [row["end"] for row in VIEW.rank([course("a", 1, 1)])] == ["best"]


def test_a_bar_goes_from_bound_to_bound_and_a_tie_has_an_order() -> None:
    card = all_cards()["platform_completion_ranks"]
    rows = VIEW.rank([course("b", 50, 10), course("a", 50, 10)])
    assert [row["course_id"] for row in rows] == ["a", "b"]
    shown = [
        row | {"completed_pct": 50.0, "completed_low": 40.0, "completed_high": 60.0, "learners": 20}
        for row in rows
    ]
    option = card.view.option(card, shown)
    assert option
    assert [each["value"] for each in option["series"][0]["data"]] == [40, 40]
    assert [each["value"] for each in option["series"][1]["data"]] == [20, 20]
    assert option["series"][2]["data"] == [[50, 0], [50, 1]]
    assert "40" in card.view.summary(card, shown)

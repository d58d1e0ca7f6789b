"""Two runs side by side: what the page says of them."""

from __future__ import annotations

from typing import Any

import pytest

from coursepulse.web.dashboards.compare_pages import _latest, _side_by_side


def week(completion: float | None, low: float | None, high: float | None) -> dict[str, Any]:
    return {
        "learners": 20,
        **dict.fromkeys(f"{name}_{end}" for name in ("active", "score") for end in ("pct", "low", "high")),
        "completion_pct": completion,
        "completion_low": low,
        "completion_high": high,
    }


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ((40, 30, 50), (60, 51, 69), "Chance alone hardly explains that"),
        ((40, 30, 50), (48, 39, 57), "The difference may well be chance."),
        ((40, None, None), (60, 51, 69), "too few learners"),
    ],
)
def test_only_intervals_that_lie_apart_are_a_difference(
    one: tuple[float, Any, Any], other: tuple[float, Any, Any], words: str
) -> None:
    said = _latest(["Spring", "Autumn"], [week(*one), week(90, 89, 91)], [week(*other)])
    assert words in said
    assert "week 1" in said


def test_a_run_without_a_whole_week_is_not_compared() -> None:
    assert (
        _latest(["Spring", "Autumn"], [week(40, 30, 50)], []) == "One of them has not had a whole week yet."
    )


def test_the_longer_run_goes_on_alone() -> None:
    first, second = _side_by_side([week(40, 30, 50), week(55, 45, 65)], [week(60, 51, 69)])
    assert [cell.text.replace("\u00a0", " ") for cell in first.measures[1]] == ["40 %", "60 %"]
    assert [cell.interval for cell in first.measures[1]] == ["30–50 %", "51–69 %"]
    assert (second.number, second.measures[1][1].interval) == (2, "")

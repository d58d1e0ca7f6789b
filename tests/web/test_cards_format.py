"""Numbers as people read them."""

from __future__ import annotations

import pytest

from coursepulse.dashboards.format import Span, age, change, show
from coursepulse.dashboards.views import figures
from coursepulse.kit.clock import SECOND
from coursepulse.metrics.metric import Unit


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, Unit.COUNT, "–"),
        ("", Unit.TEXT, "–"),
        (0, Unit.COUNT, "0"),
        (1234567, Unit.COUNT, "1,234,567"),
        (66.666, Unit.PERCENT, "67 %"),
        (9.96, Unit.PERCENT, "10 %"),
        (0.44, Unit.PERCENT, "0.4 %"),
        (59.4, Unit.SECONDS, "59 s"),
        (59.6, Unit.SECONDS, "1 min"),
        (302, Unit.SECONDS, "5 min"),
        (600, Unit.SECONDS, "10 min"),
        (3600, Unit.SECONDS, "1 h"),
        (11_520, Unit.SECONDS, "3 h 12 min"),
        (3599.6, Unit.SECONDS, "1 h"),
        (5_000_000, Unit.SECONDS, "1,388 h 53 min"),
        (329_970, Unit.SECONDS, "91 h 40 min"),
        (890_040, Unit.SECONDS, "247 h 14 min"),
        (245, Unit.POSITION, "4:05"),
        (3723, Unit.POSITION, "1:02:03"),
        (True, Unit.FLAG, "yes"),
        (1, Unit.DAYS, "1 day"),
        (6, Unit.WEEKDAY, "Sun"),
        (("a, too", "b"), Unit.LIST, "a, too; b"),
        ("struggling", Unit.BUCKET, "Struggling"),
        ("video_progress", Unit.EVENT, "Video running"),
        ("x_library_visit", Unit.EVENT, "library visit"),
        (0, Unit.MOMENT, "–"),
        (1_793_628_300_000_000, Unit.MOMENT, "Nov 2, 2026, 14:05 UTC"),
    ],
)
def test_value_is_shown_with_its_unit(value: object, unit: Unit, expected: str) -> None:
    assert plain(show(value, unit)) == expected


@pytest.mark.parametrize(
    ("now", "before", "unit", "direction", "words", "good"),
    [
        (112, 100, Unit.COUNT, "up", "12 % more than in the 28 days before", True),
        (88, 100, Unit.COUNT, "down", "12 % less than in the 28 days before", False),
        (100.2, 100, Unit.COUNT, "same", "Same as in the 28 days before", None),
        (0, 0, Unit.COUNT, "same", "Same as in the 28 days before", None),
        (5, 0, Unit.COUNT, "up", "Up from none in the 28 days before", None),
        (300, 100, Unit.COUNT, "up", "200 % more than in the 28 days before", True),
        (1938, 100, Unit.COUNT, "up", "Up from 100 in the 28 days before", None),
        (36_000, 60, Unit.SECONDS, "up", "Up from 1 min in the 28 days before", None),
        (54.0, 51.5, Unit.PERCENT, "up", "2.5 points more than in the 28 days before", True),
    ],
)
def test_change_is_told_in_words(
    now: float, before: float, unit: Unit, direction: str, words: str, good: bool | None
) -> None:
    told = change(now, before, Span(28), unit)
    assert told
    assert (told.direction, plain(told.words), told.good) == (direction, words, good)


def test_without_today_a_change_says_so() -> None:
    told = change(112, 100, Span(27, without_today=True), Unit.COUNT)
    assert told
    assert plain(told.words) == "Without today, 12 % more than in the 27 days before"


def test_what_is_hidden_or_unknown_is_not_compared() -> None:
    assert change(5, None, Span(28), Unit.COUNT) is None
    assert change(None, 5, Span(28), Unit.COUNT) is None


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.6, "0.6 s"), (-3, "0.0 s"), (12, "12 s"), (240, "4 min"), (9000, "2 h"), (200_000, "2 days")],
)
def test_age_has_one_unit(seconds: float, expected: str) -> None:
    assert plain(age(0, int(seconds * SECOND))) == expected


def test_small_line_reaches_top_and_bottom() -> None:
    assert figures.path([0, 5, 10]) == "M0.0 23.0L50.0 12.0L100.0 1.0"


def test_flat_line_stays_on_the_ground() -> None:
    assert figures.path([0, 0]) == "M0.0 23.0L100.0 23.0"

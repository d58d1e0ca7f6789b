"""Numbers as people read them."""

from __future__ import annotations

import pytest

from coursepulse.dashboards import figures
from coursepulse.dashboards.format import Kind, age, change, show
from coursepulse.kit.clock import SECOND


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (None, Kind.COUNT, "–"),
        ("", Kind.TEXT, "–"),
        (0, Kind.COUNT, "0"),
        (1234567, Kind.COUNT, "1 234 567"),
        (66.666, Kind.PERCENT, "67 %"),
        (9.96, Kind.PERCENT, "10 %"),
        (0.44, Kind.PERCENT, "0.4 %"),
        (59.4, Kind.SECONDS, "59 s"),
        (250, Kind.SECONDS, "4 min 10 s"),
        (600, Kind.SECONDS, "10 min"),
        (3600, Kind.SECONDS, "1 h"),
        (11_520, Kind.SECONDS, "3 h 12 min"),
        (5_000_000, Kind.SECONDS, "1 389 h"),
        (245, Kind.POSITION, "4:05"),
        (3723, Kind.POSITION, "1:02:03"),
        (True, Kind.TRUTH, "yes"),
        (1, Kind.DAYS, "1 day"),
        (6, Kind.WEEKDAY, "Sun"),
        (("a", "b"), Kind.LIST, "a, b"),
        ("struggling", Kind.BUCKET, "Struggling"),
    ],
)
def test_value_is_shown_with_its_unit(value: object, kind: Kind, expected: str) -> None:
    assert plain(show(value, kind)) == expected


@pytest.mark.parametrize(
    ("now", "before", "kind", "direction", "words", "good"),
    [
        (112, 100, Kind.COUNT, "up", "12 % more than in the 28 days before", True),
        (88, 100, Kind.COUNT, "down", "12 % less than in the 28 days before", False),
        (100.2, 100, Kind.COUNT, "same", "Same as in the 28 days before", None),
        (0, 0, Kind.COUNT, "same", "Same as in the 28 days before", None),
        (5, 0, Kind.COUNT, "up", "Up from none in the 28 days before", None),
        (300, 100, Kind.COUNT, "up", "200 % more than in the 28 days before", True),
        (1938, 100, Kind.COUNT, "up", "Up from 100 in the 28 days before", None),
        (36_000, 60, Kind.SECONDS, "up", "Up from 1 min in the 28 days before", None),
        (54.0, 51.5, Kind.PERCENT, "up", "2.5 points more than in the 28 days before", True),
    ],
)
def test_change_is_told_in_words(
    now: float, before: float, kind: Kind, direction: str, words: str, good: bool | None
) -> None:
    told = change(now, before, 28, kind)
    assert told
    assert (told.direction, plain(told.words), told.good) == (direction, words, good)


def test_what_is_hidden_or_unknown_is_not_compared() -> None:
    assert change(5, None, 28, Kind.COUNT) is None
    assert change(None, 5, 28, Kind.COUNT) is None


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

from __future__ import annotations

from datetime import date

from tests.reference.comparison import ComparedPeriod, previous_period, relative_change


def test_previous_period_is_as_long_and_ends_where_this_one_begins() -> None:
    assert previous_period(ComparedPeriod(date(2026, 3, 1), date(2026, 3, 31))) == (
        date(2026, 1, 30),
        date(2026, 3, 1),
    )


def test_change_is_a_share_of_what_was() -> None:
    assert relative_change(15, 10) == 0.5
    assert relative_change(0, 10) == -1


def test_no_change_from_nothing() -> None:
    assert relative_change(3, 0) is None

"""Engagement over columns says what the definition says, of any class."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.aggregates.engagement import judge_weeks
from tests.reference.engagement import MEASURES, judge_learner

MONDAY = date(2026, 3, 2)

#: Small whole numbers, so that many learners are equal, and times that hardly ever are.
LEARNER = st.tuples(
    st.integers(1, 7), st.floats(0, 5000), st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)
)
WEEKS = st.lists(st.lists(LEARNER, min_size=1, max_size=40), min_size=1, max_size=3)


def as_frame(weeks: list[list[tuple[float, ...]]]) -> pl.DataFrame:
    """The rows of the query ``course_engagement``, week after week."""
    return pl.DataFrame(
        [
            (MONDAY + timedelta(weeks=nth), bytes([number]), *learner)
            for nth, week in enumerate(weeks)
            for number, learner in enumerate(week)
        ],
        {"week": pl.Date, "student_id": pl.Binary} | dict.fromkeys(MEASURES, pl.Float64),
        orient="row",
    )


@given(weeks=WEEKS)
def test_every_learner_is_judged_by_the_one_rule(weeks: list[list[tuple[float, ...]]]) -> None:
    found = {(row["week"], row["student_id"]): row for row in judge_weeks(as_frame(weeks)).to_dicts()}
    for nth, week in enumerate(weeks):
        values = {
            name: {bytes([number]): float(learner[place]) for number, learner in enumerate(week)}
            for place, name in enumerate(MEASURES)
        }
        for number in range(len(week)):
            wanted = judge_learner(bytes([number]), values)
            row = found[MONDAY + timedelta(weeks=nth), bytes([number])]
            assert abs(row["engagement_score"] - wanted.score) < 1e-9
            assert row["band"] == wanted.band
            assert tuple(name for name in MEASURES if row[f"low_{name}"]) == wanted.low
            assert tuple(name for name in MEASURES if row[f"high_{name}"]) == wanted.high


def test_a_week_in_which_nobody_was_active_has_no_rows() -> None:
    assert judge_weeks(as_frame([])).height == 0

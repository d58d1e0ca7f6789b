"""What became of those who were in a course on a day.

In a course with dates, lost means to fail or to withdraw. A self-paced course has no such end: there, lost means not
to have completed it within the horizon, and to have been silent at its end for ``k`` times the own usual gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from coursepulse.definitions.risk import QUIET
from coursepulse.insight.facts import Ending, StudyFacts

_PAIR = ("student", "course")

#: The gap of somebody with fewer than two active days.
_USUAL_GAP = 7


@dataclass(frozen=True, slots=True)
class Horizon:
    """When a student of a self-paced course counts as lost.

    :param k: silent for so many of their own median gaps, and at least for ``definitions.risk.QUIET`` days
    :param days: so long after the day of the prediction
    """

    k: float = 4.0
    days: int = 56


def outcomes(
    facts: StudyFacts, learners: pl.DataFrame, day: date, until: date, horizon: Horizon
) -> pl.DataFrame:
    """``student``, ``course`` and ``lost`` of those learners whose outcome is known at ``until``.

    :param learners: who was in a course on ``day``: ``StudyMoment.learners``
    """
    known = facts.known_at(until)
    dated = _dated(known, learners.filter(pl.col("start").is_not_null()))
    end = day + timedelta(days=horizon.days)
    if end > until:
        return dated
    free = _self_paced(facts.known_at(end), learners.filter(pl.col("start").is_null()), end, horizon.k)
    return pl.concat([dated, free])


def _dated(known: StudyFacts, learners: pl.DataFrame) -> pl.DataFrame:
    """A student who withdraws and enrols again is judged by how it ended in the end."""
    last = known.endings.sort("known", "kind").unique(_PAIR, keep="last", maintain_order=True)
    rows = learners.select(_PAIR).join(last, on=_PAIR)
    return rows.select(*_PAIR, lost=pl.col("kind") != Ending.PASSED)


def _self_paced(known: StudyFacts, learners: pl.DataFrame, end: date, k: float) -> pl.DataFrame:
    passed = known.endings.filter(pl.col("kind") == Ending.PASSED).select(*_PAIR, passed=True).unique()
    left = known.endings.filter(pl.col("kind") != Ending.PASSED).select(*_PAIR, left=True).unique()
    days = known.activity.select(*_PAIR, "day").unique().sort(*_PAIR, "day")
    rhythm = days.group_by(_PAIR).agg(
        silent=(pl.lit(end) - pl.col("day").max()).dt.total_days(),
        gap=pl.col("day").diff().dt.total_days().median(),
    )
    rows = learners.select(*_PAIR, "registered")
    for other in (passed, left, rhythm):
        rows = rows.join(other, on=_PAIR, how="left")
    silent = pl.col("silent").fill_null((pl.lit(end) - pl.col("registered")).dt.total_days())
    quiet = silent > pl.max_horizontal(k * pl.col("gap").fill_null(_USUAL_GAP), QUIET)
    gone = pl.col("left").fill_null(False) | quiet
    return rows.select(*_PAIR, lost=gone & ~pl.col("passed").fill_null(False))

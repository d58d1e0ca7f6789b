"""The facts of one moment, gathered in tables that many features read.

Every table has one row for each learner: somebody who is in a course at the end of that day. Rows are in one order, so
that columns of different tables stand beside each other.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property

import polars as pl

from coursepulse.definitions.risk import FEWEST
from coursepulse.insight.facts import Ending, Pursuit, StudyFacts

_PAIR = ("student", "course")

#: Days before and after the due date beyond which handing in is no earlier or later.
_EARLY, _LATE = 21, -21

#: Scores spread at least this much, so that a class of equals is not pulled apart.
_LEAST_SPREAD = 5.0


class StudyMoment:
    """What was known at the end of ``day``. It cuts the facts itself, so that nobody can forget to."""

    def __init__(self, facts: StudyFacts, day: date, courses: pl.Series | None = None) -> None:
        """Look at ``day``, in ``courses`` alone if given; what their students do elsewhere is known all the same."""
        self.facts = facts.known_at(day)
        self.day = day
        self._only = courses

    @cached_property
    def learners(self) -> pl.DataFrame:
        """Who is in a course, since when, and what else they study or have studied."""
        enrolments = self.facts.enrolments
        if self._only is not None:
            enrolments = enrolments.filter(pl.col("course").is_in(self._only.implode()))
        rows = (
            enrolments.sort("known")
            .unique(_PAIR, keep="last", maintain_order=True)
            .join(self.facts.endings, on=_PAIR, how="anti")
            .join(self.courses, on="course", how="left")
            .join(self._history, on="student", how="left")
            .sort("course", "student")
        )
        return rows.with_columns(
            since=(pl.lit(self.day) - pl.max_horizontal("registered", "start")).dt.total_days(),
            elapsed=(pl.lit(self.day) - pl.col("start")).dt.total_days(),
            length=(pl.col("end") - pl.col("start")).dt.total_days(),
        )

    @cached_property
    def courses(self) -> pl.DataFrame:
        """The newest row of each course."""
        return (
            self.facts.courses.sort("known").unique("course", keep="last", maintain_order=True).drop("known")
        )

    @cached_property
    def _history(self) -> pl.DataFrame:
        """How other courses of the same students ended."""
        ended = self.facts.endings.group_by(_PAIR).agg(lost=(pl.col("kind") != Ending.PASSED).any())
        return ended.group_by("student").agg(lost_before=pl.col("lost").sum())

    @cached_property
    def progress(self) -> pl.DataFrame:
        """How much of the course each learner has completed; null where nobody has completed anything."""
        items = self.facts.items.unique(("course", "item"))
        sizes = items.group_by("course").agg(size=pl.len())
        done = self.facts.done.join(items, on=("course", "item"), how="semi")
        own = done.group_by(_PAIR).agg(
            done=pl.col("item").n_unique(),
            done_lately=pl.col("item").filter(pl.col("day") > self.day - timedelta(days=14)).n_unique(),
        )
        counted = done.select("course", counted=True).unique()
        rows = (
            self.learners.select(*_PAIR, "since", "elapsed", "length")
            .join(sizes, on="course", how="left", maintain_order="left")
            .join(counted, on="course", how="left", maintain_order="left")
            .join(own, on=_PAIR, how="left", maintain_order="left")
        )
        return rows.with_columns(
            pl.when(pl.col("counted")).then(pl.col(name).fill_null(0)) for name in ("done", "done_lately")
        )

    @cached_property
    def class_(self) -> pl.DataFrame:
        """What happened to the whole course so far, and to its earlier runs."""
        ended = self.facts.endings.unique(_PAIR)
        known = (
            self.facts.enrolments.unique(_PAIR)
            .join(ended.select(*_PAIR, gone=True), on=_PAIR, how="left")
            .group_by("course")
            .agg(left_share=pl.col("gone").fill_null(False).mean())
        )
        return (
            self.learners.select(*_PAIR, "series", "elapsed", "length")
            .join(known, on="course", how="left", maintain_order="left")
            .join(self._earlier_runs, on="series", how="left", maintain_order="left")
        )

    @cached_property
    def _earlier_runs(self) -> pl.DataFrame:
        """Of earlier runs that are over: the share that did not pass."""
        over = self.courses.filter(pl.col("end") <= self.day)
        outcomes = (
            self.facts.endings.join(over, on="course")
            .group_by("series", *_PAIR)
            .agg(passed=(pl.col("kind") == Ending.PASSED).any())
        )
        return outcomes.group_by("series").agg(lost_earlier=1 - pl.col("passed").mean())

    @cached_property
    def works(self) -> pl.DataFrame:
        """The catalog of graded work as it stands, with ``load``: the weight, at least 1."""
        return (
            self.facts.assessments.sort("known")
            .unique(("course", "assessment"), keep="last", maintain_order=True)
            .with_columns(load=pl.max_horizontal(pl.col("weight").fill_null(1), 1.0))
            .drop("known")
        )

    @cached_property
    def handed(self) -> pl.DataFrame:
        """What each learner has handed in: first day, best score of the newest markings, and whether it was banked."""
        newest = (
            self.facts.results.join(self.learners, on=_PAIR, how="semi")
            .sort("known", "score", nulls_last=False)
            .group_by(*_PAIR, "assessment", "attempt")
            .agg(pl.col("handed_in").min(), pl.col("score").drop_nulls().last(), pl.col("banked").any())
        )
        return newest.group_by(*_PAIR, "assessment").agg(
            pl.col("handed_in").min(), pl.col("score").max(), pl.col("banked").any(), tries=pl.len()
        )

    @cached_property
    def due_works(self) -> pl.DataFrame:
        """Each learner with each work due since they came, whether they handed it in and how it compares."""
        passed = self.works.filter(pl.col("due") <= self.day)
        grid = (
            self.learners.select(*_PAIR, "registered")
            .join(passed, on="course")
            .filter(pl.col("due") >= pl.col("registered"))
            .join(self.handed, on=(*_PAIR, "assessment"), how="left")
            .with_columns(
                met=pl.col("banked").is_not_null(),
                early=(pl.col("due") - pl.col("handed_in")).dt.total_days().clip(_LATE, _EARLY),
            )
        )
        over = ("course", "assessment")
        score = pl.col("score")
        spread = pl.max_horizontal(score.std().over(over).fill_null(0), _LEAST_SPREAD)
        counts = (pl.len().over(over) < FEWEST) | (pl.col("met").mean().over(over) >= 0.5)
        compared = grid.with_columns(counts=counts, above=(score - score.mean().over(over)) / spread)
        return compared.filter("counts").sort(*_PAIR, "due", "assessment")

    @cached_property
    def work(self) -> pl.DataFrame:
        """Sums over the work due so far, and over all work handed in."""
        load, met, above = pl.col("load"), pl.col("met"), pl.col("above")
        own = ~pl.col("banked").fill_null(False)
        scored = above.is_not_null()
        due = self.due_works.group_by(_PAIR, maintain_order=True).agg(
            due=pl.len(),
            due_load=load.sum(),
            missed_load=load.filter(~met).sum(),
            missed=(~met).sum(),
            missed_last=(~met).last(),
            missed_row=_run_at_end(~met),
            early=pl.col("early").filter(own).mean(),
            early_last=pl.col("early").filter(own & met).last(),
            late=(pl.col("early").filter(own) < 0).mean(),
            above=(above * load).sum() / load.filter(scored).sum(),
            above_last=above.drop_nulls().last(),
            above_worst=above.min(),
            above_earlier=above.drop_nulls().slice(0, pl.len() - 1).mean(),
            mean_score=(pl.col("score") * load).sum() / load.filter(scored).sum(),
            failed=(pl.col("score") < 40).sum(),
            last_score=pl.col("score").drop_nulls().last(),
            banked=pl.col("banked").fill_null(False).mean(),
            earned_due=(pl.col("score").fill_null(0) * load).sum() / load.sum(),
        )
        rows = self.learners.select(*_PAIR, "since", "elapsed", "length").join(
            due, on=_PAIR, how="left", maintain_order="left"
        )
        return rows.join(self._all_handed, on=_PAIR, how="left", maintain_order="left").join(
            self._loads, on="course", how="left", maintain_order="left"
        )

    @cached_property
    def _all_handed(self) -> pl.DataFrame:
        ahead = pl.col("due") > self.day
        return (
            self.handed.join(self.works, on=("course", "assessment"))
            .group_by(_PAIR)
            .agg(
                ahead=ahead.sum(),
                handed=pl.len(),
                points=(pl.col("score") * pl.col("load")).sum(),
                handed_load=pl.col("load").sum(),
                since_handed=(pl.lit(self.day) - pl.col("handed_in").max()).dt.total_days(),
            )
        )

    @cached_property
    def _loads(self) -> pl.DataFrame:
        return self.works.group_by("course").agg(
            whole_load=pl.col("load").sum(),
            next_due=(
                pl.col("due").filter(pl.col("due") > self.day).min() - pl.lit(self.day)
            ).dt.total_days(),
        )

    @cached_property
    def activity(self) -> pl.DataFrame:
        """Sums over days; null in a course of which no activity is known at all."""
        rows = self.learners.select(*_PAIR, "since", "registered")
        heard = self.facts.activity.select("course", heard=True).unique()
        sums = rows.join(heard, on="course", how="left", maintain_order="left").join(
            self._sums, on=_PAIR, how="left", maintain_order="left"
        )
        zero = [name for name in self._sums.columns if name not in (*_PAIR, "silent", "gap")]
        return sums.with_columns(
            pl.when(pl.col("heard")).then(pl.col(name).fill_null(0)).alias(name) for name in zero
        )

    @cached_property
    def _sums(self) -> pl.DataFrame:
        own = self.facts.activity.join(self.learners, on=_PAIR, how="semi")
        days = own.filter(pl.col("day") <= self.day).with_columns(
            ago=(pl.lit(self.day) - pl.col("day")).dt.total_days()
        )
        daily = (
            days.group_by(*_PAIR, "ago")
            .agg(
                count=pl.col("count").sum(),
                **{kind.value: pl.col("count").filter(pl.col("kind") == kind).sum() for kind in Pursuit},
            )
            .sort(*_PAIR, "ago")
        )
        ago, count = pl.col("ago"), pl.col("count")
        return daily.group_by(_PAIR, maintain_order=True).agg(
            count=count.sum(),
            week=count.filter(ago < 7).sum(),
            fortnight=count.filter(ago < 14).sum(),
            before=count.filter((ago >= 14) & (ago < 28)).sum(),
            days=pl.len(),
            days_7=(ago < 7).sum(),
            days_14=(ago < 14).sum(),
            days_28=(ago < 28).sum(),
            silent=ago.min(),
            gap=ago.diff().median(),
            longest=ago.diff().max(),
            weeks=(ago // 7).n_unique(),
            spread=(count / count.sum()).pow(2).sum(),
            **{kind.value: pl.col(kind.value).sum() for kind in Pursuit},
        )


def _run_at_end(flag: pl.Expr) -> pl.Expr:
    """How many of the last rows have the flag without a break."""
    return flag.reverse().cast(pl.Int32).cum_prod().sum()

"""The rule of ``definitions/risk.py`` on the same rows as the models: what they have to beat."""

from __future__ import annotations

import polars as pl

from coursepulse.aggregates.risk import judge_class
from coursepulse.insight.features import StudyMoment

_PAIR = ("student", "course")


def rule_scores(moment: StudyMoment) -> pl.Series:
    """Points of everybody in ``StudyMoment.learners``, in that order."""
    rows = class_rows(moment)
    judged = [judge_class(one, moment.day) for one in rows.partition_by("course", maintain_order=True)]
    points = pl.concat(judged).select(*_PAIR, "risk_score") if judged else None
    if points is None:
        return pl.Series("rule", [], pl.Float64)
    ordered = moment.learners.select(_PAIR).join(points, on=_PAIR, how="left", maintain_order="left")
    return ordered["risk_score"].cast(pl.Float64).rename("rule")


def class_rows(moment: StudyMoment) -> pl.DataFrame:
    """What :func:`judge_class` looks at, of everybody in a course."""
    due = moment.due_works.group_by(_PAIR).agg(
        due=pl.col("assessment"), missing=pl.col("assessment").filter(~pl.col("met"))
    )
    study = moment.activity.select(*_PAIR, "silent", "gap", heard=pl.col("count").fill_null(0) > 0)
    graded = moment.works.select("course", graded=True).unique()
    progress = moment.progress.select(*_PAIR, completion_pct=100 * pl.col("done") / pl.col("size"))
    rows = moment.learners.select(*_PAIR, "registered", "end").join(graded, on="course", how="left")
    for other in (due, study, progress, _marks(moment)):
        rows = rows.join(other, on=_PAIR, how="left")
    none = pl.lit([], pl.List(pl.String))
    return rows.select(
        *_PAIR,
        "completion_pct",
        "score_pct",
        joined_on=pl.col("registered"),
        last_activity_at=(pl.lit(moment.day) - pl.duration(days=pl.col("silent"))).cast(
            pl.Datetime("us", "UTC")
        ),
        rhythm=pl.col("gap").fill_null(7.0).clip(1, 7),
        falling=pl.col("falling").fill_null(False),
        watched_pct=pl.lit(None, pl.Float64),
        due=pl.col("due").fill_null(none),
        missing=pl.col("missing").fill_null(none),
        graded=pl.col("graded").fill_null(False),
        heard=pl.col("heard"),
        completed=pl.lit(False),
        over=(pl.col("end") < moment.day).fill_null(False),
    ).sort(_PAIR)


def _marks(moment: StudyMoment) -> pl.DataFrame:
    score = pl.col("score")
    ordered = moment.handed.filter(score.is_not_null()).sort(*_PAIR, "handed_in", "score")
    return ordered.group_by(_PAIR).agg(
        score_pct=score.mean(),
        falling=score.tail(2).mean() <= score.slice(0, (pl.len().cast(pl.Int64) - 2).clip(0)).mean() - 15,
    )

"""Lists of a row's members, made from one row per member."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import polars as pl

from coursepulse.events.payloads import REGRADE

#: In the order in which results of one attempt replace each other.
_OUTCOME = ("at", "score", "passed", "event_id")


def gather(members: pl.DataFrame, name: str, fields: Sequence[str] = ()) -> pl.DataFrame:
    """One row per ``k`` with the list ``name`` of its members, in their order.

    :param fields: makes each member a tuple of these columns
    """
    member = pl.struct(fields).alias(name) if fields else pl.col(name)
    return members.group_by("k", maintain_order=True).agg(member)


def sort_members(members: pl.DataFrame, name: str) -> pl.DataFrame:
    """Each member of a set once, in order."""
    return members.unique(["k", name]).sort("k", name)


def keep_first(tries: pl.DataFrame) -> pl.DataFrame:
    """Of each attempt the earliest (k, assessment_id, attempt, first_at), in order: ``tests/reference/attempts.py``."""
    keys = ["k", "assessment_id", "attempt"]
    return tries.sort(*keys, "first_at").unique(keys, keep="first", maintain_order=True)


def add_up(amounts: pl.DataFrame) -> pl.DataFrame:
    """The sum of each member (k, lesson_id, micros), in order."""
    keys = ["k", "lesson_id"]
    return amounts.group_by(keys).agg(pl.col("micros").sum()).sort(keys)


def _since_regrades(results: pl.DataFrame) -> pl.DataFrame:
    """Without what a regrade replaces: results of the same assessment before it or at its moment."""
    regrades = results.filter(pl.col("attempt") == REGRADE)
    if regrades.is_empty():
        return results
    work = ["k", "assessment_id"]
    last = regrades.sort(*work, *_OUTCOME).unique(work, keep="last")
    cuts = last.select(*work, cut="at", by="event_id")
    stands = (pl.col("at") > pl.col("cut")) | (pl.col("event_id") == pl.col("by"))
    joined = results.join(cuts, on=work, how="left")
    return joined.filter(stands.fill_null(value=True)).select(results.columns)


def keep_last(results: pl.DataFrame) -> pl.DataFrame:
    """What came of each attempt, of one moment the better result, in order: ``tests/reference/attempts.py``."""
    keys = ["k", "assessment_id", "attempt"]
    ordered = _since_regrades(results).sort(*keys, *_OUTCOME)
    scores = pl.col("score").is_not_null().cum_sum()
    # From the last score on; the word about passing is its own, or that of a later result without a score.
    since = scores == scores.max()
    moment = pl.col("at", "event_id")
    return (
        ordered.group_by(keys, maintain_order=True)
        .agg(
            pl.when(scores.max() > 0).then(moment.filter(since).first()).otherwise(moment.last()),
            pl.col("score").drop_nulls().last(),
            pl.col("passed").filter(since).drop_nulls().last(),
        )
        .select(results.columns)
    )


def attach(rows: pl.DataFrame, lists: Iterable[pl.DataFrame], schema: pl.Schema) -> pl.DataFrame:
    """Puts lists beside their rows; a row without any gets an empty one."""
    # Most batches are small, and most lists of theirs empty.
    some = [each for each in lists if each.height]
    for each in some:
        rows = rows.join(each, on="k", how="left", maintain_order="left")
    there = {each.columns[1] for each in some}
    return rows.with_columns(
        pl.coalesce(name, _nothing(kind)).alias(name) if name in there else _nothing(kind).alias(name)
        for name, kind in schema.items()
    )


@cache
def _nothing(kind: pl.DataType) -> pl.Expr:
    """An empty list."""
    return pl.lit([], kind)

"""Course days, from their parts: ``tests/reference/course_day.py`` over columns."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from coursepulse.aggregates.columns import DAYS, FIRSTS, LASTS, LISTS, MEMBER_SUMS, SETS, SUMS
from coursepulse.aggregates.lists import add_up, attach, gather, keep_first, keep_last, sort_members

_KEY = ["student_id", "course_id", "day"]


def unite_parts(parts: pl.DataFrame) -> pl.DataFrame:
    """One row per (student_id, course_id, day) of the columns DAYS.

    :param parts: all parts of these days, each once
    """
    shared = pl.len().over(_KEY) > 1
    # Most days have one part, which says all there is.
    alone = parts.filter(~shared).select(*DAYS)
    if alone.height == parts.height:
        return alone
    return pl.concat([alone, _unite(parts.filter(shared)).select(*DAYS).cast(DAYS)])


def _unite(parts: pl.DataFrame) -> pl.DataFrame:
    rows = parts.sort(_KEY).with_columns(k=pl.struct(_KEY).rle_id())
    united = rows.group_by("k", maintain_order=True).agg(
        pl.col(_KEY).first(),
        pl.col("first_at").min(),
        pl.col("last_at", "last_learning_at").max(),
        pl.col(*SUMS).sum(),
    )
    return attach(united, _lists(rows), LISTS)


def _lists(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    for name in SETS:
        if (members := _members(rows, name)).height:
            yield gather(sort_members(members, name), name)
    for keep, names in ((keep_first, FIRSTS), (keep_last, LASTS), (add_up, MEMBER_SUMS)):
        for name in names:
            if (members := _members(rows, name)).height:
                fields = members.unnest(name)
                yield gather(keep(fields), name, fields.columns[1:])


def _members(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    return rows.select("k", name).filter(pl.col(name).list.len() > 0).explode(name)

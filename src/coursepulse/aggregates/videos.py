"""What one part holds about each video: ``PartVideo`` of ``tests/reference/parts.py`` over columns."""

from __future__ import annotations

import polars as pl

from coursepulse.aggregates.columns import PIECES
from coursepulse.events.taxonomy import names
from coursepulse.kit.clock import SECOND

_PART = ("student_id", "session_id", "course_id", "day")
_PIECE = ("start_s", "end_s")
_KEYS = ["k", "video_id"]


def watch_videos(parts: pl.DataFrame, rows: pl.DataFrame, paired: pl.DataFrame) -> pl.DataFrame:
    """One row per part and video that a video event of the part names.

    :param parts: with ``k`` and ``n``
    :param rows: the events of the parts' days
    :param paired: (n, course_id, video_id, start_s, end_s), opened by them
    """
    named = rows.filter(pl.col("event_type").is_in(names(category="video")) & (pl.col("video_id") != ""))
    known = pl.col("duration").filter(pl.col("duration") > 0).max()
    numbers = parts.select("k", "n", *_PART)
    return (
        named.group_by(_KEYS)
        .agg(known)
        .join(numbers, on="k")
        .join(_list_pieces(paired.join(numbers, on=["n", "course_id"])), on=_KEYS, how="left")
        .join(_best_reports(named), on=_KEYS, how="left")
        .with_columns(
            pl.col("reported_micros").fill_null(0),
            *(pl.coalesce(name, pl.lit([], PIECES)).alias(name) for name in ("paired", "reported")),
        )
    )


def watched(watches: pl.DataFrame) -> pl.DataFrame:
    """(k, videos_watched) of the videos with a paired or a reported segment."""
    played = (pl.col("paired").list.len() > 0) | (pl.col("reported").list.len() > 0)
    return watches.filter(played).select("k", videos_watched="video_id")


def _list_pieces(paired: pl.DataFrame) -> pl.DataFrame:
    piece = pl.struct(_PIECE).alias("paired")
    return paired.sort(*_KEYS, *_PIECE).group_by(_KEYS, maintain_order=True).agg(piece)


def _best_reports(named: pl.DataFrame) -> pl.DataFrame:
    """The longest report on each video, the later one among equals."""
    told = named.filter(pl.col("segments").list.len() > 0).select(*_KEYS, "at", "event_id", "segments")
    pieces = (
        told.with_row_index("report")
        .explode("segments")
        .unnest("segments")
        .filter(pl.col("end_s") > pl.col("start_s"))
        .sort("report", *_PIECE)
    )
    micros = ((pl.col("end_s") - pl.col("start_s")) * SECOND).floor().cast(pl.Int64)
    return (
        pieces.group_by("report", maintain_order=True)
        .agg(
            pl.col(*_KEYS).first(),
            reported=pl.struct(_PIECE),
            reported_micros=micros.sum(),
            reported_at=pl.col("at").first(),
            reported_by=pl.col("event_id").first(),
        )
        .drop("report")
        .sort(*_KEYS, "reported_micros", "reported_at", "reported_by")
        .unique(_KEYS, keep="last", maintain_order=True)
    )

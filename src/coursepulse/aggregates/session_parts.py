"""The parts of sessions, from their events: ``tests/reference/parts.py`` over columns, bound to it by a parity test."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from coursepulse.aggregates.columns import PARTS, WATCHES
from coursepulse.aggregates.event_sums import attach_lists, sum_events
from coursepulse.aggregates.timing import (
    TIMED,
    credit_gaps,
    cut_sessions,
    follow_players,
    name_lessons,
    pair_segments,
    sum_credits,
    sum_visits,
    today,
)
from coursepulse.aggregates.videos import watch_videos, watched
from coursepulse.kit.clock import DAY
from coursepulse.kit.ids import NIL

_TIMED = ("visits", "visit_micros", "time_video", "time_quiz", "time_reading")

#: What is told of an event besides what timing reads.
_PLACES = ("lesson_id", "assessment_id")
_GAP = ("at", "event_type", "following", "gap", "video_id", *_PLACES)


class Made(NamedTuple):
    """Parts (the columns PARTS, and ``sid``) and what they hold about videos (the columns WATCHES)."""

    parts: pl.DataFrame
    watches: pl.DataFrame


def make_parts(events: pl.DataFrame, changed_keys: pl.DataFrame) -> Made:
    """The parts of the days in ``changed_keys`` (sid, student_id, session_id, day).

    :param events: every event of these sessions on these days and the days beside them, each once
    """
    rows = _open_windows(events, changed_keys)
    timed = cut_sessions(rows.filter(pl.col("session_id") != NIL).select(*TIMED, "lesson_id"))
    players = follow_players(timed)
    of_day = _by_course(rows.filter(today))
    of_day = of_day.with_columns(k=pl.struct("n", "course_id").rle_id())
    parts = sum_events(of_day)
    watches = watch_videos(parts, of_day, pair_segments(players))
    credited = credit_gaps(timed, players, "lesson_id")
    lessons = name_lessons(credited).join(parts.select("n", "course_id", "k"), on=["n", "course_id"])
    for sums in (sum_visits(timed), sum_credits(credited)):
        parts = parts.join(sums, on=["n", "course_id"], how="left", maintain_order="left")
    parts = parts.with_columns(pl.col(*_TIMED).fill_null(0))
    parts = attach_lists(parts, of_day, watched(watches), lessons.select("k", "lesson_id", "micros"))
    return Made(parts.select(*PARTS, "sid").cast(PARTS), watches.select(*WATCHES).cast(WATCHES))


def list_gaps(events: pl.DataFrame, part: pl.DataFrame) -> pl.DataFrame:
    """The gaps of which the times of a part were made, by the same steps: what each event of its day opened.

    :param events: of the session on the day and the days beside it, with the columns SESSION_EVENTS
    :param part: one row (sid, student_id, session_id, day)
    """
    timed = cut_sessions(_open_windows(events, part).select(*TIMED, *_PLACES))
    timed = timed.with_columns(following=pl.col("event_type").shift(-1))
    gaps = credit_gaps(timed, follow_players(timed), *_GAP)
    return gaps.sort("at", "event_type", maintain_order=True)


def _open_windows(events: pl.DataFrame, changed_keys: pl.DataFrame) -> pl.DataFrame:
    """Each event once for every day that it helps to judge, in order."""
    days = changed_keys.sort("sid", "day").with_row_index("n")
    event_day = (pl.col("at") // DAY).cast(pl.Int32)
    # Two columns find the order, and all of them are copied once.
    places = events.select("sid", "at").with_row_index("place").join(days, on="sid")
    places = places.filter((event_day - pl.col("day")).abs() <= 1)
    # One number sorts three times faster than three columns; a window is shorter than its 38 bits of microseconds.
    moment = pl.col("at") - (pl.col("day").cast(pl.Int64) - 1) * DAY
    places = places.with_columns(key=pl.col("n").cast(pl.Int64) * (1 << 38) + moment).sort("key")
    if (places["key"] == places["key"].shift()).any():
        tied = events.select("event_type", "event_id")[places["place"]]
        places = places.with_columns(tied).sort("key", "event_type", "event_id")
    return events[places["place"]].with_columns(places.select(days.columns))


def _by_course(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in the order of ``n``, course by course: most sessions keep to one."""
    other = (pl.col("n") == pl.col("n").shift()) & (pl.col("course_id") != pl.col("course_id").shift())
    return rows.sort("n", "course_id", maintain_order=True) if rows.select(other.any()).item() else rows

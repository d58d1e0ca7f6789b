"""What the events of one day say, whatever their order: ``tests/reference/parts.py`` over columns."""

from __future__ import annotations

import polars as pl

from coursepulse.aggregates.columns import ATTEMPTS, LISTS, RESULTS, TIMES
from coursepulse.aggregates.lists import add_up, attach, gather, keep_first, keep_last, sort_members
from coursepulse.events.payloads import REGRADE
from coursepulse.events.taxonomy import names
from coursepulse.kit.clock import DAY, MINUTE

_TRY = [field.name for field in ATTEMPTS.inner.fields]  # type: ignore[union-attr]
_RESULT = [field.name for field in RESULTS.inner.fields]  # type: ignore[union-attr]

_TIME = [field.name for field in TIMES.inner.fields]  # type: ignore[union-attr]

_kind = pl.col("event_type")
_learns = _kind.is_in(names(learning=True)) & (pl.col("attempt") != REGRADE)
_at = pl.col("at")


_COUNTED = {
    "forum_posts": "forum_post",
    "forum_replies": "forum_reply",
    "forum_views": "forum_view",
    "live_joins": "live_session_join",
    "interactive_attempts": "interactive_attempt",
}

#: What is said of a part. Made once: of a small batch, making it took longer than working it out.
_SUMS = (
    pl.col("n", "sid", "student_id", "session_id", "course_id", "day").first(),
    _at.min().alias("first_at"),
    _at.max().alias("last_at"),
    _at.filter(_learns).max().alias("last_learning_at"),
    pl.len().alias("events"),
    _learns.sum().alias("learning_events"),
    pl.col("clicks").cast(pl.UInt64).filter(_learns).sum(),
    *((_kind == event_type).sum().alias(name) for name, event_type in _COUNTED.items()),
)


def sum_events(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per part with its numbers and moments.

    :param rows: the events of the parts' days, sorted by ``k``, the number of their part
    """
    return rows.group_by("k", maintain_order=True).agg(*_SUMS)


def attach_lists(
    parts: pl.DataFrame, rows: pl.DataFrame, watched: pl.DataFrame, lesson_times: pl.DataFrame
) -> pl.DataFrame:
    """Adds everything that a part lists.

    :param watched: (k, videos_watched), one row per video
    :param lesson_times: (k, lesson_id, micros), any number of rows per lesson
    """
    quarter = (_at % DAY // (15 * MINUTE)).cast(pl.UInt8).alias("quarter_hours")
    lesson = pl.col("lesson_id")
    lessons = rows.filter(_kind.is_in(["lesson_start", "lesson_complete"]) & (lesson != ""))
    completed = lessons.filter(_kind == "lesson_complete")
    sets = [
        rows.filter(_learns).select("k", quarter),
        lessons.select("k", lesson.alias("lessons_started")),
        completed.select("k", lesson.alias("lessons_completed")),
        watched,
    ]
    assessed = rows.filter(pl.col("assessment_id") != "")
    lists = [
        gather(sort_members(members, members.columns[1]), members.columns[1])
        for members in sets
        if members.height
    ]
    if assessed.height:
        lists += [
            _attempts(assessed, "quiz_attempts", "quiz_start", "quiz_answer", "quiz_submit"),
            _attempts(assessed, "submissions", "assignment_submit"),
            _results(assessed, "quiz_results", "quiz_submit"),
            _results(assessed, "grades", "assignment_graded"),
        ]
    if lesson_times.height:
        lists.append(gather(add_up(lesson_times), "lesson_times", _TIME))
    return attach(parts, lists, LISTS)


def _attempts(rows: pl.DataFrame, name: str, *types: str) -> pl.DataFrame:
    tries = rows.filter(_kind.is_in(types) & (pl.col("attempt") != REGRADE)).with_columns(first_at=_at)
    kept = tries.select("k", *_TRY)
    return gather(keep_first(kept) if kept.height else kept, name, _TRY)


def _results(rows: pl.DataFrame, name: str, event_type: str) -> pl.DataFrame:
    results = rows.filter(_kind == event_type).select("k", *_RESULT)
    return gather(keep_last(results) if results.height else results, name, _RESULT)

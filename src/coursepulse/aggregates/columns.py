"""The columns of the frames, and of the ClickHouse tables that they are read from and written to.

In a frame ids are bytes, moments are microseconds since 1970 and days are days since 1970.
"""

from __future__ import annotations

from functools import cache

import polars as pl
import pyarrow as pa

from coursepulse.definitions.order import MEANING


def _join(*schemas: pl.Schema) -> pl.Schema:
    joined = pl.Schema()
    for schema in schemas:
        joined.update(schema)
    return joined


_PIECE = pl.Struct({"start_s": pl.Float64(), "end_s": pl.Float64()})
PIECES = pl.List(_PIECE)
ATTEMPTS = pl.List(pl.Struct({"assessment_id": pl.String(), "attempt": pl.UInt16(), "first_at": pl.Int64()}))
RESULTS = pl.List(
    pl.Struct(
        {
            "assessment_id": pl.String(),
            "attempt": pl.UInt16(),
            "at": pl.Int64(),
            "event_id": pl.Binary(),
            "score": pl.Float64(),
            "passed": pl.Boolean(),
        }
    )
)

TIMES = pl.List(pl.Struct({"lesson_id": pl.String(), "micros": pl.Int64()}))

#: What the definitions read of an event, as in the table ``events``.
EVENTS = pl.Schema(
    {
        "event_id": pl.Binary(),
        "event_type": pl.String(),
        "at": pl.Int64(),
        "student_id": pl.Binary(),
        "session_id": pl.Binary(),
        "course_id": pl.String(),
        "lesson_id": pl.String(),
        "video_id": pl.String(),
        "assessment_id": pl.String(),
        "position": pl.Float64(),
        "position_to": pl.Float64(),
        "duration": pl.Float64(),
        "rate": pl.Float64(),
        "segments": PIECES,
        "score": pl.Float64(),
        "passed": pl.Boolean(),
        "attempt": pl.UInt16(),
        "clicks": pl.UInt32(),
    }
)

#: The same for the events of sessions: a number for student and session, types that
#: compare as numbers, in the order of what they mean (``definitions/order.py``).
SESSION_EVENTS = _join(EVENTS, pl.Schema({"event_type": pl.Enum(MEANING), "sid": pl.UInt32()}))
del SESSION_EVENTS["student_id"], SESSION_EVENTS["session_id"]

_IDS = pl.Schema({"student_id": pl.Binary(), "course_id": pl.String(), "day": pl.Int32()})

#: What a part and a course day have in common: numbers that are added up, and what is united.
FIRST_AND_LAST = ("first_at", "last_at", "last_learning_at")
SUMS = pl.Schema(
    {
        "events": pl.UInt32(),
        "learning_events": pl.UInt32(),
        "clicks": pl.UInt64(),
        "visits": pl.UInt32(),
        "visit_micros": pl.Int64(),
        "time_video": pl.Int64(),
        "time_quiz": pl.Int64(),
        "time_reading": pl.Int64(),
        "forum_posts": pl.UInt32(),
        "forum_replies": pl.UInt32(),
        "forum_views": pl.UInt32(),
        "live_joins": pl.UInt32(),
        "interactive_attempts": pl.UInt32(),
    }
)
SETS = pl.Schema(
    {
        "quarter_hours": pl.List(pl.UInt8),
        "lessons_started": pl.List(pl.String),
        "lessons_completed": pl.List(pl.String),
        "videos_watched": pl.List(pl.String),
    }
)
FIRSTS = pl.Schema({"quiz_attempts": ATTEMPTS, "submissions": ATTEMPTS})
LASTS = pl.Schema({"quiz_results": RESULTS, "grades": RESULTS})
#: Numbers that are added up member by member.
MEMBER_SUMS = pl.Schema({"lesson_times": TIMES})
LISTS = _join(SETS, FIRSTS, LASTS, MEMBER_SUMS)

#: One row of ``student_course_days``, and one of ``session_parts``.
DAYS = _join(_IDS, pl.Schema(dict.fromkeys(FIRST_AND_LAST, pl.Int64)), SUMS, LISTS)
PARTS = _join(pl.Schema({"session_id": pl.Binary()}), DAYS)

#: One row of ``video_watch``.
WATCHES = _join(
    pl.Schema({"session_id": pl.Binary()}),
    _IDS,
    pl.Schema(
        {
            "video_id": pl.String(),
            "duration": pl.Float64(),
            "paired": PIECES,
            "reported": PIECES,
            "reported_micros": pl.Int64(),
            "reported_at": pl.Int64(),
            "reported_by": pl.Binary(),
        }
    ),
)

_MOMENT = pa.timestamp("us", tz="UTC")
_MOMENTS = frozenset({"at", "first_at", "last_at", "last_learning_at", "reported_at"})


def read_table(table: pa.Table, schema: pl.Schema) -> pl.DataFrame:
    """A frame of the columns of ``schema`` out of an answer of ClickHouse."""
    frame = pl.DataFrame(pl.from_arrow(table.select(list(schema))))
    return frame.cast(schema)


def write_table(frame: pl.DataFrame) -> pa.Table:
    """The rows of a frame as ClickHouse takes them."""
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    return table.cast(
        pa.schema([(field.name, _arrow_type(field.name, field.type)) for field in table.schema])
    )


def _arrow_type(name: str, kind: pa.DataType) -> pa.DataType:
    if name == "day":
        return pa.date32()
    if name in _MOMENTS:
        return _MOMENT
    if pa.types.is_large_list(kind):
        return pa.list_(_arrow_type("", kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, _arrow_type(field.name, field.type)) for field in kind])
    if pa.types.is_large_string(kind):
        return pa.string()
    return pa.binary(16) if pa.types.is_large_binary(kind) else kind


def empty(schema: pl.Schema) -> pl.DataFrame:
    """A frame without rows."""
    return _empty(tuple(schema.items())).clone()


@cache
def _empty(columns: tuple[tuple[str, pl.DataType], ...]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict(columns))

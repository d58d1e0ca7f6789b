"""Events as columns: what ClickHouse takes in one piece."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate, chain
from operator import attrgetter

import numpy as np
import pyarrow as pa

from coursepulse.events.event import Event
from coursepulse.events.payloads import AnswerPayload, ForumPayload, LivePayload, PaymentPayload
from coursepulse.events.taxonomy import TYPES

_ID = pa.binary(16)
_MOMENT = pa.timestamp("us", tz="UTC")
_PIECE = pa.struct([("start_s", pa.float64()), ("end_s", pa.float64())])

#: The columns of the table ``events`` that are fields of an Event as they are.
_PLAIN: dict[str, pa.DataType] = {
    "event_id": _ID,
    "event_type": pa.string(),
    "at": _MOMENT,
    "student_id": _ID,
    "session_id": _ID,
    "course_id": pa.string(),
    "lesson_id": pa.string(),
    "video_id": pa.string(),
    "assessment_id": pa.string(),
    "device_type": pa.string(),
    "os": pa.string(),
    "browser": pa.string(),
    "country": pa.string(),
    "position": pa.float64(),
    "position_to": pa.float64(),
    "duration": pa.float64(),
    "rate": pa.float64(),
    "score": pa.float64(),
    "passed": pa.bool_(),
    "attempt": pa.uint16(),
    "question_id": pa.string(),
    "correct": pa.bool_(),
    "clicks": pa.uint32(),
    "quality": pa.string(),
    "buffer": pa.float64(),
}

#: Columns that few events fill, with what stands in all others.
_RARE: dict[str, str | int] = {
    "answer_id": "",
    "thread_id": "",
    "live_session_id": "",
    "interactive_id": "",
    "currency": "",
    "amount": 0,
}
_RARELY = [(name, attrgetter(name), blank) for name, blank in _RARE.items()]
_FILLING = frozenset(
    kind.name
    for kind in TYPES.values()
    if issubclass(kind.payload, AnswerPayload | ForumPayload | LivePayload | PaymentPayload)
)

#: As in ClickHouse: the last four digits are the parts that :data:`coursepulse.events.payloads.MONEY_PARTS` counts.
_MONEY = pa.decimal128(19, 4)

_segments = attrgetter("segments")

#: Column by column: one tuple of 25 fields per event would cost twice as much as the arrays themselves.
_COLUMNS = [(name, attrgetter(name), kind) for name, kind in _PLAIN.items()]


#: Events that are turned into columns at once: column by column over more, the processor's cache would hold none of
#: them when the next column comes.
_AT_ONCE = 1_000


def event_columns(events: list[Event]) -> pa.Table:
    """The rows of the table ``events``; the list must not be empty."""
    some = [_some_columns(events[start : start + _AT_ONCE]) for start in range(0, len(events), _AT_ONCE)]
    return pa.concat_tables(some).combine_chunks()


def _some_columns(events: list[Event]) -> pa.Table:
    table = {name: pa.array(list(map(value, events)), kind) for name, value, kind in _COLUMNS}
    table["segments"] = _segment_column(list(map(_segments, events)))
    table |= _rare_columns(events)
    table["amount"] = table["amount"].cast(pa.decimal128(19)).view(_MONEY)
    return pa.table(table)


def _rare_columns(events: list[Event]) -> dict[str, pa.Array]:
    """What few events say, spread over all rows by Arrow: asking each event costs four times as much."""
    places = [place for place, event in enumerate(events) if event.event_type in _FILLING]
    filling = [events[place] for place in places]
    sources = np.zeros(len(events), np.int32)
    sources[places] = range(1, len(places) + 1)
    return {name: pa.array([blank, *map(value, filling)]).take(sources) for name, value, blank in _RARELY}


def _segment_column(rows: list[tuple[tuple[float, float], ...]]) -> pa.Array:
    offsets = list(accumulate(map(len, rows), initial=0))
    pieces = list(chain.from_iterable(rows))
    starts, ends = zip(*pieces, strict=True) if pieces else ((), ())
    flat = pa.StructArray.from_arrays(
        [pa.array(starts, pa.float64()), pa.array(ends, pa.float64())], fields=list(_PIECE)
    )
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), flat)


def day_columns(days: Iterable[tuple[bytes, int]]) -> pa.Table:
    """The rows of ``wanted_days``.

    :param days: student_id, days since 1970
    """
    students, numbers = zip(*days, strict=True)
    return pa.table({"student_id": pa.array(students, _ID), "day": pa.array(numbers, pa.date32())})


def hour_columns(hours: Iterable[tuple[bytes, bytes, int]]) -> pa.Table:
    """The rows of ``session_hours``.

    :param hours: student_id, session_id, hours since 1970
    """
    students, sessions, numbers = zip(*hours, strict=True)
    moments = pa.array([3600 * hour for hour in numbers], pa.uint32())
    return pa.table(
        {"student_id": pa.array(students, _ID), "session_id": pa.array(sessions, _ID), "hour": moments}
    )

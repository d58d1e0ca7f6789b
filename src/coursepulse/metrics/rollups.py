"""Rollups: rows that are recomputed whole from the raw events of the keys that a batch touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice

from clickhouse_connect.driver.client import Client

from coursepulse.events.event import Event
from coursepulse.events.taxonomy import Kind, names
from coursepulse.kit.clock import DAY, HOUR
from coursepulse.kit.sql import Queries
from coursepulse.metrics.columns import event_columns, touched_columns
from coursepulse.store.clickhouse.connect import split_statements, translate_errors

_QUERIES = Queries("coursepulse.metrics.sql.rollups")

#: One cycle after the fresh events are in, as statements. Each may fail: the cycle is repeated from its beginning.
STEPS = (
    "learn_hours",
    "find_hours",
    "read_sessions",
    "find_days",
    "learn_parts",
    "write_parts",
    "write_days",
)

#: The same for all events of one day and one slice of the students.
REBUILD_STEPS = (
    "clear_work",
    "clear_hot",
    "find_hours_of_day",
    "read_sessions",
    "find_sessions_of_day",
    "write_parts",
    "write_days",
)

#: Partitions (days) that one insert may touch. Each costs a buffer per column while the insert runs.
_DAYS_PER_INSERT = 32

#: What the hot part may hold, at 650 bytes each. Filling it anew reads the day of every student at work.
_HOT_PARTS = 100_000

#: Raw events of a day that a rebuild reads at once.
_EVENTS_PER_SLICE = 200_000

_TYPES = {
    "learning_types": names(learning=True),
    "video_types": names(kind=Kind.VIDEO),
    "quiz_types": names(kind=Kind.QUIZ),
}


class Rollups:
    """Keeps the tables of ``store/clickhouse/migrations/0002_rollups.sql`` equal to what the raw events say.

    Rows are replaced and never incremented, so repeating a cycle changes nothing, whatever a crash left of it.
    One Rollups at a time writes to a database: the work tables are shared.

    Days in ``frozen_days`` have lost their raw events: their rows are never written again.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._hot = False

    def refresh(self, events: list[Event], cycle: int) -> None:
        """Take fresh events in and bring every row that depends on them up to date.

        :param cycle: version of the rows written; never smaller than that of an earlier cycle
        :raises StoreUnavailable: repeat the cycle later, with the same number or a larger one
        :raises StoreRejected: ClickHouse refuses the rows
        """
        if not events:
            return
        with translate_errors("ClickHouse rollups"):
            self._check_hot()
            self.insert_events(events)
            self.touch(events)
            for step in STEPS:
                self._run(step, cycle=cycle)
            self._hot = True

    def insert_events(self, events: list[Event]) -> None:
        """Add raw events; one that is there already counts once all the same."""
        for chunk in _chunks_of_days(events):
            self._client.insert_arrow(
                "events", event_columns(chunk), settings={"max_partitions_per_insert_block": 0}
            )

    def touch(self, events: list[Event]) -> None:
        """Begin a cycle: forget the last one and note where these events lie."""
        self._run("clear_work")
        keys = {(event.student_id, event.session_id, event.at // HOUR) for event in events}
        self._client.insert_arrow("touched_hours", touched_columns(keys))

    def rebuild(self, days: Iterable[date], cycle: int) -> None:
        """Recompute everything of these days from the raw events, and drop rows that have none; frozen days stay.

        :param cycle: larger than that of any earlier cycle
        """
        with translate_errors("ClickHouse rollups"):
            frozen = self._days("list_frozen")
            for day in days:
                if day not in frozen:
                    self._rebuild_day(day, cycle)

    def refresh_platform(self, days: Iterable[date], cycle: int) -> None:
        """Bring the platform-wide rows of these days up to date.

        It reads all students of a day: once in a while will do.
        """
        with translate_errors("ClickHouse rollups"):
            self._run("write_platform", days=sorted(set(days)), cycle=cycle)

    def raw_days(self) -> list[date]:
        """The UTC days that have raw events, in order."""
        with translate_errors("ClickHouse rollups"):
            return sorted(self._days("list_days"))

    def freeze(self, days: Iterable[date]) -> None:
        """Let the rows of these days stand for good, and drop their raw events."""
        with translate_errors("ClickHouse rollups"):
            for day in days:
                self._run("freeze_day", day=day)

    def _check_hot(self) -> None:
        """Begin with an empty hot part after a start, after a cycle that failed, and when it has grown too large."""
        if not self._hot or self._count("count_hot") > _HOT_PARTS:
            self._run("clear_hot")
        self._hot = False

    def _days(self, name: str) -> set[date]:
        return {row[0] for row in self._client.query(_QUERIES[name]).result_rows}

    def _rebuild_day(self, day: date, cycle: int) -> None:
        slices = 1 + self._count("count_events", day=day) // _EVENTS_PER_SLICE
        for number in range(slices):
            for step in REBUILD_STEPS:
                self._run(step, day=day, cycle=cycle, slices=slices, slice=number)
        # Only now: a crash before leaves old rows that the repeated rebuild takes away, and never a day without rows.
        self._run("drop_old_rows", day=day, cycle=cycle)

    def _count(self, name: str, **values: object) -> int:
        return int(self._client.query(_QUERIES[name], parameters=values).result_rows[0][0])

    def _run(self, name: str, **values: object) -> None:
        parameters = _TYPES | values
        for statement in split_statements(_QUERIES[name]):
            self._client.command(statement, parameters=parameters)


def _chunks_of_days(events: list[Event]) -> Iterator[list[Event]]:
    """The events in chunks that each lie on few days."""
    if max(event.at for event in events) // DAY - min(event.at for event in events) // DAY < _DAYS_PER_INSERT:
        yield events
        return
    days: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        days[event.at // DAY].append(event)
    ordered = iter(sorted(days))
    while group := list(islice(ordered, _DAYS_PER_INSERT)):
        yield [event for day in group for event in days[day]]

"""Rollups: rows that are recomputed whole from the raw events of the keys that a batch touched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from uuid import UUID

import polars as pl
import pyarrow as pa
from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.columns import (
    EVENTS,
    PARTS,
    SESSION_EVENTS,
    empty,
    read_table,
    write_table,
)
from coursepulse.aggregates.course_days import unite_parts
from coursepulse.aggregates.event_columns import day_columns, event_columns, hour_columns
from coursepulse.aggregates.session_parts import Made, make_parts
from coursepulse.aggregates.work_tables import Desk
from coursepulse.aggregates.working_set import SessionDay, WorkingSet
from coursepulse.events.event import Event
from coursepulse.events.taxonomy import EXTRA_PREFIX, names
from coursepulse.kit.clock import DAY, HOUR, to_days, utc_date
from coursepulse.kit.ids import NIL, to_text
from coursepulse.kit.sql import Queries
from coursepulse.store.clickhouse.connect import split_statements, translate_errors
from coursepulse.stream.ports import Renewed

_QUERIES = Queries("coursepulse.aggregates.clickhouse.writes")

#: Partitions (days) that one insert may touch. Each costs a buffer per column while the insert runs.
_DAYS_PER_INSERT = 32

#: Raw events of a day, and of those beside it, that a rebuild reads at once.
_EVENTS_PER_SLICE = 200_000

#: Events taken back by one statement, which names each.
_TAKE_BACK = 1_000

#: A fresh event changes the parts of its day and of the days beside it, and each of those is judged from the days
#: beside it in turn.
_AROUND = (-2, -1, 0, 1, 2)

_LESSONS, _VIDEOS = names(category="lesson"), names(category="video")

_ACTIVE = ("day", "student_id", "course_id", "version", "events", "learning_events", "visits")

_LEARNER = ("course_id", "student_id")

_DAY = (pl.col("at") // DAY).cast(pl.Int32).alias("day")


class Rollups:
    """Keeps the rollups of days in ``store/clickhouse/schema.sql`` equal to what the raw events say.

    Rows are replaced and never incremented, so repeating a batch changes nothing, whatever a crash left of it.
    A Rollups serves one thread, and :meth:`insert` one more. Several write to a database if each has students and work
    tables of its own.

    Days in ``frozen_days`` have lost their raw events: their rows are never written again.

    :param on_catalog_change: called when events have named a new lesson, or a new length of a video
    :param check: called with students whose events are about to be counted
    :param inserter: the client of the thread that calls :meth:`insert`; the same one when there is one thread
    :param desk: the work tables of this process
    """

    def __init__(
        self,
        client: Client,
        on_catalog_change: Callable[[], None] = lambda: None,
        *,
        check: Callable[[list[bytes]], None] = lambda _: None,
        inserter: Client | None = None,
        desk: Desk | None = None,
    ) -> None:
        self._desk = desk or Desk()
        self._client, self._on_catalog_change, self._check = client, on_catalog_change, check
        self._inserter = inserter or client
        self._working_set = WorkingSet()

    def insert(self, events: list[Event]) -> pl.DataFrame:
        """Add raw events; one that is there already still counts once. Returns those that count at all.

        :raises StoreUnavailable: repeat it later
        :raises StoreRejected: ClickHouse refuses the rows
        """
        with translate_errors("ClickHouse events"):
            return self._insert_events(self._inserter, events)

    def renew(self, fresh: pl.DataFrame, version: int) -> Renewed:
        """Bring every row up to date that depends on fresh events.

        :param fresh: what :meth:`insert` returned; events that it has added since may count too
        :param version: of the rows written; never smaller than that of an earlier batch
        :raises StoreUnavailable: repeat the batch later, with the same version or a larger one
        :raises StoreRejected: ClickHouse refuses the rows
        """
        if not fresh.height:
            return Renewed(set(), set())
        # If anything fails from here on, the next batch begins with an empty working set.
        working_set, self._working_set = self._working_set, WorkingSet()
        with translate_errors("ClickHouse rollups"):
            made = self._renew(working_set, working_set.number(fresh), version)
        working_set.fold()
        working_set.shrink()
        self._working_set = working_set
        return _tell_renewed(fresh, made)

    def refresh(self, events: list[Event], version: int) -> Renewed:
        """:meth:`insert` and :meth:`renew`, in the thread of the latter."""
        if not events:
            return Renewed(set(), set())
        with translate_errors("ClickHouse events"):
            fresh = self._insert_events(self._client, events)
        return self.renew(fresh, version)

    def take_back(self, events: list[Event], *, renewing: bool) -> None:
        """Remove events as if they had never been taken in; what is not there is no error.

        :param renewing: called in the thread that renews; otherwise in that of :meth:`insert`
        """
        client = self._client if renewing else self._inserter
        with translate_errors("ClickHouse events"):
            for start in range(0, len(events), _TAKE_BACK):
                some = events[start : start + _TAKE_BACK]
                values = {
                    "ids": [to_text(event.event_id) for event in some],
                    "days": sorted({utc_date(event.at) for event in some}),
                }
                for statement in split_statements(_QUERIES["take_back"]):
                    client.command(statement, parameters=values)
        if renewing:
            self.forget()

    def forget(self) -> None:
        """Look everything up again: rows were changed or removed by somebody else. Not while a batch is renewed."""
        self._working_set = WorkingSet()

    def rebuild(self, days: Iterable[date], version: int) -> None:
        """Recompute everything of these days from the raw events, and drop rows that have none; frozen days stay.

        :param version: larger than any earlier one
        """
        self.forget()
        with translate_errors("ClickHouse rollups"):
            frozen = self._days("list_frozen")
            rebuilt = []
            for day in days:
                if day not in frozen:
                    self._rebuild_day(day, version)
                    rebuilt.append(day)
            # Only now: after a crash old rows are left, which the repeated rebuild takes away, and never a day without
            # rows. And all at once: each removal reads every part of a table.
            self._run("drop_old_rows", days=rebuilt, version=version)

    def refresh_platform(self, days: Iterable[date], version: int) -> None:
        """Bring the platform-wide rows of these days up to date.

        It reads all students of a day, so it runs once in a while.
        """
        with translate_errors("ClickHouse rollups"):
            self._run("write_platform", days=sorted(set(days)), version=version)

    def active_days(self) -> set[date]:
        """The UTC days that have rows, with raw events or without."""
        with translate_errors("ClickHouse rollups"):
            return self._days("list_active_days")

    def raw_days(self) -> list[date]:
        """The UTC days that have raw events, in order."""
        with translate_errors("ClickHouse rollups"):
            return sorted(self._days("list_days"))

    def freeze(self, days: Iterable[date]) -> None:
        """Let the rows of these days stand for good, and drop their raw events."""
        with translate_errors("ClickHouse rollups"):
            for day in days:
                self._run("freeze_day", day=day)

    def _insert_events(self, client: Client, events: list[Event]) -> pl.DataFrame:
        table = event_columns(events)
        rows = read_table(table, EVENTS)
        self._check(rows["student_id"].unique().to_list())
        for some in _split_days(table, rows["at"] // DAY):
            client.insert_arrow("events", some, settings={"max_partitions_per_insert_block": 0})
        counting = rows.filter(~pl.col("event_type").str.starts_with(EXTRA_PREFIX))
        return counting.cast({"event_type": SESSION_EVENTS["event_type"]})

    def _renew(self, working_set: WorkingSet, fresh: pl.DataFrame, version: int) -> pl.DataFrame:
        """Returns the parts that were made.

        :param fresh: events that count, with the numbers of their sessions
        """
        session_days = fresh.select("sid", "student_id", "session_id", _DAY).unique()
        working_set.unfold(session_days["sid"])
        self._learn_days(working_set, session_days)
        wanted = set(session_days.select("sid", "day").iter_rows())
        found = self._find_events(working_set, working_set.missing_sessions(wanted))
        rows = working_set.take(fresh.select(*SESSION_EVENTS), found, wanted)
        made = make_parts(rows, self._touch(rows, session_days))
        self._write(made, working_set.replace_parts(made.parts), version)
        self._note_catalog(working_set, fresh)
        return made.parts

    def _touch(self, rows: pl.DataFrame, session_days: pl.DataFrame) -> pl.DataFrame:
        """The days of sessions to write: with events, within a day of a fresh one, not frozen."""
        frozen = [to_days(day) for day in self._days("list_frozen")]
        # Events without a session end nothing, so they change no day but their own.
        timed = session_days.filter(pl.col("session_id") != NIL)
        beside = pl.concat(
            [session_days, *(timed.with_columns(pl.col("day") + offset) for offset in (-1, 1))]
        ).unique()
        days = rows.select("sid", _DAY).unique()
        return beside.join(days, on=["sid", "day"], how="semi").filter(~pl.col("day").is_in(frozen))

    def _learn_days(self, working_set: WorkingSet, session_days: pl.DataFrame) -> None:
        """Make sure that all parts of the days around fresh events are known."""
        days = set(session_days.select("student_id", "day").iter_rows())
        missing = working_set.missing_days(days, _AROUND)
        if missing:
            # Nothing happened before 1970, and ClickHouse has no date for it.
            self._replace("wanted_days", day_columns(one for one in missing if one[1] >= 0))
            working_set.learn_days(missing, self._read("find_parts", PARTS))
        working_set.settle(days)

    def _find_events(self, working_set: WorkingSet, missing: set[SessionDay]) -> pl.DataFrame:
        """The events of sessions that are not in the working set, two days around."""
        wanted = pl.DataFrame(list(missing), {"sid": pl.UInt32, "around": pl.Int32}, orient="row")
        parts = working_set.parts_of("sid", wanted["sid"].unique()).join(wanted, on="sid")
        parts = parts.filter((pl.col("day") - pl.col("around")).abs() <= max(_AROUND))
        if not parts.height:
            return empty(SESSION_EVENTS)
        # A part names its first and last hour: some hours too many cost time, nothing else.
        hours = pl.int_ranges(pl.col("first_at") // HOUR, pl.col("last_at") // HOUR + 1).alias("hour")
        rows = parts.select("student_id", "session_id", hours).explode("hour").unique()
        self._replace("session_hours", hour_columns(rows.iter_rows()))
        return _of_sessions(working_set.number(self._read("find_events", EVENTS)))

    def _write(self, made: Made, parts: pl.DataFrame, version: int) -> None:
        """:param parts: all parts of the course days that the made ones belong to"""
        written = pl.lit(version, pl.UInt64).alias("version")
        watches = made.watches.with_columns(written)
        days = unite_parts(parts).with_columns(written)
        # Days first: they are what screens show.
        for table, rows in (
            ("student_course_days", days),
            ("student_days", days),
            ("active_days", _narrow(days)),
        ):
            self._insert(table, rows)
        self._insert("session_parts", made.parts.select(*PARTS, written))
        self._insert("video_watch", watches)
        self._insert("student_watch", watches)

    def _note_catalog(self, working_set: WorkingSet, rows: pl.DataFrame) -> None:
        """Lessons and lengths of videos that these events are the first to tell."""
        lessons = rows.filter(pl.col("event_type").is_in(_LESSONS) & (pl.col("lesson_id") != ""))
        lessons = lessons.select("course_id", "lesson_id", pl.lit(0.0).alias("told")).unique()
        videos = rows.filter(pl.col("event_type").is_in(_VIDEOS) & (pl.col("video_id") != ""))
        lengths = (
            videos.drop_nulls("duration").group_by("course_id", "video_id").agg(pl.col("duration").max())
        )
        news = {
            "lessons_seen": working_set.news(lessons).drop("told"),
            "video_durations": working_set.news(lengths),
        }
        for table, told in news.items():
            self._insert(table, told)
        if any(told.height for told in news.values()):
            self._on_catalog_change()

    def _rebuild_day(self, day: date, version: int) -> None:
        for first, last in self._slices(day):
            working_set = WorkingSet()
            rows = working_set.number(self._read("read_day", EVENTS, day=day, first=first, last=last))
            self._note_catalog(working_set, rows)
            session_days = rows.select("sid", "student_id", "session_id", _DAY).unique()
            made = make_parts(_of_sessions(rows), session_days.filter(pl.col("day") == to_days(day)))
            self._write(made, made.parts, version)

    def _days(self, name: str) -> set[date]:
        return {row[0] for row in self._client.query(_QUERIES[name]).result_rows}

    def _slices(self, day: date) -> Sequence[Sequence[UUID]]:
        """First and last student of each slice of a rebuild."""
        values = {"day": day, "some": _EVENTS_PER_SLICE}
        return self._client.query(_QUERIES["slice_day"], parameters=values).result_rows

    def _read(self, name: str, schema: pl.Schema, **values: object) -> pl.DataFrame:
        return read_table(
            self._client.query_arrow(self._desk.at(_QUERIES[name]), parameters=values, use_strings=True),
            schema,
        )

    def _replace(self, table: str, rows: pa.Table) -> None:
        self._run("clear_table", table=self._desk.at(table))
        self._client.insert_arrow(self._desk.at(table), rows)

    def _insert(self, table: str, rows: pl.DataFrame) -> None:
        if rows.height:
            self._client.insert_arrow(table, write_table(rows))

    def _run(self, name: str, **values: object) -> None:
        for statement in split_statements(_QUERIES[name]):
            self._client.command(statement, parameters=values)


def _narrow(days: pl.DataFrame) -> pl.DataFrame:
    """The columns of ``active_days``."""
    time_on_task = pl.sum_horizontal("time_video", "time_quiz", "time_reading")
    return days.select(*_ACTIVE, time_on_task=time_on_task)


def _of_sessions(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(*SESSION_EVENTS).cast(SESSION_EVENTS)


def _split_days(table: pa.Table, days: pl.Series) -> Iterator[pa.Table]:
    """The rows in pieces that each lie on few days."""
    ordered = sorted(days.unique())
    if len(ordered) <= _DAYS_PER_INSERT:
        yield table
        return
    for start in range(0, len(ordered), _DAYS_PER_INSERT):
        yield table.filter(days.is_in(ordered[start : start + _DAYS_PER_INSERT]).to_arrow())


def _tell_renewed(fresh: pl.DataFrame, made: pl.DataFrame) -> Renewed:
    """An event ends what came before it in its session: that may be another course, or the day before.

    :param made: the parts that were made; none of frozen days, of which an enrolment counts all the same
    """
    rows = pl.concat([fresh.select(*_LEARNER, _DAY), made.select(*_LEARNER, "day")])
    learners = rows.select(_LEARNER).unique()
    return Renewed(set(learners.iter_rows()), {utc_date(day * DAY) for day in rows["day"].unique()})

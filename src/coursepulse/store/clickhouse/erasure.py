"""Erasure of a student in ClickHouse: rows are copied under another id, and parts rewritten without the old one."""

from __future__ import annotations

import time
from datetime import date
from typing import NamedTuple

from clickhouse_connect.driver.client import Client

from coursepulse.kit.errors import StoreUnavailable
from coursepulse.kit.ids import to_text
from coursepulse.kit.sql import Queries
from coursepulse.privacy.erasable import DataSubject, Erased, ErasureMode
from coursepulse.store.clickhouse.connect import split_statements, translate_errors

_QUERIES = Queries("coursepulse.store.clickhouse.queries")

#: Starts a mutation without waiting for it.
_AT_ONCE = {"mutations_sync": 0}

#: Seconds that rewriting the parts of all tables may take.
_PATIENCE = 600.0

#: Seconds that it may fail before the erasure is postponed.
_FAILING = 30.0


class ClickHouseHolding(NamedTuple):
    """A table on disk with rows about students.

    :param sessions: whether it has session ids, which are replaced
    :param copied: whether the rows stay under the replacement when a student is anonymised
    :param country: whether it says where the student was, which is removed
    :param threads: whether it names threads, which is removed too
    """

    table: str
    sessions: bool = False
    copied: bool = True
    country: bool = False
    threads: bool = False

    @property
    def copy(self) -> str:
        """The query that writes the rows under the replacement."""
        if self.country:
            return "erasure_copy_events"
        if self.threads:
            return "erasure_copy_acts"
        return "erasure_copy_sessions" if self.sessions else "erasure_copy"


#: Every table on disk with rows about students, and the copies in memory. A test compares both with the actual
#: columns. Materialized views may read one of them and write another: copying a row twice is harmless in a
#: replacing table, but would count twice in a summing one.
HOLDINGS = (
    ClickHouseHolding("events", sessions=True, country=True, threads=True),
    ClickHouseHolding("quiz_answers"),
    ClickHouseHolding("course_acts", threads=True),
    ClickHouseHolding("enrolments"),
    ClickHouseHolding("session_parts", sessions=True),
    ClickHouseHolding("student_course_days"),
    ClickHouseHolding("student_days"),
    ClickHouseHolding("active_days"),
    ClickHouseHolding("video_watch", sessions=True),
    ClickHouseHolding("student_watch", sessions=True),
    ClickHouseHolding("learner_courses"),
    ClickHouseHolding("learner_watch"),
    ClickHouseHolding("roster_enrolments"),
    ClickHouseHolding("students"),
    ClickHouseHolding("not_agreed", copied=False),
)
IN_MEMORY = (
    "touched_learners",
    "touched_watch",
    "session_hours",
    "wanted_days",
    "erasing",
)

_TABLES = [holding.table for holding in HOLDINGS]


class ClickhouseErasure:
    """:class:`coursepulse.privacy.erasable.Erasable` for every table of the metrics. The pipeline must be stopped.

    :param client: used by nothing else: a client serves one thread
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def erase(self, who: DataSubject, mode: ErasureMode) -> list[Erased]:
        with translate_errors("The erasure"):
            self._end()
            self._run("erasure_begin", **_values(who))
            try:
                return self._erase(mode)
            finally:
                self._end()

    def days(self, who: DataSubject) -> list[date]:
        """The UTC days on which the student was active: the platform-wide rows of these days change."""
        with translate_errors("The erasure"):
            found = self._client.query(_QUERIES["erasure_days"], parameters={"student": to_text(who.student)})
        return [row[0] for row in found.result_rows]

    def courses(self, who: DataSubject) -> list[str]:
        """The courses in which the student has events or an enrolment of the roster."""
        with translate_errors("The erasure"):
            found = self._client.query(
                _QUERIES["erasure_courses"], parameters={"student": to_text(who.student)}
            )
        return [row[0] for row in found.result_rows]

    def _end(self) -> None:
        self._run("erasure_stop")
        self._run("erasure_end")

    def _erase(self, mode: ErasureMode) -> list[Erased]:
        rows = {holding.table: self._count(holding.table) for holding in HOLDINGS}
        if mode is ErasureMode.ANONYMISE:
            # Before its first row: no export may find one that it does not know for what it is.
            self._run("erasure_note_replacement")
            for holding in (holding for holding in HOLDINGS if holding.copied):
                self._run(holding.copy, table=holding.table)
        for (table,) in self._rows("erasure_work_tables"):
            self._run("erasure_empty", table=table)
        self._remove()
        note = "random student and session ids" if mode is ErasureMode.ANONYMISE else "removed"
        note += "; the parts that held the old rows were written anew and removed from disk"
        return [Erased(f"ClickHouse {table}", count, note) for table, count in rows.items()]

    def _remove(self) -> None:
        """All tables at once: each can use one of the two threads that rewrite parts."""
        for (table,) in self._rows("erasure_masked"):
            self._run("erasure_unmask", table=table)
        for table in _TABLES:
            values = {"table": table}
            self._client.command(_QUERIES["erasure_remove"], parameters=values, settings=_AT_ONCE)
        self._wait()
        deadline = time.monotonic() + _PATIENCE
        while found := self._rows("erasure_old_parts"):
            if time.monotonic() > deadline:
                raise StoreUnavailable("ClickHouse keeps replaced parts in use; the erasure goes on later.")
            for (table,) in found:
                self._run("erasure_release", table=table)
            time.sleep(0.05)

    def _wait(self) -> None:
        began = time.monotonic()
        while (state := self._rows("erasure_pending")[0])[0]:
            # ClickHouse retries by itself: it may be short of memory only for a moment.
            if time.monotonic() > began + (_FAILING if state[1] else _PATIENCE):
                raise StoreUnavailable(
                    f"ClickHouse cannot rewrite its parts: {state[1] or 'it takes too long'}"
                )
            time.sleep(0.05)

    def _count(self, table: str) -> int:
        found = self._client.query(_QUERIES["erasure_count"], parameters={"table": table})
        return int(found.result_rows[0][0])

    def _rows(self, name: str) -> list[tuple[object, ...]]:
        found = self._client.query(_QUERIES[name], parameters={"tables": _TABLES})
        return [tuple(row) for row in found.result_rows]

    def _run(self, name: str, **values: object) -> None:
        for statement in split_statements(_QUERIES[name]):
            self._client.command(statement, parameters=values)


def _values(who: DataSubject) -> dict[str, object]:
    return {
        "student": to_text(who.student),
        "replacement": to_text(who.replacement),
        "salt": who.salt,
    }

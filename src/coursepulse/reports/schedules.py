"""Reports that are sent at regular times, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.rows import TupleRow

from coursepulse.alerts.delivery.alarm import Alarm
from coursepulse.kit.clock import Micros, from_micros, to_micros
from coursepulse.kit.sql import Queries
from coursepulse.reports.schedule import (
    ReportForm,
    ReportKind,
    ReportSchedule,
    Rhythm,
    find_next,
    new_letter,
    zone_of,
)
from coursepulse.store.postgres.connect import Pool, translate_errors
from coursepulse.stream.processor import make_id

_QUERIES = Queries("coursepulse.reports.queries")

#: Reports that are planned in one transaction, and letters that are begun in one.
_AT_ONCE = 200


class ReportSchedules:
    """Every method raises StoreUnavailable when PostgreSQL does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def add(self, schedule: ReportSchedule) -> bool:
        """Keep a report; False if the account is gone or has its letter already."""
        return bool(self._read("add", **_values(schedule)))

    def all(self, account_id: str | None = None) -> list[ReportSchedule]:
        """The reports of one account, or of all, oldest first."""
        return self._list(account=None if account_id is None else UUID(account_id), report=None)

    def find(self, report_id: str) -> ReportSchedule | None:
        """One report."""
        return next(iter(self._list(account=None, report=UUID(report_id))), None)

    def remove(self, report_id: str) -> bool:
        """Take a report away, with what waits of it; False if there is none."""
        return bool(self._read("remove", report=UUID(report_id)))

    def pause(self, report_id: str, trouble: str = "") -> None:
        """Let a report rest, and forget what waits of it.

        :param trouble: why, where nobody wished it
        """
        self._rest(report_id, paused=True, trouble=trouble, next_at=None)
        self._forget([UUID(report_id)])

    def resume(self, report_id: str, next_at: Micros) -> None:
        """Let a report go on."""
        self._rest(report_id, paused=False, trouble="", next_at=next_at)

    def pause_all(self, account_id: str) -> None:
        """Let every report of an account rest."""
        self._forget([report for (report,) in self._read("rest_all", account=UUID(account_id))])

    def plan(self, now: Micros) -> int:
        """Put what is due into the outbox, once, whatever happens to this process; returns how many."""
        with translate_errors("The reports"), self._pool.connection() as connection, connection.transaction():
            due = connection.execute(_QUERIES["due"], {"now": from_micros(now), "limit": _AT_ONCE}).fetchall()
            for row in due:
                _plan(connection, _schedule(row[:-1]), zone_of(row[9], row[-1]), now)
        return len(due)

    def begin_letters(self, now: Micros) -> int:
        """Give the weekly letter to accounts that have chosen nothing; returns to how many."""
        found = self._read("without_letter", limit=_AT_ONCE)
        for account, zone in found:
            self.add(new_letter(str(uuid4()), str(account), zone_of("", zone), "settings", now))
        return len(found)

    def next_at(self) -> Micros | None:
        """When the next report is due; None if none is."""
        ((at,),) = self._read("next")
        return None if at is None else to_micros(at)

    def _list(self, **wanted: UUID | None) -> list[ReportSchedule]:
        return [_schedule(row) for row in self._read("list", **wanted)]

    def _rest(self, report_id: str, *, paused: bool, trouble: str, next_at: Micros | None) -> None:
        at = None if next_at is None else from_micros(next_at)
        self._read("rest", report=UUID(report_id), paused=paused, trouble=trouble, next=at)

    def _forget(self, reports: Iterable[UUID]) -> None:
        with translate_errors("The reports"), self._pool.connection() as connection:
            connection.execute(_QUERIES["drop_waiting"], {"reports": list(reports)})

    def _read(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        with translate_errors("The reports"), self._pool.connection() as connection:
            return connection.execute(_QUERIES[query], values).fetchall()


class ReportPlanner:
    """A job: puts reports that are due into the outbox.

    :param letters: whether accounts that have chosen nothing get the weekly letter
    :param planned: called when there is something to send
    """

    def __init__(
        self,
        schedules: ReportSchedules,
        clock: Callable[[], Micros],
        planned: Callable[[], None],
        *,
        letters: bool,
    ) -> None:
        self._schedules, self._clock, self._planned, self._letters = schedules, clock, planned, letters
        self.alarm = Alarm(schedules.next_at)

    def run(self) -> str:
        """Plan what is due. Returns what was done, empty for nothing."""
        now = self._clock()
        if not self.alarm.take(now):
            return ""
        count = self._plan(now)
        self.alarm.set(now)
        return f"{count} planned" if count else ""

    def _plan(self, now: Micros) -> int:
        while self._letters and self._schedules.begin_letters(now):
            pass
        count = 0
        while planned := self._schedules.plan(now):
            count += planned
        if count:
            self._planned()
        return count


def _plan(connection: Connection[TupleRow], schedule: ReportSchedule, zone: ZoneInfo, now: Micros) -> None:
    report = UUID(schedule.report_id)
    mail = UUID(bytes=make_id("report", report.bytes, schedule.next_at))
    due = from_micros(schedule.next_at)
    values = {"mail": mail, "account": UUID(schedule.account_id), "due": due, "report": report}
    connection.execute(_QUERIES["plan_mail"], values)
    following = from_micros(find_next(schedule.rhythm, zone, now))
    connection.execute(_QUERIES["move"], {"report": report, "next": following})


def _values(schedule: ReportSchedule) -> dict[str, Any]:
    rhythm = schedule.rhythm
    return {
        "report": UUID(schedule.report_id),
        "account": UUID(schedule.account_id),
        "kind": schedule.kind.value,
        "title": schedule.title,
        "address": schedule.address,
        "student": None if schedule.student_id is None else UUID(bytes=schedule.student_id),
        "form": schedule.form.value,
        "weekday": rhythm.weekday,
        "month_day": rhythm.month_day,
        "hour": rhythm.hour,
        "time_zone": rhythm.time_zone,
        "paused": schedule.paused,
        "now": from_micros(schedule.created_at),
        "by": schedule.created_by,
        "next": from_micros(schedule.next_at),
    }


def _schedule(row: tuple[Any, ...]) -> ReportSchedule:
    report, account, kind, title, address, form, weekday, month_day, hour, zone, paused, trouble, *rest = row
    created, by, next_at = rest
    return ReportSchedule(
        report_id=str(report),
        account_id=str(account),
        kind=ReportKind(kind),
        rhythm=Rhythm(hour=hour, weekday=weekday, month_day=month_day, time_zone=zone),
        title=title,
        address=address,
        form=ReportForm(form),
        paused=paused,
        trouble=trouble,
        created_at=to_micros(created),
        created_by=by,
        next_at=to_micros(next_at),
    )

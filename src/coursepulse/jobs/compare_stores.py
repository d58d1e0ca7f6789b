"""Whether both databases hold the same events, day by day."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta

from clickhouse_connect.driver.client import Client

from coursepulse.kit.clock import Clock, utc_date
from coursepulse.kit.errors import CoursepulseError
from coursepulse.kit.sql import Queries
from coursepulse.store.clickhouse.connect import translate_errors as translate_clickhouse
from coursepulse.store.postgres.connect import Pool, translate_errors

_POSTGRES = Queries("coursepulse.store.postgres.queries")
_CLICKHOUSE = Queries("coursepulse.store.clickhouse.queries")

#: Days that are compared at most.
_DAYS = 8

#: Looks at days that differ: events may just be on their way from one database to the other.
_LOOKS, _BETWEEN = 4, 3.0


class StoresDiffer(CoursepulseError):
    """The databases do not hold the same events."""


class StoreComparison:
    """Compares the last days that are over and within the raw retention.

    :param kept: days that raw events are kept
    """

    def __init__(
        self,
        pool: Pool,
        open_clickhouse: Callable[[], Client],
        kept: int,
        clock: Clock,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self._pool, self._open, self._clock, self._wait = pool, open_clickhouse, clock, wait
        self._days = min(_DAYS, kept - 1)

    def run(self) -> str:
        """What was compared, in words.

        :raises StoresDiffer: naming the days and both numbers
        """
        end = utc_date(self._clock())
        start = end - timedelta(days=self._days)
        for look in range(_LOOKS):
            if look:
                self._wait(_BETWEEN)
            postgres, clickhouse = self._postgres(start, end), self._clickhouse(start, end)
            if postgres == clickhouse:
                return f"{sum(postgres.values())} events of {len(postgres)} days are in both databases."
        raise StoresDiffer(_tell(postgres, clickhouse))

    def _postgres(self, start: date, end: date) -> dict[date, int]:
        values = {"start": start, "end": end}
        with translate_errors("The comparison"), self._pool.connection() as connection:
            return dict(connection.execute(_POSTGRES["compare_days"], values).fetchall())

    def _clickhouse(self, start: date, end: date) -> dict[date, int]:
        with translate_clickhouse("The comparison"):
            client = self._open()
            try:
                values = {"start": start, "end": end}
                found = client.query(_CLICKHOUSE["compare_days"], parameters=values).result_rows
                return {row[0]: int(row[1]) for row in found}
            finally:
                client.close()


def _tell(postgres: dict[date, int], clickhouse: dict[date, int]) -> str:
    days = sorted(postgres.keys() | clickhouse.keys())
    found = [(day, postgres.get(day, 0), clickhouse.get(day, 0)) for day in days]
    differing = [f"{day}: {here} and {there}" for day, here, there in found if here != there]
    return f"PostgreSQL and ClickHouse do not hold the same events. {'; '.join(differing)}."

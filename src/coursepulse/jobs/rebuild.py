"""Computing the rollups of every day with raw events again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.learners import LearnerRollups
from coursepulse.aggregates.profiles import Profiles
from coursepulse.aggregates.rollups import Rollups
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.raw import PostgresRawStore


def rebuild(
    open_clickhouse: Callable[[], Client],
    owner: Pool,
    service: Pool,
    watch: Callable[[list[date]], Iterable[date]],
) -> int:
    """Everything that follows from the raw events; returns the number of days.

    :param watch: is given the days, and sees each one begin
    """
    client = open_clickhouse()
    rollups, learners = Rollups(client), LearnerRollups(client)
    days = rollups.raw_days()
    version = PostgresRawStore(owner).next_version()
    rollups.rebuild(watch(days), version)
    rollups.refresh_platform(days, version)
    learners.rebuild(version)
    learners.refresh_catalog(version)
    Profiles(open_clickhouse, service).rebuild(version)
    return len(days)

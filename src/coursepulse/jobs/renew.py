"""Making aggregates anew that should be right already: what a crash or a bug left behind does not stay."""

from __future__ import annotations

import threading
from collections.abc import Callable

from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.learners import LearnerRollups
from coursepulse.aggregates.rollups import Rollups
from coursepulse.store.postgres.raw import PostgresRawStore
from coursepulse.stream.stages import SERVED

#: Days with events whose totals are made anew.
_DAYS = 8


def renew_aggregates(
    open_clickhouse: Callable[[], Client], raw: PostgresRawStore, learning: threading.Lock
) -> str:
    """The totals of the last days, and rows of learners that are older than their days; returns it in words."""
    client = open_clickhouse()
    try:
        rollups = Rollups(client)
        days = sorted(rollups.active_days())[-_DAYS:]
        if days:
            rollups.refresh_platform(days, raw.position(SERVED))
        with learning:
            LearnerRollups(client).refresh_stale(raw.position(SERVED))
    finally:
        client.close()
    return f"The totals of {len(days)} days were made anew." if days else "There are no events yet."

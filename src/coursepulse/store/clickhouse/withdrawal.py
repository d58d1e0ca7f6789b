"""Withdrawal of single events in ClickHouse."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from clickhouse_connect.driver.client import Client

from coursepulse.kit.sql import Queries
from coursepulse.store.clickhouse.connect import translate_errors

_QUERIES = Queries("coursepulse.store.clickhouse.queries")

#: Tables with a row for each event of some types.
_COPIES = ("quiz_answers", "course_acts", "enrolments")


def remove_events(client: Client, events: Collection[UUID], days: Collection[date]) -> None:
    """Remove events and their copies. What was computed from them stays unchanged.

    :raises StoreUnavailable: when ClickHouse does not answer; repeat it
    """
    which = {"events": [str(event) for event in events], "days": sorted(set(days))}
    with translate_errors("The withdrawal"):
        client.command(_QUERIES["withdrawal_events"], parameters=which)
        for table in _COPIES:
            client.command(_QUERIES["withdrawal_copies"], parameters={**which, "table": table})

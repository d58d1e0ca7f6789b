"""Metrics of the system: what its parts remember of themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from coursepulse.aggregates.row import Row
from coursepulse.collect.collector import Collector
from coursepulse.kit.clock import DAY, Micros
from coursepulse.metrics.pulse import Memory

#: How far back it is looked.
LATELY: Micros = 30 * DAY

#: Rows that a part of the system tells.
Tell: TypeAlias = Callable[[], list[Row]]


def system_of(
    collector: Collector, *, query_times: Tell, storage: Tell, jobs: Tell, requests: Tell
) -> Memory:
    """Dead letters, slow queries, storage, runs of jobs and requests of students, by the name of the metric."""

    def letters() -> list[Row]:
        waiting = collector.dead_letters.waiting(None)
        rows: list[Row] = [{"reason": reason, "letters": number} for reason, number in waiting.items()]
        return sorted(rows, key=lambda row: (-row["letters"], row["reason"]))

    return {
        "dead_letters": letters,
        "query_times": query_times,
        "storage": storage,
        "job_runs": jobs,
        "privacy_requests": requests,
    }

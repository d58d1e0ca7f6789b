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
    collector: Collector,
    *,
    title_of: Callable[[str], str],
    query_times: Tell,
    storage: Tell,
    jobs: Tell,
    requests: Tell,
    models: Tell,
) -> Memory:
    """Dead letters, slow queries, storage, runs of jobs, requests of students and models, by the name of the metric."""

    def letters() -> list[Row]:
        waiting = collector.dead_letters.waiting(None)
        rows: list[Row] = [{"reason": reason, "letters": number} for reason, number in waiting.items()]
        return sorted(rows, key=lambda row: (-row["letters"], row["reason"]))

    def times() -> list[Row]:
        return [row | {"called": title_of(row["metric"])} for row in query_times()]

    return {
        "dead_letters": letters,
        "query_times": times,
        "storage": storage,
        "job_runs": jobs,
        "privacy_requests": requests,
        "risk_models": models,
    }

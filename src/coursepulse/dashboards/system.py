"""The cards about the system itself: what it takes in, how long it takes, how much room, and what waits."""

from __future__ import annotations

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.special.called import CalledTable
from coursepulse.dashboards.views.table import DataTable
from coursepulse.dashboards.views.time_series import Series, TimeSeries

SYSTEM = (
    Card("system_ingest", TimeSeries("minute", (Series("events"),)), metric="pulse_minutes", span=8),
    Card("system_letters", DataTable(order="-letters"), metric="dead_letters", span=4),
    Card(
        "system_freshness",
        CalledTable(order="name", called="name", words="consumer"),
        "name latest_event_at applied_at idle position",
        metric="pipeline",
        span=12,
    ),
    Card(
        "system_queries",
        DataTable(order="-p95", page_size=10),
        "called asked median p95 slowest",
        metric="query_times",
    ),
    Card("system_storage", DataTable(order="-bytes"), metric="storage"),
    Card("system_jobs", CalledTable(order="job", called="job", words="job"), metric="job_runs", span=12),
    Card("system_models", DataTable(), metric="risk_models", span=12),
    Card("system_requests", DataTable(order="-open"), metric="privacy_requests", span=12),
)

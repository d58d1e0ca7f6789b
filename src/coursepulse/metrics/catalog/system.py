"""Metrics about the system itself: what it takes in, how long it takes, and how much room."""

from __future__ import annotations

from coursepulse.metrics.evidence.proof import Why
from coursepulse.metrics.finish import pipeline, pulse
from coursepulse.metrics.metric import Column, Metric, Scope, Source, Unit

_SYSTEM = "The system"


def _told(slug: str, title: str, description: str, *columns: Column) -> Metric:
    """A metric that a part of the system tells as it is."""
    return Metric(
        slug,
        title,
        description,
        Scope.PLATFORM,
        columns,
        _SYSTEM,
        span=None,
        source=Source.MEMORY,
        personal=False,
        evidence={"": Why.SYSTEM},
    )


SYSTEM_METRICS = (
    Metric(
        "pipeline",
        "Freshness",
        "How far each consumer of the event log has come.",
        Scope.PLATFORM,
        (
            Column("name", Unit.TEXT, "Name", "consumer; `served` is what every number is made of"),
            Column(
                "position",
                Unit.COUNT,
                "Position",
                "log position of the last event taken in, over all partitions; null while it follows",
            ),
            Column("latest_event_at", Unit.MOMENT, "Latest event", "time of the newest event taken in"),
            Column("applied_at", Unit.MOMENT, "Taken in at", "when it was taken in"),
            Column("idle", Unit.SECONDS, "Idle", "since then"),
        ),
        "Comparison",
        span=None,
        source=Source.POSTGRES,
        personal=False,
        finish=pipeline.finish,
        evidence={"": Why.SYSTEM},
    ),
    Metric(
        "pulse",
        "Pulse",
        "What this server takes in at this moment. It remembers nothing of before its last start.",
        Scope.PLATFORM,
        (
            Column(
                "events_per_second",
                Unit.NUMBER,
                "Events per second",
                "events that began to count in the last 10 s, per second",
            ),
            Column(
                "active_sessions",
                Unit.COUNT,
                "Active sessions",
                "sessions that have not ended; null where nobody counts them",
            ),
            Column("waiting", Unit.COUNT, "Waiting", "events received that do not count yet"),
            Column(
                "delay",
                Unit.NUMBER,
                "Delay in seconds",
                "of the newest batch, from the arrival of its first event until it could be seen",
            ),
        ),
        "Words used below",
        span=None,
        source=Source.MEMORY,
        personal=False,
        finish=pulse.finish,
        evidence={"": Why.SYSTEM},
    ),
    Metric(
        "pulse_minutes",
        "Pulse by minute",
        "Events that began to count in each minute of the last hour, as far as this server has run.",
        Scope.PLATFORM,
        (
            Column("minute", Unit.MOMENT, "Minute", "its beginning; the last one is not over"),
            Column("events", Unit.COUNT, "Events", "events that began to count"),
        ),
        "Words used below",
        span=None,
        source=Source.MEMORY,
        personal=False,
        evidence={"": Why.SYSTEM},
    ),
    _told(
        "dead_letters",
        "Dead letters",
        "Refused events that wait on this server to be corrected and replayed, by reason.",
        Column("reason", Unit.REASON, "Reason", "reason of the refusal"),
        Column("letters", Unit.COUNT, "Waiting", "dead letters that wait"),
    ),
    _told(
        "query_times",
        "Slowest metrics",
        "How long each metric took to answer on this server: of its last 200 answers since the start.",
        Column("metric", Unit.ID, "Metric", "its slug", hidden=True),
        Column("called", Unit.TEXT, "Metric", "its title"),
        Column("asked", Unit.COUNT, "Asked", "answers since the start"),
        Column("median", Unit.MILLISECONDS, "Median", "half of the answers took at most so long"),
        Column("p95", Unit.MILLISECONDS, "95 of 100", "95 of 100 answers took at most so long"),
        Column("slowest", Unit.MILLISECONDS, "Slowest", "the longest"),
    ),
    _told(
        "storage",
        "Storage",
        "Bytes of each store, measured once an hour, and by how much they have grown in 30 days.",
        Column("store", Unit.STATE, "Store", "event_log, dead_letters, postgresql or clickhouse"),
        Column("bytes", Unit.BYTES, "Size", "bytes on disk at the last measurement"),
        Column("grown", Unit.BYTES, "Grown", "bytes more than at the first measurement of the last 30 days"),
        Column("days", Unit.DAYS, "In", "days between the two"),
    ),
    _told(
        "job_runs",
        "Runs of jobs",
        "Of each job that runs every ten minutes or less often, the runs of the last 30 days and the latest one.",
        Column("job", Unit.TEXT, "Job", "its name"),
        Column("runs", Unit.COUNT, "Runs", "runs in 30 days"),
        Column("failed", Unit.COUNT, "Failed", "runs that did not end well"),
        Column("started_at", Unit.MOMENT, "Last run", "when the latest one began"),
        Column("took", Unit.NUMBER, "Seconds", "how long the latest one took"),
        Column(
            "planned_by",
            Unit.STATE,
            "Planned by",
            "who planned the latest one: server, airflow or command; null for jobs with an interval",
        ),
        Column("outcome", Unit.STATE, "Outcome", "done, failed or crashed"),
        Column("sentence", Unit.TEXT, "What it did", "what was done, or what went wrong"),
    ),
    _told(
        "risk_models",
        "Model of risk",
        "Which model predicts, since when, and what the last training said.",
        Column("model", Unit.TEXT, "Model", "the model that predicts; empty where the rule is shown alone"),
        Column("since", Unit.MOMENT, "Since", "since when it predicts; null without one"),
        Column(
            "trained_at", Unit.MOMENT, "Last training", "when the last training ended; null before the first"
        ),
        Column("told", Unit.TEXT, "What came of it", "why a model is shown or not"),
        Column("trouble", Unit.TEXT, "Trouble", "why nobody is scored although there is a model; else empty"),
        Column("drifted", Unit.COUNT, "Drifted", "features that are no longer as in its training"),
    ),
    _told(
        "privacy_requests",
        "Privacy requests",
        "Requests of students for their data or for erasure: what is open, and what was done in 30 days.",
        Column("kind", Unit.STATE, "Kind", "export or erasure"),
        Column("open", Unit.COUNT, "Open", "requests that are not done"),
        Column("troubled", Unit.COUNT, "In trouble", "of those, requests that failed and are tried again"),
        Column("oldest_at", Unit.MOMENT, "Oldest", "when the oldest open one was filed; null without one"),
        Column("done", Unit.COUNT, "Done", "requests done in 30 days"),
        Column("longest", Unit.SECONDS, "Longest", "the longest time from filing to done; null without one"),
    ),
)

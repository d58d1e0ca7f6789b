"""``GET /metrics``: what happens here, for Prometheus. Counts and times of the whole server; nothing about anybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from time import process_time
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from litestar import Response, get

from coursepulse.collect.keys import MONITOR
from coursepulse.kit.health import PipelineFacts, StageFacts
from coursepulse.web import reach
from coursepulse.web.http.auth import needs
from coursepulse.web.http.request import AnyRequest

if TYPE_CHECKING:
    from prometheus_client import Metric
    from prometheus_client.registry import Collector

    from coursepulse.web.operation.ports import OperationServices

_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Family(NamedTuple):
    """Numbers with one name, as ``docs/reference/monitoring.md`` lists them.

    :param kind: ``counter``, ``gauge``, ``summary``, of which the values are how often and the seconds in all, or
        ``histogram``, which also says how often within each bound
    """

    kind: str
    labels: tuple[str, ...]
    what: str


FAMILIES = {
    "coursepulse_events": Family("counter", ("outcome",), "Events by verdict: accepted, or why refused"),
    "coursepulse_step_seconds": Family("summary", ("step",), "Time in each step of the collector"),
    "coursepulse_dead_letters": Family("gauge", ("reason",), "Dead letters that wait"),
    "coursepulse_lag_events": Family("gauge", (), "Acknowledged events that are not yet in the numbers"),
    "coursepulse_store_up": Family("gauge", ("store",), "1 if the store answers"),
    "coursepulse_latest_data_timestamp_seconds": Family(
        "gauge", (), "Time of the newest event in the numbers"
    ),
    "coursepulse_pipeline_up": Family("gauge", (), "0 while the pipeline waits for a store or stands still"),
    "coursepulse_pipeline_events": Family(
        "counter", ("outcome",), "Events the pipeline took: applied, duplicate"
    ),
    "coursepulse_partition_epoch": Family(
        "gauge", ("partition",), "Partitions of the log that this process reads, and the epoch of each"
    ),
    "coursepulse_partition_behind_blocks": Family(
        "gauge", ("partition",), "Blocks of each of these partitions that are not yet in the numbers"
    ),
    "coursepulse_leading": Family("gauge", (), "1 if this process does what concerns the whole platform"),
    "coursepulse_draining": Family("gauge", (), "1 while this process hands its partitions over and ends"),
    "coursepulse_freshness_p99_seconds": Family(
        "gauge",
        (),
        "Within this time after their arrival 99 of 100 events of the last two minutes were in the numbers; "
        "missing where this process took none",
    ),
    "coursepulse_freshness_seconds": Family(
        "histogram",
        (),
        "Events by the time from their arrival until they were in the numbers, each as late as the oldest of its batch",
    ),
    "coursepulse_cpu_seconds": Family(
        "counter", ("process",), "Processor time: of the server, and of its ingest worker (ingest)"
    ),
    "coursepulse_stage_seconds": Family("summary", ("stage",), "Time in each stage of the pipeline"),
    "coursepulse_query_step_seconds": Family(
        "summary", ("step",), "Time in each step of queries for numbers"
    ),
    "coursepulse_cache_answers": Family(
        "counter",
        ("outcome",),
        "Answers that may be shared: made, joined (made for somebody else at that moment), "
        "same (nothing had changed), recent (up to 5 s old)",
    ),
    "coursepulse_cache_results": Family("gauge", (), "Answers in the result cache"),
    "coursepulse_cache_bytes": Family("gauge", (), "About how much memory they take"),
    "coursepulse_card_failures": Family(
        "counter",
        ("card", "cause"),
        "Cards of a dashboard that could not be read: store (a database did not answer), error (see the log)",
    ),
    "coursepulse_job_runs": Family("counter", ("job", "outcome"), "Runs of jobs: done, failed, crashed"),
    "coursepulse_job_seconds": Family("counter", ("job",), "Time in each job"),
    "coursepulse_job_last_run_timestamp_seconds": Family("gauge", ("job",), "When the job last ended"),
}


class Number(NamedTuple):
    """One value of a family, by its labels.

    :param times: of a summary or a histogram, how often
    :param within: of a histogram, how often within each bound
    """

    family: str
    labels: tuple[str, ...]
    value: float
    times: int = 0
    within: Mapping[str, int] = MappingProxyType({})


Numbers: TypeAlias = Iterator[Number]


@get("/metrics", tags=["operation"], guards=[needs(MONITOR)], sync_to_thread=True)
def show_metrics(request: AnyRequest) -> Response[bytes]:
    """Counts and times since the start, in the text format of Prometheus. Needs a key with the scope `monitor`."""
    return Response(expose(read_numbers(reach.operation(request))), media_type=_TYPE)


def read_numbers(services: OperationServices) -> Numbers:
    """Every number of the families, as of now."""
    yield Number("coursepulse_cpu_seconds", ("server",), process_time())
    yield from _of_collector(services)
    yield from _of_pipeline(services)
    for step, taken in services.metrics.timings().items():
        yield Number("coursepulse_query_step_seconds", (step,), taken.seconds, taken.calls)
    yield from _of_cache(services)
    yield from _of_cards(services)
    for job, each in services.jobs.counts().items():
        for outcome, runs in each.runs.items():
            yield Number("coursepulse_job_runs", (job, outcome), runs)
        yield Number("coursepulse_job_seconds", (job,), each.seconds)
        yield Number("coursepulse_job_last_run_timestamp_seconds", (job,), each.ended_at / 1e6)


def _of_cards(services: OperationServices) -> Numbers:
    for labels, failures in services.card_faults.counts().items():
        yield Number("coursepulse_card_failures", labels, failures)


def _of_cache(services: OperationServices) -> Numbers:
    if report := services.metrics.cached():
        for outcome, answers in report.answers.items():
            yield Number("coursepulse_cache_answers", (outcome,), answers)
        yield Number("coursepulse_cache_results", (), report.stored.results)
        yield Number("coursepulse_cache_bytes", (), report.stored.bytes)


def _of_collector(services: OperationServices) -> Numbers:
    collector = services.collector
    report = collector.report()
    yield Number("coursepulse_cpu_seconds", ("ingest",), report.cpu_seconds)
    for outcome, events in report.events.items():
        yield Number("coursepulse_events", (outcome,), events)
    for step, taken in report.steps.items():
        yield Number("coursepulse_step_seconds", (step,), taken.seconds, taken.calls)
    for reason, waiting in collector.dead_letters.waiting(None).items():
        yield Number("coursepulse_dead_letters", (reason,), waiting)
    yield Number("coursepulse_lag_events", (), collector.lag())


def _of_pipeline(services: OperationServices) -> Numbers:
    facts = services.health()
    for store, state in facts["stores"].items():
        yield Number("coursepulse_store_up", (store,), state == "ok")
    if latest := facts.get("latest_data_at"):
        at = datetime.fromisoformat(latest).timestamp()
        yield Number("coursepulse_latest_data_timestamp_seconds", (), at)
    if "pipeline" in facts:
        progress = facts["pipeline"]
        yield Number("coursepulse_pipeline_up", (), progress["trouble"] is None)
        yield Number("coursepulse_pipeline_events", ("applied",), progress["applied"])
        yield Number("coursepulse_pipeline_events", ("duplicate",), progress["duplicates"])
        yield from _of_stages(progress.get("stages", {}))
        yield from _of_worker(progress)


def _of_worker(progress: PipelineFacts) -> Numbers:
    for partition, facts in progress.get("partitions", {}).items():
        yield Number("coursepulse_partition_epoch", (partition,), facts["epoch"])
        yield Number("coursepulse_partition_behind_blocks", (partition,), facts["behind"])
    yield Number("coursepulse_leading", (), progress.get("leading", False))
    yield Number("coursepulse_draining", (), progress.get("draining", False))
    if (freshness := progress.get("freshness_p99")) is not None:
        yield Number("coursepulse_freshness_p99_seconds", (), freshness)
    if late := progress.get("freshness"):
        within = {**late["within"], "+Inf": late["events"]}
        yield Number("coursepulse_freshness_seconds", (), late["seconds"], late["events"], within)


def _of_stages(stages: Mapping[str, StageFacts]) -> Numbers:
    for stage, taken in stages.items():
        yield Number("coursepulse_stage_seconds", (stage,), taken["seconds"], taken["calls"])


class _Collected:
    """What the client library writes out."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def expose(numbers: Numbers) -> bytes:
    """The numbers as text, those of one family together."""
    # A server that nobody watches this way does not load it.
    from prometheus_client import Metric, generate_latest  # noqa: PLC0415

    families = {name: Metric(name, each.what, each.kind) for name, each in FAMILIES.items()}
    for number in numbers:
        kind, names, _ = FAMILIES[number.family]
        labels = dict(zip(names, number.labels, strict=True))
        for suffix, more, value in _samples(kind, number):
            families[number.family].add_sample(number.family + suffix, {**labels, **more}, value)
    text: bytes = generate_latest(cast("Collector", _Collected(families.values())))
    return text


def _samples(kind: str, number: Number) -> list[tuple[str, dict[str, str], float]]:
    if kind in ("summary", "histogram"):
        buckets = [("_bucket", {"le": bound}, float(times)) for bound, times in number.within.items()]
        return [*buckets, ("_count", {}, number.times), ("_sum", {}, number.value)]
    return [("_total" if kind == "counter" else "", {}, number.value)]


routes = [show_metrics]

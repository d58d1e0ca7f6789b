"""The stream processors in Flink and in the server, in turn, on the same events."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from coursepulse.alerts.facts import AssessmentFacts
from coursepulse.alerts.rule import Rule, Values
from coursepulse.bench.broker import Broker
from coursepulse.bench.flink import HOME, FlinkCluster, wait_for
from coursepulse.bench.machine import cpu_seconds
from coursepulse.bench.processors import STUDENTS, CountingSink, batches_of, every_processor
from coursepulse.bench.result import Measurement
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY
from coursepulse.log.kafka.client import Config
from coursepulse.log.positions import start
from coursepulse.stream.feed import OutputReader
from coursepulse.stream.runners.embedded import EmbeddedRunner
from coursepulse.stream.runners.engine import EngineRunner
from coursepulse.stream.runners.kafka import EngineTopics, KafkaEngine, prepare_topics
from coursepulse.stream.runners.port import Runner
from coursepulse.wiring.processor_table import VALUES, FactsToFeed

#: Events of each run for a second that the others last; as many go before unmeasured.
_A_SECOND = 800

_PER = 100_000
_UNIT = "CPU s per 100,000 events"

Batches = list[list[Event]]


def measure(broker: Broker, seconds: float, notes: list[str]) -> list[Measurement]:
    """What each costs: all processes of Flink, the broker, and what feeds and hears them.

    :param notes: says so if there is no Flink
    """
    if not HOME.is_dir():
        notes.append("Processors in Flink were not measured: run make flink.")
        return []
    batches = list(batches_of(STUDENTS, 12_000 + 2 * round(_A_SECOND * seconds)))
    half = len(batches) // 2
    first, then = batches[:half], batches[half:]
    events = sum(map(len, then))
    embedded = _PER * _measure_embedded(first, then) / events
    flink = {name: _PER * spent / events for name, spent in _measure_flink(broker, first, then).items()}
    return [
        Measurement("processors in Flink", sum(flink.values()), _UNIT, f"in the server {embedded:.3g}"),
        *(Measurement(f"processors in Flink: {name}", spent, _UNIT) for name, spent in flink.items()),
    ]


def _measure_embedded(first: Batches, then: Batches) -> float:
    runner = EmbeddedRunner(every_processor(), [CountingSink()])
    _feed(runner, first)
    return _timed({"": time.process_time}, lambda: _feed(runner, then))[""]


def _measure_flink(broker: Broker, first: Batches, then: Batches) -> dict[str, float]:
    config: Config = {"bootstrap.servers": broker.servers, "log_level": 0}
    topics = EngineTopics("bench-feed", "bench-outputs", 1, hours=10_000_000)
    prepare_topics(config, topics)
    with tempfile.TemporaryDirectory(prefix="coursepulse-bench-", ignore_cleanup_errors=True) as folder:
        flink = FlinkCluster(Path(folder), {"BROKERS": broker.servers, "TOPIC": "bench", "PARTITIONS": "1"})
        runner = EngineRunner(
            *(KafkaEngine(config, topics), [CountingSink()], OutputReader(VALUES)),
            lateness=DAY,
            facts=FactsToFeed(_no_facts, _usual),
        )
        flink.start()
        try:
            runner.restore(0)
            flink.run()
            _feed_through(runner, first)
            clocks = {
                "the task manager": lambda: cpu_seconds(flink.task_manager()),
                "the job manager": lambda: cpu_seconds(flink.job_manager()),
                "the broker": lambda: cpu_seconds(broker.pid),
                "the worker": time.process_time,
            }
            return _timed(clocks, lambda: _feed_through(runner, then))
        finally:
            runner.save(start(0), last=True)
            flink.stop()


def _feed_through(runner: EngineRunner, batches: Batches) -> None:
    """Until everything that was fed has been answered."""
    _feed(runner, batches)
    runner.reconcile()
    wait_for("every answer", lambda: runner.caught_up)


def _feed(runner: Runner, batches: Iterable[list[Event]]) -> None:
    for batch in batches:
        runner.process(batch)


def _timed(clocks: dict[str, Callable[[], float]], work: Callable[[], None]) -> dict[str, float]:
    before = {name: clock() for name, clock in clocks.items()}
    work()
    return {name: clock() - before[name] for name, clock in clocks.items()}


def _no_facts(course: str, name: str) -> AssessmentFacts:  # noqa: ARG001 - the port's signature
    return AssessmentFacts()


def _usual(rule: Rule, course: str) -> Values:  # noqa: ARG001 - the port's signature
    return rule.defaults()

"""The stream processors of a server, where they run, and the sinks that their outputs go to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from coursepulse.aggregates.live import LivePart
from coursepulse.alerts.catalog import RULES
from coursepulse.alerts.sink import AlertSink
from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import Settings
from coursepulse.log.positions import partition_of
from coursepulse.privacy.consent import Purpose
from coursepulse.stream.feed import OutputReader
from coursepulse.stream.processor import About, Admits, OutputSink
from coursepulse.stream.runners.embedded import EmbeddedRunner
from coursepulse.stream.runners.engine import EngineRunner
from coursepulse.stream.runners.port import Runner
from coursepulse.stream.session_ends import SessionEnds
from coursepulse.stream.snapshots import SnapshotFile
from coursepulse.wiring.processor_table import VALUES, FactsToFeed, make_processors

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components

#: Hours that the topics of an engine are kept beyond the log: what it still has when it is fed can be that old already.
_SPARE_HOURS = 24

_NAME = re.compile(r"[A-Za-z0-9._-]{1,200}")


class TopicsAddress(NamedTuple):
    """The brokers between this server and an engine, and what its topics are called."""

    servers: str
    feed: str
    outputs: str


def find_topics(settings: Settings) -> TopicsAddress:
    """Where an engine is fed, and heard.

    :raises SettingError: when no setting says it, or not like this
    """
    url = settings.processors_kafka or settings.log
    parts = urlsplit(url)
    name = parts.path.removeprefix("/")
    if parts.scheme != "kafka" or not parts.netloc or not _NAME.fullmatch(name):
        raise SettingError(
            "COURSEPULSE_PROCESSORS=flink needs COURSEPULSE_PROCESSORS_KAFKA, such as"
            " kafka://broker1:9092,broker2:9092/processors."
        )
    return TopicsAddress(parts.netloc, f"{name}-feed", f"{name}-outputs")


def sinks(of: Components, about: About) -> Sequence[OutputSink]:
    """Where what processors say goes.

    :param about: the students of whom these processors see the events
    """
    closings = SessionEnds(of.log, of.raw.find_stored, _admits(of), of.clock)
    return (AlertSink(of.alerts, RULES, of.clock, about), LivePart(of.live_table, about), closings)


def open_runner(of: Components, partition: int) -> Runner:
    """Processors of one partition, where the settings say; they see only students who agreed to analytics."""
    opened = _open_flink if of.settings.processors == "flink" else _open_embedded
    runner = opened(of, partition)
    of.runners[partition] = runner
    return runner


def _open_embedded(of: Components, partition: int) -> Runner:
    return EmbeddedRunner(
        make_processors(of.assessments, of.thresholds.values),
        sinks(of, _about(of, partition)),
        file=_open_file(of, partition, "states"),
        admits=_admits(of),
    )


def _open_flink(of: Components, partition: int) -> Runner:
    try:
        from coursepulse.log.kafka.client import BrokerAddress, client_config  # noqa: PLC0415
        from coursepulse.stream.runners import kafka  # noqa: PLC0415
    except ImportError:
        raise SettingError(
            "COURSEPULSE_PROCESSORS=flink needs: pip install 'coursepulse[cluster]'."
        ) from None
    settings, address = of.settings, find_topics(of.settings)
    config = client_config(BrokerAddress(address.servers, address.feed, 0), settings)
    topics = kafka.EngineTopics(
        *(address.feed, address.outputs, of.log.partitions),
        hours=settings.log_retention_hours + _SPARE_HOURS,
        copies=settings.kafka_replication,
        in_sync=settings.kafka_min_in_sync,
    )
    kafka.prepare_topics(config, topics)
    processors = make_processors(of.assessments, of.thresholds.values)
    return EngineRunner(
        kafka.KafkaEngine(config, topics),
        sinks(of, _about(of, partition)),
        OutputReader(VALUES),
        lateness=max(each.lateness for each in processors),
        facts=FactsToFeed(of.assessments, of.thresholds.values),
        file=_open_file(of, partition, "outputs"),
        admits=_admits(of),
    )


def _about(of: Components, partition: int) -> About:
    partitions = of.log.partitions
    return lambda student: partition_of(student, partitions) == partition


def _open_file(of: Components, partition: int, kind: str) -> SnapshotFile:
    name = "processors" if of.log.partitions == 1 else f"processors-{partition}"
    return SnapshotFile(of.settings.data / "log" / f"{name}.{kind}")


def _admits(of: Components) -> Admits:
    register = of.consents.register
    return lambda student: register.allows(student, Purpose.ANALYTICS)

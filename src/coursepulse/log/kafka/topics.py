"""The topics of the log: made with the settings they need, and refused with any that would break a promise."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from coursepulse.kit.errors import SettingError, StoreUnavailable
from coursepulse.kit.settings import Settings
from coursepulse.log.kafka.client import PATIENCE, FirstContact, asking, explain
from coursepulse.log.positions import MOST_PARTITIONS

#: Bytes of the largest record: a request of 8 MiB may be about a single student.
MOST_BYTES = 16 << 20

_HOUR_MS = 3_600_000

#: How many brokers keep each record where nobody says otherwise, if there are as many.
_COPIES = 3

#: Seconds for a new topic to be known to all brokers, and between two questions about it.
_SETTLES, _PAUSE = 60.0, 0.1

#: Reasons for which a topic cannot be made that pass by themselves while brokers start.
_LATER = frozenset(
    {
        KafkaError.INVALID_REPLICATION_FACTOR,
        KafkaError._TIMED_OUT,
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError.NOT_CONTROLLER,
    }
)


class Topic(NamedTuple):
    """A topic as it was found.

    :param identity: differs from that of any other topic there has been by this name
    """

    name: str
    partitions: int
    copies: int
    identity: str
    config: Mapping[str, str]

    @property
    def kept_hours(self) -> int:
        """Hours after which no byte of a record is left: segments are closed hourly and looked at often."""
        return int(self.config["retention.ms"]) // _HOUR_MS + 2


class TopicFlaw(NamedTuple):
    """A setting of a topic that does not do."""

    setting: str
    found: str
    wanted: str


def events_config(settings: Settings) -> dict[str, str]:
    """What a new topic of events is made with, besides ``min.insync.replicas``."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(settings.log_retention_hours * _HOUR_MS),
        # A segment is removed as a whole, so that retention is as exact as segments are short.
        "segment.ms": str(_HOUR_MS),
        # Events may be older than the log keeps them: what counts is when they came.
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(MOST_BYTES),
    }


#: What the topic beside the events is made with: the last word about each student and each group stays.
LEDGER_CONFIG = {"cleanup.policy": "compact", "segment.ms": str(_HOUR_MS)}


def prepare_topic(
    admin: AdminClient,
    name: str,
    partitions: int,
    config: Mapping[str, str],
    settings: Settings,
    patience: float = PATIENCE,
    contact: FirstContact | None = None,
) -> Topic:
    """The topic, made if it is not there.

    :param patience: seconds for a first broker to answer
    :param contact: is told by ``admin`` why brokers do not let it in
    :raises SettingError: when no broker answers, or when the topic cannot keep the promises of the log
    """
    try:
        found = admin.list_topics(timeout=patience)
    except KafkaException as error:
        admin.poll(0)
        raise SettingError(
            f"COURSEPULSE_LOG: {(contact or FirstContact(settings)).explain(error)}."
        ) from None
    if name not in found.topics:
        copies = settings.kafka_replication or min(_COPIES, len(found.brokers))
        chosen = {"min.insync.replicas": str(_in_sync(copies, settings)), **config}
        _make(admin, NewTopic(name, max(1, partitions), copies, config=chosen))
    topic = _await_topic(admin, name)
    for flaw in _find_flaws(topic, partitions, config, settings):
        raise SettingError(f"Kafka topic {name}: {flaw.setting} is {flaw.found}; it must be {flaw.wanted}.")
    return topic


def _in_sync(copies: int, settings: Settings) -> int:
    """How many brokers must have a record before it is acknowledged: all but one may be slow or away."""
    return settings.kafka_min_in_sync or max(1, copies - 1)


def _make(admin: AdminClient, topic: NewTopic) -> None:
    """Make a topic, as often as it takes: another process may be faster, and brokers come up one by one."""
    deadline = time.monotonic() + _SETTLES
    while True:
        try:
            admin.create_topics([topic])[topic.topic].result(PATIENCE)
        except KafkaException as error:
            code = error.args[0].code()
            if code == KafkaError.TOPIC_ALREADY_EXISTS:
                return
            if code not in _LATER or time.monotonic() > deadline:
                raise SettingError(f"Kafka topic {topic.topic} cannot be made: {explain(error)}.") from None
            time.sleep(_PAUSE)
        else:
            return


def _await_topic(admin: AdminClient, name: str) -> Topic:
    """The topic, once every partition has a leader: the broker that is asked may not have heard of a new one yet.

    :raises StoreUnavailable: when that takes too long
    """
    deadline = time.monotonic() + _SETTLES
    while True:
        try:
            if _has_leaders(admin, name):
                return _describe(admin, name)
            why = f"Kafka: the topic {name} has no leader yet."
        except StoreUnavailable as error:
            why = str(error)
        if time.monotonic() > deadline:
            raise StoreUnavailable(why)
        time.sleep(_PAUSE)


def _has_leaders(admin: AdminClient, name: str) -> bool:
    with asking("topics"):
        found = admin.list_topics(name, timeout=PATIENCE).topics.get(name)
    partitions = found.partitions if found else {}
    return bool(partitions) and all(each.leader >= 0 for each in partitions.values())


def _describe(admin: AdminClient, name: str) -> Topic:
    resource = ConfigResource(ResourceType.TOPIC, name)
    with asking(f"settings of the topic {name}"):
        config = admin.describe_configs([resource])[resource].result(PATIENCE)
        found = admin.describe_topics(TopicCollection([name]))[name].result(PATIENCE)
    copies = min(len(each.replicas) for each in found.partitions)
    values = {key: str(entry.value) for key, entry in config.items()}
    return Topic(name, len(found.partitions), copies, str(found.topic_id), values)


def _find_flaws(
    topic: Topic, partitions: int, wanted: Mapping[str, str], settings: Settings
) -> Iterator[TopicFlaw]:
    if topic.partitions > MOST_PARTITIONS:
        yield TopicFlaw("the number of partitions", str(topic.partitions), f"at most {MOST_PARTITIONS}")
    if topic.partitions < partitions:
        yield TopicFlaw("the number of partitions", str(topic.partitions), f"at least {partitions}")
    if topic.copies < settings.kafka_replication:
        yield TopicFlaw("the replication factor", str(topic.copies), f"at least {settings.kafka_replication}")
    in_sync, least = int(topic.config["min.insync.replicas"]), _in_sync(topic.copies, settings)
    if in_sync < least:
        yield TopicFlaw("min.insync.replicas", str(in_sync), f"at least {least}")
    if in_sync > topic.copies:
        yield TopicFlaw(
            "min.insync.replicas", str(in_sync), f"at most {topic.copies}, the replication factor"
        )
    for setting in ("cleanup.policy", "message.timestamp.type"):
        if setting in wanted and topic.config[setting] != wanted[setting]:
            yield TopicFlaw(setting, topic.config[setting], wanted[setting])
    for setting in ("retention.ms", "max.message.bytes"):
        if setting in wanted and int(topic.config[setting]) < int(wanted[setting]):
            yield TopicFlaw(setting, topic.config[setting], f"at least {wanted[setting]}")
    if "retention.ms" in wanted and int(topic.config["segment.ms"]) > _HOUR_MS:
        yield TopicFlaw("segment.ms", topic.config["segment.ms"], f"at most {_HOUR_MS}")

"""The way to an engine through two topics of Kafka: one that feeds it, and one with what it says."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from coursepulse.kit.clock import MILLISECOND
from coursepulse.kit.errors import SettingError, StoreUnavailable
from coursepulse.log.kafka.client import PATIENCE, Config, asking
from coursepulse.stream.feed import student_of
from coursepulse.stream.runners.engine import Heard, Sent

#: Messages taken over at a time.
_SOME = 2_000

#: How many brokers keep each record where nobody says otherwise, if there are as many.
_COPIES = 3

#: Bytes of the largest record: the events of one student in one batch.
_MOST_BYTES = 16 << 20

_WRITING: Config = {
    "acks": "all",
    "enable.idempotence": True,
    "linger.ms": 5,
    # Flink's connector comes without zstd.
    "compression.type": "lz4",
    "message.max.bytes": _MOST_BYTES,
    "delivery.timeout.ms": 10_000,
}

_READING: Config = {
    "group.id": "coursepulse-processors",
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
    "isolation.level": "read_committed",
    "fetch.wait.max.ms": 100,
}


class EngineTopics(NamedTuple):
    """The two topics of an engine.

    :param partitions: of the feed: one for each partition of the log. What is said comes through a single one, in order
    :param hours: how long both are kept
    :param copies: on how many brokers; 0 for three, or all if there are fewer
    :param in_sync: how many of them must have a record before it counts; 0 for all but one
    """

    feed: str
    outputs: str
    partitions: int
    hours: int
    copies: int = 0
    in_sync: int = 0


def prepare_topics(config: Config, topics: EngineTopics) -> None:
    """Make the topics that are not there.

    :raises SettingError: when the feed has other partitions than the log
    :raises StoreUnavailable: when no broker answers
    """
    admin = AdminClient(dict(config))
    with asking("the topics of the stream processors"):
        found = admin.list_topics(timeout=PATIENCE)
        copies = topics.copies or min(_COPIES, len(found.brokers))
        settings = {
            "cleanup.policy": "delete",
            "retention.ms": str(topics.hours * 3_600_000),
            "segment.ms": "3600000",
            "max.message.bytes": str(_MOST_BYTES),
            "min.insync.replicas": str(topics.in_sync or max(1, copies - 1)),
        }
        for name, partitions in ((topics.feed, topics.partitions), (topics.outputs, 1)):
            if name not in found.topics:
                _make(admin, NewTopic(name, partitions, copies, config=settings))
            elif len(found.topics[name].partitions) != partitions:
                has = len(found.topics[name].partitions)
                raise SettingError(f"Kafka topic {name} has {has} partitions; it must have {partitions}.")


def _make(admin: AdminClient, topic: NewTopic) -> None:
    try:
        admin.create_topics([topic])[topic.topic].result(PATIENCE)
    except KafkaException as error:
        # Another process was faster.
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise


class KafkaEngine:
    """A :class:`coursepulse.stream.runners.engine.Engine` behind two topics.

    :param config: of every client
    """

    def __init__(self, config: Config, topics: EngineTopics) -> None:
        self._topics = topics
        self._producer = Producer({**config, **_WRITING})
        self._consumer = Consumer({**config, **_READING})
        self._failed: list[str] = []

    def is_new(self, partition: int) -> bool:
        with asking("the feed of the stream processors"):
            place = TopicPartition(self._topics.feed, partition)
            _, end = self._consumer.get_watermark_offsets(place, timeout=PATIENCE)
        return bool(end == 0)

    def send(self, partition: int, records: Sequence[Sent]) -> None:
        self._failed.clear()
        for record in records:
            self._produce(partition, record)
        left = self._producer.flush(PATIENCE)
        if left or self._failed:
            self._producer.purge()
            self._producer.flush(1.0)
            why = self._failed[0] if self._failed else "no answer in time"
            raise StoreUnavailable(f"Kafka: stream processors cannot be fed: {why}.")

    def listen(self, after: int) -> None:
        begin = after + 1 if after >= 0 else OFFSET_BEGINNING
        self._consumer.assign([TopicPartition(self._topics.outputs, 0, begin)])

    def hear(self, seconds: float) -> list[Heard]:
        with asking("what the stream processors say"):
            messages = self._consumer.consume(_SOME, seconds)
        return [
            Heard(message.offset() or 0, message.value() or b"")
            for message in messages
            if not message.error() and message.value()
        ]

    def close(self) -> None:
        self._producer.flush(PATIENCE)
        self._consumer.close()

    def _produce(self, partition: int, record: Sent) -> None:
        # The record's own time is what Flink goes by. Zero would stand for the time of the clock.
        moment = max(1, record.now // MILLISECOND)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self._producer.produce(
                    self._topics.feed,
                    value=record.body,
                    key=student_of(record.body),
                    partition=partition,
                    timestamp=moment,
                    on_delivery=self._note,
                )
            except BufferError:
                self._producer.poll(0.1)
                if time.monotonic() > deadline:
                    raise StoreUnavailable(
                        "Kafka: stream processors cannot be fed: the queue is full."
                    ) from None

    def _note(self, error: KafkaError | None, _: Message) -> None:
        if error is not None:
            self._failed.append(error.str())

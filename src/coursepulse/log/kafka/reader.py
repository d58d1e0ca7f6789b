"""Reading partitions: consumers that are given their place by hand, and kept while readers go on where they were."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from confluent_kafka import Consumer, TopicPartition

from coursepulse.kit.errors import StoreUnavailable
from coursepulse.log.kafka.client import PATIENCE, Config, asking
from coursepulse.log.records import count_events

#: Messages taken over from the client at a time.
_SOME = 5_000

#: Open consumers of a partition that nobody uses at the moment: who reads on, and who looks something up.
_KEPT_OPEN = 2

#: Seconds between two looks at whether to go on waiting.
_TURN = 0.5

_READING: Config = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "earliest",
    # A consumer that goes to another place waits for the answer to its request before.
    "fetch.wait.max.ms": 100,
    "fetch.error.backoff.ms": 50,
    # Otherwise a full queue makes the client wait for a second.
    "fetch.queue.backoff.ms": 5,
    "queued.max.messages.kbytes": 32_768,
}


class LogRecord(NamedTuple):
    """A message as the log sees it."""

    offset: int
    key: bytes
    value: bytes
    timestamp: int


class PartitionReader:
    """One consumer at one place of a partition.

    :param compacted: records may be missing in the middle
    """

    def __init__(
        self, config: Config, topic: str, partition: int, offset: int, *, compacted: bool = False
    ) -> None:
        group = f"{topic}-reader"
        self._compacted = compacted
        self._consumer = Consumer({**config, **_READING, "group.id": group})
        self._place = TopicPartition(topic, partition, offset)
        self._waiting: deque[LogRecord] = deque()
        self.next = offset
        # Otherwise the client looks for the leader of the partition only once a second.
        with asking("topic"):
            self._consumer.list_topics(topic, PATIENCE)
        self._consumer.assign([self._place])

    @property
    def partition(self) -> int:
        """The partition that it reads."""
        return int(self._place.partition)

    def stands_at(self, offset: int) -> bool:
        """Whether what it gives next is what stands at an offset, or the first behind it."""
        return (self._waiting[0].offset if self._waiting else self.next) == offset

    def seek(self, offset: int) -> None:
        """Go on from an offset."""
        if self.stands_at(offset):
            return
        self._waiting.clear()
        self._place.offset = self.next = offset
        self._consumer.assign([self._place])

    def await_one(self, timeout: float) -> bool:
        """Whether there is a record to take; waits for one."""
        deadline = time.monotonic() + timeout
        while not self._waiting:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return False
            self._fetch(1, min(remaining, _TURN))
        return True

    def take(self, events: int, end: int) -> list[LogRecord]:
        """The next records before an offset, of about so many events but one record at least.

        :raises StoreUnavailable: when the brokers fall silent
        """
        found, taken, begun = list[LogRecord](), 0, self.next
        while self._waiting or self.next < end:
            if not self._waiting:
                self._fill()
                continue
            number = count_events(self._waiting[0].value)
            if taken and taken + number > events:
                break
            taken += max(1, number)
            found.append(self._waiting.popleft())
        if not found and begun < end:
            raise StoreUnavailable(f"Kafka: no record from {begun} on, although there are {end}.")
        return found

    def walk(self, end: int) -> Iterator[LogRecord]:
        """Every record before an offset."""
        while self._waiting or self.next < end:
            if not self._waiting:
                self._fill()
            while self._waiting and self._waiting[0].offset < end:
                yield self._waiting.popleft()
            if self._waiting:
                return

    def close(self) -> None:
        """Give the connection up."""
        self._consumer.close()

    def _fill(self) -> None:
        """Fetch something, or find out that there is nothing more."""
        before, deadline = self.next, time.monotonic() + PATIENCE
        while self.next == before:
            self._fetch(_SOME, 0.0) or self._fetch(1, _TURN)
            if time.monotonic() > deadline:
                raise StoreUnavailable("Kafka: the brokers have fallen silent.")

    def _fetch(self, number: int, timeout: float) -> bool:
        with asking("records"):
            messages = self._consumer.consume(number, timeout)
        for message in messages:
            offset = message.offset() or 0
            # An error goes by itself; what stands before this place is left from where the consumer was before.
            if message.error() is None and offset >= self.next:
                self._check(offset)
                key, value = message.key() or b"", message.value() or b""
                self._waiting.append(LogRecord(offset, key, value, message.timestamp()[1]))
                self.next = offset + 1
        return bool(messages)

    def _check(self, offset: int) -> None:
        """Nothing may be passed over but what was dropped: an event that nobody reads would be lost.

        :raises StoreUnavailable: when something would be; another consumer will not pass it over
        """
        if offset == self.next or self._compacted:
            return
        with asking("bounds of a partition"):
            begin, _ = self._consumer.get_watermark_offsets(self._place, PATIENCE)
        if begin < offset:
            raise StoreUnavailable(f"Kafka: after {self.next} came {offset}.")


class Readers:
    """The consumers of one topic, for any number of threads."""

    def __init__(self, config: Config, topic: str) -> None:
        self._config, self._topic = config, topic
        self._idle: dict[int, list[PartitionReader]] = defaultdict(list)
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def at(self, partition: int, offset: int) -> Iterator[PartitionReader]:
        """A consumer of a partition that goes on from an offset. Nobody else uses it meanwhile.

        :raises StoreUnavailable: when the log is closed
        """
        reader = self._find(partition, offset) or PartitionReader(
            self._config, self._topic, partition, offset
        )
        try:
            reader.seek(offset)
            yield reader
        except BaseException:
            reader.close()
            raise
        self._put_back(reader)

    def close(self) -> None:
        """Close every consumer."""
        with self._lock:
            self._closed = True
            idle = [reader for some in self._idle.values() for reader in some]
            self._idle.clear()
        for reader in idle:
            reader.close()

    def _find(self, partition: int, offset: int) -> PartitionReader | None:
        with self._lock:
            if self._closed:
                raise StoreUnavailable("The event log is closed.")
            idle = self._idle[partition]
            if not idle:
                return None
            best = next((reader for reader in idle if reader.stands_at(offset)), None)
            if best is None and len(idle) < _KEPT_OPEN:
                return None
            # Of those that stand elsewhere, the one that was put back first.
            chosen = best or idle[0]
            idle.remove(chosen)
            return chosen

    def _put_back(self, reader: PartitionReader) -> None:
        with self._lock:
            idle = self._idle[reader.partition]
            if not self._closed and len(idle) < _KEPT_OPEN:
                idle.append(reader)
                return
        reader.close()

"""The topic beside the events: who was erased up to where, how far groups have come, and where positions begin.

A position must not be used again even if the topic of events is lost and made anew, while Kafka then counts from 0. So
each topic of events has an origin, milliseconds since 1970 when it was first seen, which is added to every offset.
"""

from __future__ import annotations

import secrets
import struct
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from coursepulse.kit.clock import Clock, Micros
from coursepulse.log.kafka.client import Config
from coursepulse.log.kafka.offsets import TopicOffsets
from coursepulse.log.kafka.reader import LogRecord, PartitionReader
from coursepulse.log.kafka.writer import Writer
from coursepulse.log.records import KEY_BYTES

#: How keys begin that are no tombstones; no partition has the number of their first letter.
_ORIGIN, _GROUP = b"origin:", b"group:"
#: The key of a tombstone: the partition, then the student.
_KEY = struct.Struct(f">B{KEY_BYTES}s")
#: Its value: the offset up to which it holds, and when it was left.
_VALUE = struct.Struct(">QQ")
#: That of an origin, in milliseconds, or of a group, an offset. Behind every value stands the identity of the topic.
_NUMBER = struct.Struct(">Q")


class Tombstone(NamedTuple):
    """Events of a student before an offset do not exist for readers.

    :param at: when it was left
    """

    before: int
    at: Micros


class LogLedger:
    """What the topic says, as far as anybody has written it by the time of :meth:`catch_up`.

    :param events: the identity of the topic of events
    """

    def __init__(
        self, config: Config, offsets: TopicOffsets, topic: str, writer: Writer, events: str, clock: Clock
    ) -> None:
        self._reader = PartitionReader(config, topic, 0, 0, compacted=True)
        self._topic, self._writer, self._clock, self._offsets = topic, writer, clock, offsets
        self._lock = threading.Lock()
        self._events, self._origin = events.encode(), -1
        self._finished: dict[str, dict[int, int]] = defaultdict(dict)
        self._tombstones: dict[int, dict[bytes, Tombstone]] = defaultdict(dict)
        self.catch_up()

    def catch_up(self) -> None:
        """Read what was added. Whatever was acknowledged before this began is known afterwards.

        :raises StoreUnavailable: when the brokers do not answer
        """
        with self._lock:
            _, end = self._offsets.bounds(0)
            for record in self._reader.walk(end):
                self._take(record)

    def find_origin(self) -> int:
        """The origin of the topic of events. The first one that is written holds for all."""
        if self._origin < 0:
            key = _ORIGIN + secrets.token_bytes(8)
            value = _NUMBER.pack(self._clock() // 1000) + self._events
            self._writer.write(self._topic, 0, key, value).result()
            self.catch_up()
        return self._origin

    def finished(self, group: str) -> dict[int, int]:
        """The offset behind what a group has finished, of each partition of which it has."""
        self.catch_up()
        with self._lock:
            return dict(self._finished.get(group, {}))

    def finish(self, group: str, partition: int, offset: int) -> None:
        """Remember that a group has finished everything before an offset."""
        key, value = _GROUP + bytes([partition]) + group.encode(), _NUMBER.pack(offset) + self._events
        self._writer.write(self._topic, 0, key, value).result()

    def of(self, partition: int) -> Mapping[bytes, Tombstone]:
        """The tombstones that hold in a partition."""
        return self._tombstones.get(partition, {})

    def at(self, student: bytes) -> Micros:
        """When a student was erased last; 0 for somebody who never was."""
        return max((some[student].at for some in self._tombstones.values() if student in some), default=0)

    def add(self, student: bytes, befores: Mapping[int, int]) -> None:
        """Leave a tombstone in partitions. Every reader knows of it when this returns."""
        now = self._clock()
        written = [
            self._writer.write(
                self._topic, 0, _KEY.pack(partition, student), _VALUE.pack(before, now) + self._events
            )
            for partition, before in befores.items()
        ]
        for one in written:
            one.result()
        self.catch_up()

    def drop(self, begins: Mapping[int, int]) -> None:
        """Let tombstones go that cover nothing any more, because their partition begins behind them."""
        for partition, student in list(self._find_spent(begins)):
            self._writer.write(self._topic, 0, _KEY.pack(partition, student), None).result()

    def close(self) -> None:
        """Give the connections up."""
        self._reader.close()
        self._offsets.close()

    def _find_spent(self, begins: Mapping[int, int]) -> Iterator[tuple[int, bytes]]:
        with self._lock:
            for partition, some in self._tombstones.items():
                for student, tombstone in some.items():
                    if tombstone.before <= begins.get(partition, 0):
                        yield partition, student

    def _take(self, record: LogRecord) -> None:
        # Of an earlier topic by this name, whose offsets mean nothing here.
        if record.value and not record.value.endswith(self._events):
            return
        value = record.value.removesuffix(self._events)
        if record.key.startswith(_ORIGIN):
            self._origin = _NUMBER.unpack(value)[0] if self._origin < 0 else self._origin
        elif record.key.startswith(_GROUP):
            partition, group = record.key[len(_GROUP)], record.key[len(_GROUP) + 1 :].decode()
            finished = self._finished[group]
            finished[partition] = max(_NUMBER.unpack(value)[0], finished.get(partition, 0))
        elif len(record.key) == _KEY.size:
            partition, student = _KEY.unpack(record.key)
            self._take_tombstone(partition, student, value)

    def _take_tombstone(self, partition: int, student: bytes, value: bytes) -> None:
        some = dict(self._tombstones[partition])
        if value:
            some[student] = _furthest(some.get(student), Tombstone(*_VALUE.unpack(value)))
        else:
            some.pop(student, None)
        # Put in place as a whole: readers do not lock.
        self._tombstones[partition] = some


def _furthest(one: Tombstone | None, other: Tombstone) -> Tombstone:
    return Tombstone(max(one.before, other.before), max(one.at, other.at)) if one else other

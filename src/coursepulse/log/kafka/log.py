"""The event log as a topic of Kafka: a block is a record, and all events of a student are in one partition.

Records never change. A tombstone in the topic beside it hides the events of an erased student from every reader
(docs/decisions/0022). What the brokers acknowledge is on as many of them as ``min.insync.replicas`` says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future

from confluent_kafka import KafkaError, Message
from confluent_kafka.admin import AdminClient

from coursepulse.events.event import Event
from coursepulse.kit.clock import Clock, Micros, system_clock
from coursepulse.kit.errors import LogFull
from coursepulse.kit.settings import Settings
from coursepulse.log.kafka.client import PATIENCE, FirstContact, client_config, parse_address
from coursepulse.log.kafka.ledger import LogLedger, Tombstone
from coursepulse.log.kafka.offsets import TopicOffsets
from coursepulse.log.kafka.reader import LogRecord, Readers
from coursepulse.log.kafka.topics import LEDGER_CONFIG, Topic, events_config, prepare_topic
from coursepulse.log.kafka.writer import Writer
from coursepulse.log.port import BLOCK_EVENTS, Block, Change
from coursepulse.log.positions import Position, event_position, partition_of, start
from coursepulse.log.records import (
    KEY_BYTES,
    by_student,
    count_events,
    open_record,
    pack_record,
    without,
    without_all,
)

#: Records that are looked at to count their events. Of more than these, the usual number of events is assumed.
_COUNTED = 100


class KafkaLog:
    """An :class:`coursepulse.log.port.EventLog` behind ``kafka://host:port,…/topic``.

    :param patience: seconds for a first broker to answer, and after which an append that no broker has acknowledged is
        given up
    :raises SettingError: when no broker answers, or a topic cannot keep the promises of the log
    """

    def __init__(
        self, url: str, settings: Settings, *, clock: Clock = system_clock, patience: float = PATIENCE
    ) -> None:
        address = parse_address(url)
        config = client_config(address, settings)
        contact = FirstContact(settings)
        # The types of the library know no callbacks.
        admin = AdminClient({**config, "error_cb": contact.note})  # type: ignore[dict-item]
        self._topic = prepare_topic(
            *(admin, address.topic, address.partitions, events_config(settings), settings, patience, contact)
        )
        ledger = prepare_topic(admin, f"{address.topic}-erased", 1, LEDGER_CONFIG, settings)
        self._offsets = TopicOffsets(config, admin, address.topic, self._topic.partitions)
        self._writer = Writer(config, patience)
        # Two, so that who counts takes nobody's place.
        self._readers, self._counters = (Readers(config, address.topic) for _ in range(2))
        self._ledger = LogLedger(
            *(config, TopicOffsets(config, admin, ledger.name, 1), ledger.name, self._writer),
            events=self._topic.identity,
            clock=clock,
        )
        self._origin = self._ledger.find_origin()
        self._counted = _Density()

    @property
    def partitions(self) -> int:
        return self._topic.partitions

    @property
    def topic(self) -> Topic:
        """The topic of the events."""
        return self._topic

    def append(self, events: list[Event]) -> Future[Sequence[int]]:
        if not 0 < len(events) <= BLOCK_EVENTS:
            raise ValueError(f"{len(events)} events; append 1 to {BLOCK_EVENTS} at a time.")
        students = by_student(events)
        append = _Append(self._origin, len(events), len(students))
        self._counted.note(len(students), len(events))
        for student, places in students.items():
            record = pack_record([events[place] for place in places])
            partition = partition_of(student, self._topic.partitions)
            self._writer.send(self._topic.name, partition, student, record, append.expect(places))
        return append.done

    def read(self, after: Position, limit: int) -> list[Block]:
        # First: whatever was erased before this began is left out.
        self._ledger.catch_up()
        hidden = self._ledger.of(after.partition)
        begin, end = self._offsets.bounds(after.partition)
        with self._readers.at(after.partition, self._next(after)) as reader:
            records = reader.take(limit, end) if begin < end else []
        blocks = [self._open(after.partition, record, hidden) for record in records]
        self._counted.note(len(blocks), sum(len(block.events) for block in blocks))
        return blocks

    def wait(self, after: Position, timeout: float) -> bool:
        offset = self._next(after)
        begin, end = self._offsets.bounds(after.partition)
        there = max(begin, offset) < end
        with self._readers.at(after.partition, offset) as reader:
            return reader.await_one(PATIENCE if there else timeout)

    def commit(self, group: str, position: Position) -> None:
        offset = self._next(position)
        if self._ledger.finished(group).get(position.partition, -1) < offset:
            self._ledger.finish(group, position.partition, offset)

    def committed(self, group: str, partition: int = 0) -> Position:
        offset = self._ledger.finished(group).get(partition)
        return start(partition) if offset is None else Position(partition, self._origin + offset)

    def lag(self, group: str) -> int:
        """How many events ``group`` has not finished, in all partitions: exactly while they are few."""
        finished = self._ledger.finished(group)
        return sum(
            self._count(partition, max(begin, finished.get(partition, 0)), end)
            for partition, (begin, end) in self._offsets.all_bounds().items()
        )

    def prune(self, before: Micros, group: str) -> int:
        begins, finished = self._begins(), self._ledger.finished(group)
        recent = self._offsets.appended_since(before // 1000)
        befores = {
            partition: min(offset, recent.get(partition, offset)) for partition, offset in finished.items()
        }
        befores = {partition: offset for partition, offset in befores.items() if offset > begins[partition]}
        events = sum(
            self._count(partition, begins[partition], offset) for partition, offset in befores.items()
        )
        if befores:
            self._offsets.drop(befores)
        self._ledger.drop(begins | befores)
        return events

    def erase(self, student: bytes, up_to: Collection[Position], change: Change) -> int:  # noqa: ARG002
        befores = {position.partition: self._next(position) for position in up_to}
        known = {partition: self._ledger.of(partition) for partition in befores}
        self._ledger.add(student, befores)
        # All events of a student are in one partition, so there they are counted.
        own = partition_of(student, self._topic.partitions)
        return self._count_of(student, own, befores[own], known[own]) if own in befores else 0

    @property
    def erasure(self) -> str:
        """What an erasure did, for its receipt."""
        return f"unreadable from now on; their bytes are gone after {self._topic.kept_hours} hours at most"

    def newest(self) -> tuple[Position, ...]:
        bounds = sorted(self._offsets.all_bounds().items())
        return tuple(Position(number, self._origin + end) for number, (_, end) in bounds if end)

    def without_erased(self, events: list[Event]) -> list[Event]:
        """Events but those that were received before their student was erased.

        :raises StoreUnavailable: when the brokers do not answer
        """
        self._ledger.catch_up()
        return [each for each in events if self._ledger.at(each.student_id) < max(1, each.received_at)]

    def give_up(self) -> None:
        """Let appends fail that were not sent yet."""
        self._writer.give_up()

    def close(self) -> None:
        self._writer.close()
        self._readers.close()
        self._counters.close()
        self._ledger.close()
        self._offsets.close()

    def _begins(self) -> dict[int, int]:
        return {partition: begin for partition, (begin, _) in self._offsets.all_bounds().items()}

    def _next(self, position: Position) -> int:
        """The offset behind a position."""
        return max(0, position.offset - self._origin)

    def _open(self, partition: int, record: LogRecord, hidden: Mapping[bytes, Tombstone]) -> Block:
        position = Position(partition, self._origin + record.offset + 1)
        if hidden and (students := _find_hidden(record, hidden)):
            if record.key in students:
                return Block(position, [])
            return without_all(students, position, record.value)
        return open_record(position, record.value)

    def _count(self, partition: int, begin: int, end: int) -> int:
        if end - begin > _COUNTED:
            return round((end - begin) * self._counted.events)
        return sum(count_events(record.value) for record in self._walk(partition, begin, end))

    def _count_of(self, student: bytes, partition: int, end: int, known: Mapping[bytes, Tombstone]) -> int:
        """How many events of a student no tombstone has covered so far."""
        begin = max(known[student].before if student in known else 0, self._offsets.bounds(partition)[0])
        return sum(_count_of(student, record) for record in self._walk(partition, begin, end))

    def _walk(self, partition: int, begin: int, end: int) -> Iterator[LogRecord]:
        if begin < end:
            with self._counters.at(partition, begin) as reader:
                yield from reader.walk(end)


class _Append:
    """What becomes of one append, whose records are acknowledged one by one."""

    def __init__(self, origin: int, events: int, records: int) -> None:
        self.done: Future[Sequence[int]] = Future()
        # On its way, it cannot be taken back.
        self.done.set_running_or_notify_cancel()
        self._origin, self._missing = origin, records
        self._numbers = [0] * events
        self._trouble = ""

    def expect(self, places: list[int]) -> _Expected:
        """What is told about the record with the events at some places."""
        return _Expected(self, places)

    def settle(self, places: list[int], error: KafkaError | None, message: Message) -> None:
        if error is None:
            position = Position(message.partition() or 0, self._origin + (message.offset() or 0) + 1)
            first = event_position(position, 0)
            for index, place in enumerate(places):
                self._numbers[place] = first + index
        else:
            self._trouble = error.str()
        self._missing -= 1
        if self._missing == 0:
            self._finish()

    def _finish(self) -> None:
        if self._trouble:
            self.done.set_exception(LogFull(f"Kafka does not take events: {self._trouble}."))
        else:
            self.done.set_result(self._numbers)


class _Expected:
    __slots__ = ("_append", "_places")

    def __init__(self, append: _Append, places: list[int]) -> None:
        self._append, self._places = append, places

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        self._append.settle(self._places, error, message)


class _Density:
    """Events of a record, as a mean that follows what this process has written and read."""

    def __init__(self) -> None:
        self._records, self._of_events = 0.0, 0.0

    @property
    def events(self) -> float:
        return self._of_events / self._records if self._records else 1.0

    def note(self, records: int, events: int) -> None:
        # Halved now and then, so that it forgets.
        if self._records > 1 << 20:
            self._records, self._of_events = self._records / 2, self._of_events / 2
        self._records += records
        self._of_events += events


def _find_hidden(record: LogRecord, hidden: Mapping[bytes, Tombstone]) -> list[bytes]:
    """The erased students that a record must not name. Its key says who, unless somebody else has written it."""
    if len(record.key) == KEY_BYTES:
        found = hidden.get(record.key)
        return [record.key] if found and record.offset < found.before else []
    return [
        student
        for student, tombstone in hidden.items()
        if record.offset < tombstone.before and student in record.value
    ]


def _count_of(student: bytes, record: LogRecord) -> int:
    if record.key == student:
        return count_events(record.value)
    if len(record.key) == KEY_BYTES or student not in record.value:
        return 0
    return without(student, record.value, lambda _: None)[1]

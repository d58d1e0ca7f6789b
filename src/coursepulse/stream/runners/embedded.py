"""Processors inside the server: states in memory, saved to a file with the position they belong to."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from typing import Any

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.log.positions import Position, start
from coursepulse.stream.processor import Admits, OutputSink, Processor, delay
from coursepulse.stream.runners.host import ProcessorHost, replay
from coursepulse.stream.runners.outbox import Outbox
from coursepulse.stream.snapshots import Snapshot, SnapshotFile


class EmbeddedRunner:
    """A :class:`coursepulse.stream.runners.port.Runner` in this process.

    :param file: where states are saved; None keeps them in memory only
    :param admits: events of other students are passed over
    """

    def __init__(
        self,
        processors: Sequence[Processor[Any]],
        sinks: Sequence[OutputSink],
        *,
        file: SnapshotFile | None = None,
        admits: Admits = lambda _: True,
    ) -> None:
        self._outbox, self._admits, self._file = Outbox(sinks), admits, file
        self._hosts = [ProcessorHost(processor, self._outbox) for processor in processors]
        self._now: Micros = 0
        # Every event up to there is in the states; that there may be more does no harm, as they are joins.
        self._position: Position | None = None
        self._unsaved = False
        # The pipeline processes, time passes in another thread, and erasures come from elsewhere.
        self._lock = threading.Lock()

    @property
    def active(self) -> dict[str, int]:
        """Keys at which something is going on, by processor."""
        return {host.processor.name: len(host) for host in self._hosts}

    def restore(self, partition: int) -> Position:
        versions = {host.processor.name: host.processor.version for host in self._hosts}
        saved = self._file.read(versions) if self._file else None
        if saved is None or saved.position.partition != partition:
            return start(partition)
        self._now = saved.now
        for host in self._hosts:
            host.restore(saved.states[host.processor.name])
        return saved.position

    def process(self, events: Collection[Event]) -> None:
        with self._lock:
            self._unsaved = self._unsaved or bool(events)
            self._advance(events, max((event.received_at for event in events), default=0))

    def tick(self, now: Micros) -> None:
        with self._lock:
            self._advance((), now)
        # An erasure has removed the file.
        if self._position is not None:
            self.save(self._position)

    def reconcile(self) -> None:
        with self._lock:
            outputs = [output for host in self._hosts for output in host.say(self._now)]
            self._outbox.reconcile(outputs, self._now)

    def save(self, position: Position, *, last: bool = False) -> None:
        self._position = position
        if self._file is None or not (last or (self._unsaved and self._file.due)):
            return
        self._unsaved = False
        self._file.write(self._capture(position))
        if last:
            self._file.close()

    def forget(self, student: bytes) -> int:
        with self._lock:
            keys = sum(host.forget(student, self._now) for host in self._hosts)
            self._outbox.send()
        self._unsaved = True
        if self._file is not None:
            self._file.forget()
        return keys

    def renew(self, student: bytes, events: Sequence[Event]) -> None:
        sound = [event for event in events if self._admits(event.student_id)]
        with self._lock:
            for host in self._hosts:
                host.replace(student, replay(host.processor, sound, self._now), self._now)
            self._outbox.send()
        self._unsaved = True
        if self._file is not None:
            # It says what is no longer so, and the next one comes in a while.
            self._file.forget()

    def _advance(self, events: Collection[Event], now: Micros) -> None:
        before, self._now = self._now, max(self._now, now)
        arrivals = [(event, delay(event, before)) for event in events if self._admits(event.student_id)]
        for host in self._hosts:
            host.run(arrivals, before, self._now)
        self._outbox.send()

    def _capture(self, position: Position) -> Snapshot:
        with self._lock:
            versions = {host.processor.name: host.processor.version for host in self._hosts}
            states = {host.processor.name: host.capture() for host in self._hosts}
            return Snapshot(position, self._now, versions, states)

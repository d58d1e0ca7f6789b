"""Many threads append, one thread writes: whoever arrives while it writes shares the next fsync."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import NamedTuple

from coursepulse.events.event import Event
from coursepulse.kit.errors import CoursepulseError, LogFull
from coursepulse.log.port import BLOCK_EVENTS

#: Events of one transaction at the most: enough to fill blocks, little enough to be answered soon.
_GROUP_EVENTS = 40_000

#: Events that may wait for the disk. Beyond this the disk is not keeping up, and memory would fill instead.
_WAITING_EVENTS = 400_000


class Append(NamedTuple):
    """Events that wait to be written, and whom to tell."""

    events: list[Event]
    done: Future[int]


#: Makes appends durable together; returns the event position of the first event of each.
Write = Callable[[list[list[Event]]], list[int]]


class GroupCommit:
    """Runs ``write`` in a thread of its own, on everything that was appended meanwhile."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._arrived = threading.Condition()
        self._waiting: list[Append] = []
        self._waiting_events = 0
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def append(self, events: list[Event]) -> Future[int]:
        """See :meth:`coursepulse.log.port.EventLog.append`."""
        if not 0 < len(events) <= BLOCK_EVENTS:
            raise ValueError(f"{len(events)} events; append 1 to {BLOCK_EVENTS} at a time.")
        done: Future[int] = Future()
        with self._arrived:
            if self._closing:
                raise LogFull("The event log is closed.")
            if self._waiting_events + len(events) > _WAITING_EVENTS:
                raise LogFull("The disk of the event log does not keep up.")
            self._waiting.append(Append(events, done))
            self._waiting_events += len(events)
            self._arrived.notify()
        return done

    def close(self) -> None:
        """Write what is waiting, then end."""
        with self._arrived:
            self._closing = True
            self._arrived.notify()
        self._thread.join()

    def _run(self) -> None:
        while group := self._take():
            # A future that its owner gave up is left out; one that is running can no longer be given up.
            group = [append for append in group if append.done.set_running_or_notify_cancel()]
            if group:
                self._settle(group)

    def _take(self) -> list[Append]:
        """The next group; empty when everything is written and the log is closing."""
        with self._arrived:
            while not self._waiting and not self._closing:
                self._arrived.wait()
            count = _count_fitting(self._waiting)
            group, self._waiting = self._waiting[:count], self._waiting[count:]
            self._waiting_events -= sum(len(append.events) for append in group)
            return group

    def _settle(self, group: list[Append]) -> None:
        try:
            positions = self._write([append.events for append in group])
        except CoursepulseError as error:
            for append in group:
                append.done.set_exception(error)
        except Exception as error:  # noqa: BLE001 - the writer must outlive whatever one group did to it
            for append in group:
                append.done.set_exception(LogFull(f"The event log cannot write: {error!r}."))
        else:
            for append, position in zip(group, positions, strict=True):
                append.done.set_result(position)


def _count_fitting(waiting: list[Append]) -> int:
    """How many of the first appends make up one group."""
    events = 0
    for count, append in enumerate(waiting):
        events += len(append.events)
        if events > _GROUP_EVENTS:
            return max(count, 1)
    return len(waiting)

"""Many threads submit, one thread writes: items that arrive during a write share the next one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, NamedTuple, TypeVar

from coursepulse.kit.errors import CoursepulseError

Item = TypeVar("Item")
Result = TypeVar("Result")


class Limits(NamedTuple):
    """Limits, in the unit that items are weighed in.

    :param group: the most in one write, unless a single item weighs more
    :param waiting: the most that may wait. Beyond this the store is not keeping up and memory would fill
    """

    group: int
    waiting: int


class Troubles(NamedTuple):
    """Raised to submitters."""

    closed: Callable[[], CoursepulseError]
    full: Callable[[], CoursepulseError]
    failed: Callable[[Exception], CoursepulseError]


class _Wait(NamedTuple, Generic[Item, Result]):
    item: Item
    done: Future[Result]


class GroupCommit(Generic[Item, Result]):
    """Runs ``write`` in its own thread, on everything submitted in the meantime.

    :param write: makes items durable together, or raises; returns one result per item
    :param name: of the thread
    :param weigh: what an item counts against the limits
    """

    def __init__(
        self,
        write: Callable[[list[Item]], Sequence[Result]],
        name: str,
        limits: Limits,
        troubles: Troubles,
        weigh: Callable[[Item], int] = lambda _: 1,
    ) -> None:
        self._write, self._limits, self._troubles, self._weigh = write, limits, troubles, weigh
        self._arrived = threading.Condition()
        self._waiting: list[_Wait[Item, Result]] = []
        self._waiting_weight = 0
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, item: Item) -> Future[Result]:
        """Queue ``item`` for writing. The future resolves when it is written, or says why not."""
        done: Future[Result] = Future()
        weight = self._weigh(item)
        with self._arrived:
            if self._closing:
                raise self._troubles.closed()
            if self._waiting_weight + weight > self._limits.waiting:
                raise self._troubles.full()
            self._waiting.append(_Wait(item, done))
            self._waiting_weight += weight
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
            # A cancelled future is left out; once running, it can no longer be cancelled.
            group = [wait for wait in group if wait.done.set_running_or_notify_cancel()]
            if group:
                self._settle(group)

    def _take(self) -> list[_Wait[Item, Result]]:
        """The next group; empty when everything is written and no more can arrive."""
        with self._arrived:
            while not self._waiting and not self._closing:
                self._arrived.wait()
            count = self._count_fitting()
            group, self._waiting = self._waiting[:count], self._waiting[count:]
            self._waiting_weight -= sum(self._weigh(wait.item) for wait in group)
            return group

    def _count_fitting(self) -> int:
        """How many of the first items make up one group."""
        weight = 0
        for count, wait in enumerate(self._waiting):
            weight += self._weigh(wait.item)
            if weight > self._limits.group:
                return max(count, 1)
        return len(self._waiting)

    def _settle(self, group: list[_Wait[Item, Result]]) -> None:
        try:
            results = self._write([wait.item for wait in group])
        except Exception as error:  # noqa: BLE001 - the writer must outlive whatever one group did to it
            failure = self._troubles.failed(error)
            for wait in group:
                wait.done.set_exception(failure)
        else:
            for wait, result in zip(group, results, strict=True):
                wait.done.set_result(result)

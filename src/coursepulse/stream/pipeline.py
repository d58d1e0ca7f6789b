"""The pipeline: log -> raw store -> rollups, exactly once and restartable anywhere.

Two stages run beside each other, each in its own thread, one batch ahead of the other:

1. *store* reads blocks from the log and writes them to the raw store, which says which events are fresh, and lets the
   rollups take those in;
2. *serve* renews what the fresh events touch, and then remembers the position as served.

After a crash everything beyond the served position is read again. The raw store recognises its own rows by
their log position, and refreshing rollups twice changes nothing, so every event counts once.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import structlog

from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, Clock, Micros
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.log.port import Block, EventLog
from coursepulse.log.positions import Position, from_number, to_number
from coursepulse.stream.blame import Behind, insert, renew, set_apart, store_blocks
from coursepulse.stream.ports import RawStore, Refusals, Renewed, Rollups
from coursepulse.stream.retry import Retry, Stopped

GROUP = "pipeline"
SERVED = "served"

#: Seconds between the starts of two batches: long enough that a trickle does not become a flood of tiny
#: inserts (each leaves a part for ClickHouse to merge), short enough to be fresh within a second.
PACE = 0.2

#: By how much an event in the log may lie ahead: more than a clock that is set back by mistake, so that no sound event
#: is refused for it, and little enough for nobody to be told of data from another year.
_AHEAD: Micros = DAY

#: Up to so many events the next batch is read only when this one has been served: an event then waits for no batch
#: but its own. Above it the stages overlap: each event waits longer, and more of them get through.
_FRESH_EVENTS = 20000

_log = structlog.get_logger(__name__)


class Applied(NamedTuple):
    """One batch that every screen can now see.

    :param position: the number of its position
    :param latest_event_at: time of the newest event so far, microseconds, or None before the first
    """

    position: int
    renewed: list[Renewed]
    duplicates: int
    latest_event_at: Micros | None
    applied_at: Micros


class Progress(NamedTuple):
    """How far the pipeline has come since it started."""

    applied: int
    duplicates: int
    latest_event_at: Micros | None
    applied_at: Micros | None
    trouble: str | None


class _Batch(NamedTuple):
    """:param taken: the fresh events as the rollups have taken them in"""

    position: Position
    fresh: list[Event]
    taken: list[Any]
    duplicates: int

    @property
    def number(self) -> int:
        """What stores keep for the position."""
        return to_number(self.position)


class Pipeline:
    """Runs from :meth:`start` to :meth:`stop`; ``on_applied`` is called after each batch, in order.

    :param not_before: the present is no earlier, whatever the clock says
    """

    def __init__(
        self,
        log: EventLog,
        raw: RawStore,
        rollups: Rollups[Any],
        refuse: Refusals,
        clock: Clock,
        *,
        batch_events: int,
        on_applied: Callable[[Applied], None] = lambda _: None,
        not_before: Micros = 0,
    ) -> None:
        self._log, self._raw, self._clock, self._not_before = log, raw, clock, not_before
        self._batch_events = batch_events
        self._on_applied = on_applied
        self._handover: queue.Queue[_Batch] = queue.Queue(maxsize=1)
        self._stopping = threading.Event()
        self._storing, self._serving = Retry(self._stopping), Retry(self._stopping)
        self._stores = Behind(raw, rollups, self._storing, refuse)
        self._serves = Behind(raw, rollups, self._serving, refuse)
        self._progress = Progress(0, 0, None, None, None)
        self._turn, self._wanted = threading.Lock(), threading.Event()
        self._handed = self._done = 0
        self._served = threading.Condition()
        self._threads = [
            threading.Thread(target=self._run, args=(stage,), name=f"pipeline-{stage.__name__.strip('_')}")
            for stage in (self._store, self._serve)
        ]

    def start(self) -> None:
        """Begin where the last run left off."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish nothing more, and return when both stages have ended; what is unfinished is read again."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    @contextmanager
    def held(self, up_to: Collection[Position], patience: float) -> Iterator[None]:
        """Between two batches: every block up to ``up_to`` is stored and served, and nothing more until this ends.

        :raises StoreUnavailable: when that takes longer than ``patience`` seconds
        """
        deadline = time.monotonic() + patience
        while any(self._log.committed(GROUP, each.partition) < each for each in up_to):
            self._be_patient(deadline)
        self._wanted.set()
        try:
            while not self._turn.acquire(timeout=0.05):
                self._be_patient(deadline)
            try:
                while self._done < self._handed:
                    self._be_patient(deadline)
                yield
            finally:
                self._turn.release()
        finally:
            self._wanted.clear()

    def _be_patient(self, deadline: float) -> None:
        if self._stopping.is_set() or time.monotonic() > deadline:
            raise StoreUnavailable("The pipeline is behind; what has to wait for it goes on later.")
        time.sleep(0.01)

    @property
    def progress(self) -> Progress:
        """Counts since the start, and what the pipeline is waiting for, if anything."""
        return self._progress._replace(trouble=self._storing.trouble or self._serving.trouble)

    def _run(self, stage: Callable[[], None]) -> None:
        try:
            stage()
        except Stopped:
            pass
        except BaseException:
            # A bug, not an outage: say so loudly, keep collecting, and let the operator restart.
            _log.exception("pipeline_stage_failed", stage=stage.__name__)
            self._storing.trouble = (
                "The pipeline met an unexpected error and stands still; see the server's log."
            )
            raise

    def _store(self) -> None:
        position = from_number(self._storing(lambda: self._raw.position(SERVED)))
        while not self._stopping.is_set():
            began = time.monotonic()
            if not self._storing(partial(self._log.wait, position, timeout=0.5)):
                continue
            while self._wanted.is_set() and not self._stopping.is_set():
                self._stopping.wait(0.01)
            with self._turn:
                blocks = self._storing(partial(self._log.read, position, self._batch_events))
                position = blocks[-1].position
                batch = self._write(blocks)
                self._handed = batch.number
                self._hand_over(batch)
            if sum(len(block.events) for block in blocks) <= _FRESH_EVENTS:
                self._await_serving(batch.number)
            if self._handover.empty():
                self._stopping.wait(max(0.0, PACE - (time.monotonic() - began)))

    def _write(self, blocks: list[Block]) -> _Batch:
        latest = max(self._clock(), self._not_before) + _AHEAD
        apart = set_apart(blocks, latest, self._stores)
        fresh, duplicates = store_blocks(self._stores, blocks, apart)
        position = blocks[-1].position
        taken = insert(self._stores, fresh, to_number(position))
        return _Batch(position, fresh, taken, duplicates)

    def _hand_over(self, batch: _Batch) -> None:
        while not self._stopping.is_set():
            try:
                return self._handover.put(batch, timeout=0.5)
            except queue.Full:
                continue
        return None

    def _await_serving(self, number: int) -> None:
        with self._served:
            while self._done < number and not self._stopping.is_set():
                self._served.wait(0.5)

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                batch = self._handover.get(timeout=0.5)
            except queue.Empty:
                continue
            self._apply(batch)
            with self._served:
                self._done = batch.number
                self._served.notify_all()

    def _apply(self, batch: _Batch) -> None:
        renewed = renew(self._serves, batch.fresh, batch.taken, batch.number)
        applied = self._applied(batch, renewed)
        self._serving(
            lambda: self._raw.advance(SERVED, applied.position, applied.latest_event_at, applied.applied_at)
        )
        self._serving(lambda: self._log.commit(GROUP, batch.position))
        self._progress = Progress(
            self._progress.applied + len(batch.fresh),
            self._progress.duplicates + batch.duplicates,
            applied.latest_event_at,
            applied.applied_at,
            None,
        )
        self._on_applied(applied)

    def _applied(self, batch: _Batch, renewed: list[Renewed]) -> Applied:
        now = self._clock()
        # Nothing newer than now is data up to now: the position remembers the newest for good.
        newest = max((min(event.at, max(now, self._not_before)) for event in batch.fresh), default=None)
        known = [at for at in (newest, self._progress.latest_event_at) if at is not None]
        return Applied(batch.number, renewed, batch.duplicates, max(known, default=None), now)

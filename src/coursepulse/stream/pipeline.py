"""The pipeline: each batch of the log through every stage, exactly once and restartable anywhere.

The stages are a list (:mod:`coursepulse.stream.stages`). Three threads run them beside each other: the first reads the
log, deduplicates and stores; the second aggregates the batch before that and publishes it, once the third has shown it
to stream processors. Stores do most of an aggregate's work and Python all of a processor's, so two cores are busy.

After a crash everything beyond the served position is read again. The raw store recognises its own rows by
their log position, and aggregating or processing twice changes nothing, so every event counts once.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import structlog

from coursepulse.collect.stats import Stats, StepTime
from coursepulse.events.event import Event
from coursepulse.kit.clock import Clock, Micros
from coursepulse.kit.errors import LeaseLost, StoreUnavailable
from coursepulse.log.port import Block, EventLog
from coursepulse.log.positions import (
    Position,
    block_position,
    event_position,
    from_number,
    partition_of,
    start,
    to_number,
)
from coursepulse.stream.blame import StageContext
from coursepulse.stream.ports import Aggregator, EventStore, Refuse
from coursepulse.stream.rest import Rest, Unshared
from coursepulse.stream.retry import Retry, Stopped
from coursepulse.stream.runners.partitioned import RunnerOf, open_runners
from coursepulse.stream.runners.port import Runner
from coursepulse.stream.stages import (
    AGGREGATING,
    GROUP,
    PROCESSING,
    PUBLISHING,
    STORING,
    AppliedBatch,
    PipelineBatch,
    PipelineProgress,
    Work,
)

#: Seconds between the starts of two batches: long enough that a trickle does not become a flood of tiny
#: inserts (each leaves a part for ClickHouse to merge), short enough to be fresh within a second.
PACE = 0.2

#: The same while nobody looks at numbers and few events come: each round costs the same however few it takes, and who
#: looks now still finds what happened a second ago.
QUIET_PACE = 0.75

#: Seconds between two questions whether the store still has everything, while no event comes.
_CONFIRM = 5.0

#: So many events of a round are few.
_FEW_EVENTS = 200

#: Seconds between two looks at several partitions.
_LOOK = 0.03

#: Up to so many events the next batch is read only when this one has been served: an event then waits for no batch
#: but its own. Above it the stages overlap: each event waits longer, and more of them get through.
_FRESH_EVENTS = 20000

_log = structlog.get_logger(__name__)


class Pipeline:
    """Runs from :meth:`start` to :meth:`stop`; ``on_applied`` is called after each batch, in order.

    Batches are made of what is waiting in all partitions, so that stores are asked once for all of them.

    :param watched: whether somebody looks at numbers
    :param not_before: the present is no earlier, whatever the clock says
    :param runners: makes the runner of stream processors of each partition
    :param partitions: those that this pipeline reads; all if it is left out
    :param rest: what pauses the pipelines of all processes
    """

    def __init__(
        self,
        log: EventLog,
        raw: EventStore,
        aggregator: Aggregator[Any],
        refuse: Refuse,
        clock: Clock,
        *,
        batch_events: int,
        on_applied: Callable[[AppliedBatch], None] = lambda _: None,
        watched: Callable[[], bool] = lambda: True,
        not_before: Micros = 0,
        runners: RunnerOf | None = None,
        partitions: Collection[int] | None = None,
        rest: Rest | None = None,
    ) -> None:
        self._log, self._raw, self._clock, self._rest = log, raw, clock, rest or Unshared()
        self._partitions = sorted(range(log.partitions) if partitions is None else partitions)
        self._runner = runner = runners and open_runners(runners, self._partitions, log.partitions)
        self._aggregator, self._watched, self._confirm_at = aggregator, watched, 0.0
        #: Another worker has a partition now, or the store lacks some of it: this pipeline has stopped.
        self.lost = False
        self._batch_events, self._stats = batch_events, Stats("pipeline")
        self._handover: queue.Queue[PipelineBatch] = queue.Queue(maxsize=1)
        self._stopping = threading.Event()
        self._storing, self._serving, self._processing = (Retry(self._stopping) for _ in range(3))
        self._stores, self._serves, self._processes = (
            Work(log, StageContext(raw, aggregator, retry, refuse), runner, clock, not_before, on_applied)
            for retry in (self._storing, self._serving, self._processing)
        )
        self._beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pipeline-process")
        self._turn, self._wanted = threading.Lock(), threading.Event()
        self._handed = self._done = 0
        # Up to where stream processors have come, and where what they say is the whole truth after a start.
        self._processed, self._truth = dict[int, Position](), dict[int, Position]()
        self._served = threading.Condition()
        self._threads = [
            threading.Thread(target=self._run, args=(half,), name=f"pipeline-{half.__name__.strip('_')}")
            for half in (self._store, self._serve)
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
        self._beside.shutdown()
        self._rest.leave()
        if self._runner is not None:
            self._runner.save(self._processed.values(), last=True)

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
    def progress(self) -> PipelineProgress:
        """Counts since the start, and what the pipeline is waiting for, if anything."""
        troubles = (each.trouble for each in (self._storing, self._serving, self._processing))
        return self._serves.progress._replace(trouble=next(filter(None, troubles), None))

    @property
    def stages(self) -> dict[str, StepTime]:
        """How often each stage ran since the start, and how long that took."""
        return self._stats.report().steps

    def forget(self, student: bytes) -> int:
        """Take a student out of what stream processors keep; returns the number of keys.

        Nothing of the student comes back only if nothing of the student is in the log, or the pipeline rests.
        """
        return self._runner.forget(student) if self._runner else 0

    def renew(self, student: bytes, carried: Collection[int]) -> None:
        """Stream processors see a student as if the log had carried nothing but some events. The pipeline must rest.

        :param carried: the numbers of these events; those that the log has dropped are passed over
        :raises StoreUnavailable: when a sink does not answer; call it again
        """
        if self._runner is not None:
            self._runner.renew(student, list(self._read_events(carried)))

    def look_up_again(self) -> None:
        """Others have changed what the aggregates remember. The pipeline must rest."""
        self._aggregator.forget()

    def _events_of(self, student: bytes) -> Iterator[Event]:
        """What the log still has of a student, if the partition is read here, without what was withdrawn."""
        after = self._processed.get(partition_of(student, self._log.partitions))
        if after is None:
            return
        withdrawn, up_to = self._raw.withdrawn(), after
        after = start(up_to.partition)
        while after < up_to and (blocks := self._log.read(after, self._batch_events)):
            after = blocks[-1].position
            for event in (one for block in blocks if block.position <= up_to for one in block.events):
                wanted = event.student_id == student and event.event_id not in withdrawn
                if wanted and not self._stores.find_flaw(event):
                    yield event

    def _read_events(self, carried: Collection[int]) -> Iterator[Event]:
        for position in sorted({to_number(block_position(number)) for number in carried}):
            before = from_number(position - 1)
            for block in self._log.read(before, 1)[:1]:
                for index, event in enumerate(block.events):
                    if event_position(block.position, index) in carried and not self._stores.find_flaw(event):
                        yield event

    def _run(self, half: Callable[[], None]) -> None:
        try:
            half()
        except Stopped:
            pass
        except LeaseLost as error:
            _log.warning("pipeline_fenced", partitions=self._partitions, error=str(error))
            self.lost = True
            self._stopping.set()
        except BaseException:
            # A bug, not an outage: say so loudly, keep collecting, and let the operator restart.
            _log.exception("pipeline_stage_failed", thread=half.__name__)
            self._storing.trouble = (
                "The pipeline met an unexpected error and stands still; see the server's log."
            )
            raise

    def _store(self) -> None:
        positions = {each: self._storing(partial(self._raw.served, each)) for each in self._partitions}
        if self._runner is not None:
            for position in positions.values():
                self._remember(self._runner.of(position.partition), position)
        while not self._stopping.is_set():
            began = time.monotonic()
            if not self._storing(partial(self._wait, positions)):
                self._tick()
                continue
            while self._wanted.is_set() and not self._stopping.is_set():
                self._stopping.wait(0.01)
            with self._turn:
                batch = self._store_batch(positions)
            events = sum(len(block.events) for block in batch.blocks)
            if events <= _FRESH_EVENTS:
                self._await_serving(batch.turn)
            if self._handover.empty():
                self._stopping.wait(max(0.0, self._pace(events) - (time.monotonic() - began)))

    def _store_batch(self, positions: dict[int, Position]) -> PipelineBatch:
        """Take what is waiting through the first stages, and move the positions behind it."""
        self._storing(self._begin_turn)
        blocks = self._storing(partial(self._read, positions))
        batch = self._stores.run(STORING, PipelineBatch(blocks, self._handed + 1), self._stats)
        positions.update({each.partition: each for each in batch.ends})
        self._handed = batch.turn
        self._hand_over(batch)
        return batch

    def _begin_turn(self) -> None:
        for student, erased in self._rest.begin():
            # Others have changed what this process remembers, while everything rested.
            self._aggregator.forget()
            if self._runner is not None and erased:
                self._runner.forget(student)
            elif self._runner is not None:
                self._runner.renew(student, list(self._events_of(student)))

    def _wait(self, positions: Mapping[int, Position]) -> bool:
        """Whether anything is waiting; for half a second at most."""
        if len(positions) == 1:
            return self._log.wait(next(iter(positions.values())), timeout=0.5)
        deadline = time.monotonic() + 0.5
        while not any(self._log.wait(each, 0) for each in positions.values()):
            if time.monotonic() > deadline or self._stopping.wait(_LOOK):
                return False
        return True

    def _read(self, positions: Mapping[int, Position]) -> list[Block]:
        """What is waiting: of each partition the same share of a batch."""
        if len(positions) == 1:
            return self._log.read(next(iter(positions.values())), self._batch_events)
        ready = [each for each in positions.values() if self._log.wait(each, 0)]
        share = max(1, self._batch_events // max(1, len(ready)))
        return [block for each in ready for block in self._log.read(each, share)]

    def _pace(self, events: int) -> float:
        return QUIET_PACE if events <= _FEW_EVENTS and not self._watched() else PACE

    def _remember(self, runner: Runner, up_to: Position) -> None:
        """The state of stream processors is as it was saved: what the log has from there on makes it whole."""
        after = self._storing(partial(runner.restore, up_to.partition))
        withdrawn = self._storing(self._raw.withdrawn)
        while not self._stopping.is_set() and after < up_to:
            blocks = self._storing(partial(self._log.read, after, self._batch_events))
            served = [block for block in blocks if block.position <= up_to]
            if not served:
                break
            after = served[-1].position
            sound = [
                event
                for block in served
                for event in block.events
                if event.event_id not in withdrawn and not self._stores.find_flaw(event)
            ]
            self._storing(partial(runner.process, sound))
        newest = (each for each in self._log.newest() if each.partition == up_to.partition)
        self._truth[up_to.partition] = next(newest, up_to)
        self._note_processed(runner, up_to)

    def _note_processed(self, runner: Runner, position: Position) -> None:
        self._processed[position.partition] = position
        truth = self._truth.get(position.partition)
        if truth is not None and truth <= position:
            self._serving(runner.reconcile)
            del self._truth[position.partition]
        runner.save(position)

    def _tick(self) -> None:
        """Nothing is waiting: for stream processors, time goes on without events.

        What a promoted replica lacks is missed at the next batch; without one, here.
        """
        if time.monotonic() >= self._confirm_at:
            self._storing(self._raw.confirm)
            self._confirm_at = time.monotonic() + _CONFIRM
        if self._runner is not None and self._done == self._handed:
            self._storing(partial(self._runner.tick, self._clock()))

    def _hand_over(self, batch: PipelineBatch) -> None:
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

    def _serve_batch(self, batch: PipelineBatch) -> None:
        processing = self._beside.submit(self._processes.run, PROCESSING, batch, self._stats)
        try:
            self._serves.run(AGGREGATING, batch, self._stats)
        finally:
            processing.result()
        self._serves.run(PUBLISHING, batch, self._stats)

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                batch = self._handover.get(timeout=0.5)
            except queue.Empty:
                continue
            self._serve_batch(batch)
            if self._runner is not None:
                for end in batch.ends:
                    self._note_processed(self._runner.of(end.partition), end)
            with self._served:
                self._done = batch.turn
                self._served.notify_all()
            self._rest.end()

"""A worker: reads those partitions of the log that it has leased, and follows when their owners change.

A change of owners ends the pipeline after its batch and begins another one, which looks up everything anew: what this
process remembers of a partition is worth nothing once another one has read it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Protocol

import structlog

from coursepulse.collect.stats import StepTime
from coursepulse.kit.errors import CoursepulseError, StoreUnavailable
from coursepulse.log.port import EventLog
from coursepulse.log.positions import Position
from coursepulse.stream.pipeline import Pipeline
from coursepulse.stream.rest import Rest
from coursepulse.stream.stages import GROUP, PipelineProgress

#: Seconds between two looks at the leases: others get what they are to have within two of them.
TURN = 1.0

_log = structlog.get_logger(__name__)


class PartitionShare(Protocol):
    """What the leases give a worker."""

    @property
    def epochs(self) -> Mapping[int, int]:
        """Of its partitions."""

    @property
    def surplus(self) -> Collection[int]:
        """Its partitions that others are to have."""


class Leasing(Protocol):
    """The leases of a worker. Every method raises StoreUnavailable when they cannot be asked for."""

    def turn(self) -> PartitionShare:
        """Renew, and take what is free."""

    def give(self, partitions: Collection[int]) -> None:
        """Others may have these."""

    def leave(self) -> None:
        """Others may have everything."""

    def lead(self) -> int:
        """The epoch in which this worker leads; 0 if another one does."""

    def raise_versions(self) -> None:
        """Versions go on above all that were given out."""

    def resign(self) -> None:
        """Another one may lead."""


#: Makes a pipeline for partitions with their epochs.
MakePipeline = Callable[[Mapping[int, int]], Pipeline]

_NOTHING = PipelineProgress(0, 0, None, None, None)


class PartitionWorker:
    """Runs from :meth:`start` to :meth:`stop`.

    :param on_lead: called once, in the thread of the leases, when this worker begins to lead
    :param on_deposed: called when another one leads although this one did not resign: it has been away for too long
    """

    def __init__(
        self,
        leases: Leasing,
        make: MakePipeline,
        rest: Rest,
        log: EventLog,
        *,
        on_lead: Callable[[], None] = lambda: None,
        on_deposed: Callable[[], None] = lambda: None,
    ) -> None:
        self._leases, self._make, self._rest, self._log = leases, make, rest, log
        self._on_lead, self._on_deposed = on_lead, on_deposed
        self._pipeline: Pipeline | None = None
        self._epochs: Mapping[int, int] = {}
        self._before = _NOTHING
        # What the leases say, and what has not been followed of it yet.
        self._due: tuple[Mapping[int, int], Collection[int]] = ({}, ())
        self._leads = self._leading = self._draining = False
        self._news, self._stopping = threading.Event(), threading.Event()
        # To begin or end a pipeline may take longer than a lease holds.
        self._threads = [
            threading.Thread(target=self._renew_always, name="leases"),
            threading.Thread(target=self._follow_always, name="partitions"),
        ]

    def start(self) -> None:
        """Take what is free, and begin to read it.

        :raises StoreUnavailable: when the leases cannot be asked for
        """
        self._renew()
        self._follow()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish the batch at hand, save the states, and hand everything over at once."""
        self._draining = True
        self._stopping.set()
        self._news.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        self._change({})
        try:
            self._leases.leave()
            self._leases.resign()
        except StoreUnavailable as error:
            _log.warning("leases_not_given_back", error=str(error))

    @property
    def epochs(self) -> Mapping[int, int]:
        """The partitions that are read here, and since which epoch."""
        return self._epochs

    @property
    def leading(self) -> bool:
        """Whether this process does what concerns the whole platform."""
        return self._leading

    @property
    def draining(self) -> bool:
        """Whether this worker hands everything over."""
        return self._draining

    def partitions(self) -> dict[int, tuple[int, int]]:
        """The epoch of each partition that is read here, and how many of its blocks are not in the numbers yet."""
        found: dict[int, tuple[int, int]] = {}
        with suppress(CoursepulseError):
            newest = {each.partition: each.offset for each in self._log.newest()}
            for partition, epoch in sorted(self._epochs.items()):
                served = self._log.committed(GROUP, partition).offset
                # The first offset of a partition is any number: before the first batch nothing is known to be behind.
                behind = max(0, newest.get(partition, served) - served) if served else 0
                found[partition] = epoch, behind
        return found

    @property
    def progress(self) -> PipelineProgress:
        """Counts since the start, and what the worker is waiting for, if anything."""
        before, pipeline = self._before, self._pipeline
        now = pipeline.progress if pipeline else _NOTHING
        return _add(before, now)._replace(trouble=now.trouble)

    @property
    def stages(self) -> Mapping[str, StepTime]:
        """How often each stage ran since this worker got its partitions, and how long that took."""
        return self._pipeline.stages if self._pipeline else {}

    @contextmanager
    def held(self, up_to: Collection[Position], patience: float) -> Iterator[None]:
        """Between two batches of every worker: all up to ``up_to`` is served, and nothing more until this ends.

        :raises StoreUnavailable: when that takes longer than ``patience`` seconds
        """
        pipeline = self._pipeline
        with (
            await_served(self._log, up_to, patience) if pipeline is None else pipeline.held(up_to, patience),
            self._rest.alone(patience),
        ):
            yield

    def forget(self, student: bytes) -> int:
        """Take a student out of what stream processors keep, in every process; returns the number of keys here."""
        self._rest.tell(student, erased=True)
        return self._pipeline.forget(student) if self._pipeline else 0

    def renew(self, student: bytes, carried: Collection[int]) -> None:
        """Stream processors see a student as if the log had carried nothing but some events. The pipelines must rest.

        :raises StoreUnavailable: when a sink does not answer; call it again
        """
        self._rest.tell(student, erased=False)
        if self._pipeline:
            self._pipeline.renew(student, carried)

    def look_up_again(self) -> None:
        """Others have changed what the pipeline remembers of the stores. While it rests."""
        if self._pipeline:
            self._pipeline.look_up_again()

    def _renew_always(self) -> None:
        while not self._stopping.wait(TURN):
            try:
                self._renew()
            except StoreUnavailable as error:
                # The pipeline waits for the stores by itself; nobody else can take a partition meanwhile.
                _log.warning("leases_not_renewed", error=str(error))

    def _renew(self) -> None:
        share = self._leases.turn()
        wanted = {part: epoch for part, epoch in share.epochs.items() if part not in share.surplus}
        self._due, self._leads = (wanted, share.surplus), self._leases.lead() > 0
        self._news.set()

    def _follow_always(self) -> None:
        while not self._stopping.is_set():
            self._news.wait()
            self._news.clear()
            if not self._stopping.is_set():
                try:
                    self._follow()
                except CoursepulseError as error:
                    _log.warning("leases_not_followed", error=str(error), then="it is tried again")

    def _follow(self) -> None:
        wanted, surplus = self._due
        lost = self._pipeline is not None and self._pipeline.lost
        if lost:
            # The database may have been replaced by one that knows of earlier versions only.
            self._leases.raise_versions()
        if lost or wanted != self._epochs:
            self._change(wanted)
        if surplus:
            self._leases.give(surplus)
        if self._leads and not self._leading:
            self._leases.raise_versions()
            self._leading = True
            _log.info("leading")
            self._on_lead()
        elif self._leading and not self._leads:
            self._leading = False
            _log.warning("deposed", then="this process ends, so that it begins anew")
            self._on_deposed()

    def _change(self, wanted: Mapping[int, int]) -> None:
        if self._pipeline is not None:
            self._pipeline.stop()
            self._before = _add(self._before, self._pipeline.progress)
            self._pipeline = None
        self._epochs = {}
        if wanted:
            _log.info("partitions_taken", partitions=sorted(wanted))
            self._pipeline = self._make(wanted)
            self._pipeline.start()
        self._epochs = dict(wanted)


@contextmanager
def await_served(log: EventLog, up_to: Collection[Position], patience: float) -> Iterator[None]:
    """Other workers have served everything up to these positions.

    :raises StoreUnavailable: when that takes longer than ``patience`` seconds
    """
    deadline = time.monotonic() + patience
    while any(log.committed(GROUP, each.partition) < each for each in up_to):
        if time.monotonic() > deadline:
            raise StoreUnavailable("The pipelines are behind; what has to wait for them goes on later.")
        time.sleep(0.05)
    yield


def _add(before: PipelineProgress, now: PipelineProgress) -> PipelineProgress:
    return PipelineProgress(
        before.applied + now.applied,
        before.duplicates + now.duplicates,
        max((at for at in (before.latest_event_at, now.latest_event_at) if at is not None), default=None),
        now.applied_at or before.applied_at,
        None,
    )

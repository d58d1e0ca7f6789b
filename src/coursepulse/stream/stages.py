"""The stages of the pipeline. Reading the list is reading the system; each one's time is measured under its name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from coursepulse.collect.stats import Stats
from coursepulse.events.closing import is_closing
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, Clock, Micros
from coursepulse.log.port import Block, EventLog
from coursepulse.log.positions import Position
from coursepulse.stream.blame import StageContext, find_flaw, insert, place, renew, set_apart, write_blocks
from coursepulse.stream.ports import Renewed
from coursepulse.stream.runners.partitioned import PartitionedRunner

GROUP = "pipeline"
SERVED = "served"

#: By how much an event in the log may lie ahead: more than a clock that is set back by mistake, so that no sound event
#: is refused for it, and little enough for nobody to be told of data from another year.
_AHEAD: Micros = DAY


@dataclass(slots=True)
class PipelineBatch:
    """What the stages pass on; each fills in its part.

    :param turn: of the pipeline, counted from 1
    :param version: of the rows that are made of it
    :param repeated: how many duplicates came from each sender
    :param taken: the fresh events as the aggregates have taken them in
    """

    blocks: list[Block]
    turn: int = 0
    version: int = 0
    fresh: list[Event] = field(default_factory=list)
    duplicates: int = 0
    repeated: Counter[str] = field(default_factory=Counter)
    taken: list[Any] = field(default_factory=list)
    renewed: list[Renewed] = field(default_factory=list)

    @property
    def ends(self) -> Collection[Position]:
        """Where the batch ends in each of its partitions."""
        return {block.position.partition: block.position for block in self.blocks}.values()


class AppliedBatch(NamedTuple):
    """One batch that every screen can now see.

    :param position: the mark of all numbers with this batch: larger than that of any batch before
    :param latest_event_at: time of the newest event so far, microseconds, or None before the first
    :param fresh: how many events counted
    :param arrived_at: when the oldest of the batch arrived
    :param repeated: how many duplicates came from each sender
    """

    position: int
    renewed: list[Renewed]
    duplicates: int
    latest_event_at: Micros | None
    applied_at: Micros
    fresh: int = 0
    arrived_at: Micros | None = None
    repeated: Mapping[str, int] = MappingProxyType({})


class PipelineProgress(NamedTuple):
    """How far the pipeline has come since it started."""

    applied: int
    duplicates: int
    latest_event_at: Micros | None
    applied_at: Micros | None
    trouble: str | None


class Work:
    """What the stages of one thread work with.

    :param not_before: the present is no earlier, whatever the clock says
    """

    def __init__(
        self,
        log: EventLog,
        context: StageContext,
        runner: PartitionedRunner | None,
        clock: Clock,
        not_before: Micros,
        on_applied: Callable[[AppliedBatch], None],
    ) -> None:
        self.log, self.context, self.runner, self.clock = log, context, runner, clock
        self.not_before, self.on_applied = not_before, on_applied
        self.progress = PipelineProgress(0, 0, None, None, None)

    @property
    def latest(self) -> Micros:
        """What happened later has not happened yet."""
        return max(self.clock(), self.not_before) + _AHEAD

    def find_flaw(self, event: Event) -> str | None:
        """Why an event cannot go through the stages."""
        return find_flaw(event, self.latest)

    def run(self, stages: tuple[Stage, ...], batch: PipelineBatch, stats: Stats) -> PipelineBatch:
        """Take a batch through stages, in order."""
        with stats.start() as laps:
            for stage in stages:
                stage(self, batch)
                laps.end(stage.__name__)
        return batch


#: One step of every batch.
Stage = Callable[[Work, PipelineBatch], None]


def deduplicate(work: Work, batch: PipelineBatch) -> None:
    """The raw store keeps every event once and says which are fresh; what cannot be an event is set apart."""
    apart = set_apart(batch.blocks, work.latest, work.context)
    fresh, batch.duplicates = write_blocks(work.context, batch.blocks, apart)
    if batch.duplicates:
        batch.repeated = Counter(one.event.sender for one in place(batch.blocks) if one.position not in apart)
        batch.repeated.subtract(event.sender for event in fresh)
    # What the server itself says is stored, and makes no number.
    batch.fresh = [event for event in fresh if not is_closing(event)]


def store(work: Work, batch: PipelineBatch) -> None:
    """Fresh events go where numbers are made of them."""
    batch.taken = insert(work.context, batch.fresh)


def process(work: Work, batch: PipelineBatch) -> None:
    """Stream processors see the fresh events of the types that they ask for."""
    runner = work.runner
    if runner is not None and batch.fresh:
        work.context.retry(lambda: runner.process(batch.fresh))


def aggregate(work: Work, batch: PipelineBatch) -> None:
    """Every row that the fresh events touch is replaced."""
    if batch.taken:
        # Drawn only now: what follows the batch before this one has a smaller one, and so has a worker that was stopped
        # for so long that another one took its partition.
        batch.version = work.context.retry(lambda: work.context.raw.next_version(batch.ends))
    batch.renewed = renew(work.context, batch.fresh, batch.taken, batch.version)


def publish(work: Work, batch: PipelineBatch) -> None:
    """The position is remembered as served, and followers are told."""
    retry, applied = work.context.retry, _sum_up(work, batch)
    learners = set[tuple[str, bytes]]().union(*(renewed.learners for renewed in batch.renewed))
    days = set[date]().union(*(renewed.days for renewed in batch.renewed))
    raw, latest, now = work.context.raw, applied.latest_event_at, applied.applied_at
    mark = retry(lambda: raw.publish(batch.ends, latest, now, learners, days))
    for end in batch.ends:
        retry(partial(work.log.commit, GROUP, end))
    work.progress = PipelineProgress(
        work.progress.applied + len(batch.fresh),
        work.progress.duplicates + batch.duplicates,
        applied.latest_event_at,
        applied.applied_at,
        None,
    )
    work.on_applied(applied._replace(position=mark))


def _sum_up(work: Work, batch: PipelineBatch) -> AppliedBatch:
    now = work.clock()
    # Nothing newer than now is data up to now: the position remembers the newest for good.
    newest = max((min(event.at, max(now, work.not_before)) for event in batch.fresh), default=None)
    known = [at for at in (newest, work.progress.latest_event_at) if at is not None]
    latest, arrived = max(known, default=None), next((event.received_at for event in batch.fresh), None)
    return AppliedBatch(
        0,
        batch.renewed,
        batch.duplicates,
        latest,
        now,
        len(batch.fresh),
        arrived or None,
        batch.repeated,
    )


#: What the first thread does, which reads the log.
STORING: tuple[Stage, ...] = (deduplicate, store)
#: What the second and the third do with the batch after that, beside each other.
AGGREGATING: tuple[Stage, ...] = (aggregate,)
PROCESSING: tuple[Stage, ...] = (process,)
#: What the second does once both are through.
PUBLISHING: tuple[Stage, ...] = (publish,)

STAGES = (*STORING, *AGGREGATING, *PROCESSING, *PUBLISHING)

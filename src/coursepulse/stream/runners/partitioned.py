"""One runner for each partition of the log that this process reads: states move with their partition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeAlias

from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.log.positions import Position, partition_of
from coursepulse.stream.runners.port import Runner

#: Makes the runner of a partition.
RunnerOf: TypeAlias = Callable[[int], Runner]


class PartitionedRunner:
    """Hands each event to the runner of its student's partition.

    :param runners: by partition
    :param partitions: how many the log has
    """

    def __init__(self, runners: Mapping[int, Runner], partitions: int) -> None:
        self._runners, self._partitions = dict(runners), partitions

    def of(self, partition: int) -> Runner:
        """The runner of one partition."""
        return self._runners[partition]

    def process(self, events: Collection[Event]) -> None:
        """Take in fresh events.

        :raises StoreUnavailable: from a sink; its changes are told at the next call
        """
        for partition, some in self._divide(events).items():
            self._runners[partition].process(some)

    def tick(self, now: Micros) -> None:
        """Nothing more is waiting, and it is ``now``.

        :raises StoreUnavailable: from a sink; its changes are told at the next call
        """
        for runner in self._runners.values():
            runner.tick(now)

    def save(self, ends: Collection[Position], *, last: bool = False) -> None:
        """Every event up to these positions has been processed, and none after them."""
        for each in ends:
            self._runners[each.partition].save(each, last=last)

    def forget(self, student: bytes) -> int:
        """Drop everything about a student; returns the number of keys concerned."""
        return sum(runner.forget(student) for runner in self._runners.values())

    def renew(self, student: bytes, events: Sequence[Event]) -> None:
        """Make the states of a student anew, if the student's partition is here."""
        runner = self._runners.get(partition_of(student, self._partitions))
        if runner is not None:
            runner.renew(student, events)

    def _divide(self, events: Collection[Event]) -> Mapping[int, Collection[Event]]:
        if self._partitions == 1:
            return {0: events}
        divided: dict[int, list[Event]] = defaultdict(list)
        for event in events:
            divided[partition_of(event.student_id, self._partitions)].append(event)
        return divided


def open_runners(runners: RunnerOf, here: Collection[int], partitions: int) -> PartitionedRunner:
    """The runners of some partitions of a log with so many."""
    return PartitionedRunner({each: runners(each) for each in here}, partitions)

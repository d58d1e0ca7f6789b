"""What makes a process one of several that share the partitions of the log."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Collection, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from coursepulse.aggregates.rollups import Rollups
from coursepulse.collect.poison import RefusedEvents
from coursepulse.log.positions import partition_of
from coursepulse.store.postgres.raw import PostgresRawStore
from coursepulse.store.postgres.rest import PipelineRest
from coursepulse.stream.pipeline import Pipeline
from coursepulse.stream.rest import Rest, Unshared
from coursepulse.stream.stages import SERVED
from coursepulse.stream.worker import PartitionWorker
from coursepulse.wiring.processors import open_runner
from coursepulse.wiring.roles import WORK

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components


class LeadWork:
    """What the leader does, begun once: when this process leads and has opened everything that the work needs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._leads = False
        self._begin: Callable[[], None] | None = None

    def lead(self) -> None:
        """This process leads from now on."""
        self._go(leads=True)

    def ready(self, begin: Callable[[], None]) -> None:
        """Everything is open.

        :param begin: begins the work
        """
        self._go(begin=begin)

    def _go(self, *, leads: bool = False, begin: Callable[[], None] | None = None) -> None:
        with self._lock:
            self._leads, self._begin = self._leads or leads, begin or self._begin
            due = self._begin if self._leads else None
            if due is not None:
                self._begin = None
        if due is not None:
            due()


class Bystander:
    """The leases of a process that reads no partition and does not lead."""

    epochs: Mapping[int, int] = MappingProxyType({})
    surplus: Collection[int] = ()

    def turn(self) -> Bystander:
        return self

    def give(self, partitions: Collection[int]) -> None:
        """There is nothing to give."""

    def leave(self) -> None:
        """There is nothing to leave."""

    def lead(self) -> int:
        return 0

    def raise_versions(self) -> None:
        """It writes nothing."""

    def resign(self) -> None:
        """It never led."""


def open_rest(of: Components) -> Rest:
    """What pauses the pipelines of every process that reads the log."""
    return PipelineRest(of.dsn, of.pool, of.owner, of.name, of.clock) if of.shared else Unshared()


def open_worker(of: Components) -> PartitionWorker:
    """The worker of this process."""
    leases = of.leases if WORK in of.roles else Bystander()
    make, lead = partial(_open_pipeline, of), of.lead_work.lead
    return PartitionWorker(leases, make, of.rest, of.log, on_lead=lead, on_deposed=_end_this_process)


def _open_pipeline(of: Components, epochs: Mapping[int, int]) -> Pipeline:
    served, partitions = of.raw.progress(SERVED), of.log.partitions
    # What goes on in partitions of others is theirs to tell.
    of.live_table.reconcile_some([], lambda student: partition_of(student, partitions) not in epochs)
    of.runners.clear()
    rollups = Rollups(
        of.open_clickhouse(),
        of.catalog_changed.set,
        check=of.not_agreed.check,
        inserter=of.open_clickhouse(),
        desk=of.desk,
    )
    return Pipeline(
        of.log,
        PostgresRawStore(of.pool, epochs=epochs, tells=of.shared),
        rollups,
        RefusedEvents(of.dead_letters, of.clock),
        of.clock,
        batch_events=of.settings.batch_events,
        runners=None if of.settings.processors == "off" else partial(open_runner, of),
        partitions=epochs,
        rest=of.rest,
        watched=of.attention.paid,
        on_applied=of.note_applied,
        not_before=served.applied_at if served else 0,
    )


def _end_this_process() -> None:
    """Another process leads: what this one remembers of the whole platform is not to be trusted any more."""
    os.kill(os.getpid(), signal.SIGTERM)

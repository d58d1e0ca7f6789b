"""A discrete-event simulation of one installation: its busiest hour, a broker that is lost, a worker that is lost.

Deliveries arrive at random moments (a Poisson process). A collector takes each one in; the broker that leads its
partition keeps it; the worker that owns the partition takes everything that waits there, works on it together, writes
it into the stores that all workers share, and then it is visible. A delivery stands for a request of many events, or
for all that reach one partition at about the same time, so a simulated hour takes a second or two.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

import msgspec
import simpy

from coursepulse.sizing.costs import UnitCosts, crowd_factor
from coursepulse.sizing.plan import ClusterPlan
from coursepulse.sizing.queues import Station, Walk, weighted_percentile

_PER = 100_000

#: Events of a delivery at most, and deliveries a second at the peak at least.
_DELIVERY, _PACE = 1_000, 10

#: Seconds of ordinary load before and after.
_CALM = 120.0

#: Seconds after which a new number counts as late.
TARGET = 2.0

#: Seconds over which late numbers are counted, and windows without them after which all is well again.
_WINDOW, _WELL = 2.0, 5


class Loss(StrEnum):
    """What is lost in the middle of the peak."""

    NOTHING = "10x peak hour"
    BROKER = "a broker is lost at the peak"
    WORKER = "a worker is lost at the peak"


#: Seconds of the peak: an hour, or as long as a loss needs to show and to heal.
_PEAK_SECONDS = {Loss.NOTHING: 3600.0, Loss.BROKER: 480.0, Loss.WORKER: 480.0}


class RunOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What one run showed.

    :param collector_queue: the most deliveries that waited for a collector
    :param backlog: the most events that were acknowledged and not yet visible
    :param recovery: seconds from the loss until 99 % of new events were visible in time again; 0 if they always were
    """

    loss: Loss
    events: int
    visible: int
    collector_queue: int
    backlog: int
    p50: float
    p99: float
    recovery: float


class _Delivery(msgspec.Struct, frozen=True):
    arrived: float
    events: int


class _Window:
    """What became visible within a few seconds, and how much of it was late."""

    def __init__(self) -> None:
        self.events = self.late = 0


class _SimulatedPartition:
    """What waits in one partition, whether a broker leads it, and which worker owns it."""

    def __init__(self) -> None:
        self.waiting: list[_Delivery] = []
        self.led = True
        self.owner = 0


_Taken: TypeAlias = tuple[_SimulatedPartition, _Delivery]


def simulate(plan: ClusterPlan, costs: UnitCosts, loss: Loss, seed: int = 1) -> RunOutcome:
    """One run; the same arguments give the same outcome."""
    return _Run(plan, costs, loss, random.Random(seed)).outcome()  # noqa: S311 - arrivals, not secrets


class _Run:
    def __init__(self, plan: ClusterPlan, costs: UnitCosts, loss: Loss, rng: random.Random) -> None:
        self._plan, self._costs, self._loss, self._rng = plan, costs, loss, rng
        self._env = simpy.Environment()
        self._bell = self._env.event()
        self._collectors = Station(self._env, plan.collectors)
        self._postgres = Station(self._env, plan.postgres_cores)
        self._clickhouse = Station(self._env, plan.clickhouse_cores * plan.clickhouse_shards)
        self._partitions = [_SimulatedPartition() for _ in range(plan.partitions)]
        self._alive, self._lives = set(range(plan.workers)), [0] * plan.workers
        self._share_out()
        self._calm_until, self._peak_until = _CALM, _CALM + _PEAK_SECONDS[loss]
        self._lost_at = _CALM + _PEAK_SECONDS[loss] / 4
        self._sent = self._visible = self._longest = 0
        self._delays: list[tuple[float, int]] = []
        self._windows: dict[int, _Window] = {}
        students = plan.at_work / plan.workers
        self._work = self._per_event("worker_cpu", "processors_cpu") * crowd_factor(costs, students)
        self._deliveries = max(_PACE, plan.peak_per_second / _DELIVERY)
        self._events = max(1, round(plan.peak_per_second / self._deliveries))

    def outcome(self) -> RunOutcome:
        """Run until everything that arrived is visible."""
        self._env.process(self._arrive())
        for worker in range(self._plan.workers):
            self._env.process(self._work_on(worker))
        trouble = {Loss.BROKER: self._lose_broker, Loss.WORKER: self._lose_worker}.get(self._loss)
        if trouble:
            self._env.process(trouble())
        self._env.run(until=self._peak_until + _CALM)
        return RunOutcome(
            loss=self._loss,
            events=self._sent,
            visible=self._visible,
            collector_queue=self._collectors.longest,
            backlog=self._longest,
            p50=weighted_percentile(self._delays, 0.5),
            p99=weighted_percentile(self._delays, 0.99),
            recovery=self._recovery() if trouble else 0.0,
        )

    def _recovery(self) -> float:
        """Seconds from the loss to the end of the trouble that began with it: 99 % of the events in time again."""
        lost, until = int(self._lost_at // _WINDOW), 0
        for number in sorted(self._windows):
            window = self._windows[number]
            if number >= lost and window.late > window.events / 100:
                if number > max(until, lost) + (_WELL if until else 10 * _WELL):
                    break
                until = number + 1
        return until * _WINDOW - self._lost_at if until else 0.0

    def _per_event(self, *names: str) -> float:
        return sum(self._costs.value(name) for name in names) / _PER

    def _pace(self) -> float:
        """Deliveries a second at this moment."""
        if self._calm_until <= self._env.now < self._peak_until:
            return self._deliveries
        return self._deliveries / self._costs.value("peak_factor")

    def _arrive(self) -> Walk:
        # The last seconds are left for what is on its way.
        while self._env.now < self._peak_until + _CALM / 2:
            yield self._env.timeout(self._rng.expovariate(self._pace()))
            self._sent += self._events
            self._env.process(self._collect(self._rng.choice(self._partitions)))

    def _collect(self, partition: _SimulatedPartition) -> Walk:
        delivery = _Delivery(self._env.now, self._events)
        yield from self._collectors.serve(self._events * self._per_event("collector_cpu"))
        # A collector keeps what it cannot send yet, and goes on taking in.
        if not partition.led:
            yield from self._until(lambda: partition.led)
        yield self._env.timeout(self._costs.value("kafka_append_seconds"))
        partition.waiting.append(delivery)
        self._ring()
        self._longest = max(self._longest, self._sent - self._visible)

    def _ring(self) -> None:
        """Wake every worker that found nothing to do."""
        self._bell.succeed()
        self._bell = self._env.event()

    def _until(self, condition: Callable[[], bool]) -> Walk:
        while not condition():
            yield self._env.timeout(0.1)

    def _work_on(self, worker: int) -> Walk:
        while True:
            if worker not in self._alive:
                yield from self._until(lambda: worker in self._alive)
            taken = self._take(worker)
            if not taken:
                yield self._bell
                continue
            life, events = self._lives[worker], sum(each.events for _, each in taken)
            yield self._env.timeout(self._costs.value("batch_seconds") + events * self._work)
            yield from self._postgres.serve(events * self._per_event("postgres_cpu"))
            yield from self._clickhouse.serve(events * self._per_event("clickhouse_cpu"))
            if life == self._lives[worker]:
                self._show(taken)
            else:
                self._put_back(taken)

    def _take(self, worker: int) -> list[_Taken]:
        taken: list[_Taken] = []
        for each in self._partitions:
            if each.owner == worker and each.led:
                taken += [(each, delivery) for delivery in each.waiting]
                each.waiting = []
        return taken

    def _put_back(self, taken: list[_Taken]) -> None:
        """The worker died with this batch in its hands: the log still has it, and the next owner reads it again."""
        for partition, delivery in taken:
            partition.waiting.insert(0, delivery)
        self._ring()

    def _show(self, taken: list[_Taken]) -> None:
        for _, each in taken:
            delay = self._env.now - each.arrived
            self._visible += each.events
            if each.arrived >= self._calm_until:
                self._delays.append((delay, each.events))
            window = self._windows.setdefault(int(self._env.now // _WINDOW), _Window())
            window.events += each.events
            window.late += each.events if delay > TARGET else 0

    def _share_out(self) -> None:
        owners = sorted(self._alive)
        for number, each in enumerate(self._partitions):
            each.owner = owners[number % len(owners)]
        self._ring()

    def _lose_broker(self) -> Walk:
        """Its partitions have no leader until the others have agreed on one."""
        yield self._env.timeout(self._lost_at)
        led = self._partitions[:: self._plan.brokers]
        for each in led:
            each.led = False
        yield self._env.timeout(self._costs.value("election_seconds"))
        for each in led:
            each.led = True
        self._ring()

    def _lose_worker(self) -> Walk:
        """Nobody works on its partitions until the lease ends; then the others do, until it is started again."""
        yield self._env.timeout(self._lost_at)
        self._alive.discard(0)
        self._lives[0] += 1
        yield self._env.timeout(self._costs.value("lease_seconds"))
        self._share_out()
        yield self._env.timeout(self._costs.value("restart_seconds"))
        self._alive.add(0)
        self._share_out()

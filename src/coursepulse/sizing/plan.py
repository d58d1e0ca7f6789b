"""From the number of students and events to processes, partitions, cores and disks."""

from __future__ import annotations

import math
import sys
from bisect import bisect_left

import msgspec

from coursepulse.kit.errors import SettingError
from coursepulse.sizing.costs import Basis, UnitCosts, crowd_basis, crowd_factor, weakest

_DAY = 86_400
_PER = 100_000
_TB = 1e12

#: A log has no more partitions, see ``log/positions.py``.
MOST_PARTITIONS = 64

#: Fewer would leave no room for more workers later: the number of a running log cannot change.
_FEWEST_PARTITIONS = 8

#: Names of the components, in the order in which an event meets them.
COLLECTOR, KAFKA, WORKER, POSTGRES, CLICKHOUSE, WEB = (
    "collectors",
    "Kafka",
    "workers",
    "PostgreSQL",
    "ClickHouse",
    "web servers",
)


class Load(msgspec.Struct, frozen=True):
    """What an installation has to carry."""

    students: int
    events_per_day: int


#: The sizes that the documentation and the Helm values are made for.
SIZES = {
    "100k": Load(100_000, 10_000_000),
    "500k": Load(500_000, 50_000_000),
    "2m": Load(2_000_000, 200_000_000),
}


class Figure(msgspec.Struct, frozen=True):
    """One number of a plan, and what it rests on."""

    name: str
    value: float
    unit: str
    basis: Basis
    why: str


class ClusterPlan(msgspec.Struct, frozen=True, kw_only=True):
    """An installation for one load: what the Helm values and the simulation use, and everything as figures."""

    load: Load
    peak_per_second: float
    at_work: float
    collectors: int
    workers: int
    partitions: int
    brokers: int
    postgres_cores: int
    clickhouse_shards: int
    clickhouse_replicas: int
    clickhouse_cores: int
    web_servers: int
    figures: list[Figure]


def make_plan(load: Load, costs: UnitCosts) -> ClusterPlan:
    """What ``load`` needs in its busiest hour, with one machine of each kind down.

    :raises SettingError: when no log has enough partitions for it
    """
    return _Planner(load, costs).plan()


class _Planner:
    def __init__(self, load: Load, costs: UnitCosts) -> None:
        if load.students < 1 or load.events_per_day < 1:
            raise SettingError("A plan needs at least one student and one event a day.")
        self._load, self._costs = load, costs
        self._mean = load.events_per_day / _DAY
        self._peak = self._mean * costs.value("peak_factor")
        self._at_work = min(load.students, self._peak / costs.value("events_per_student_second"))
        self._figures: list[Figure] = []

    def plan(self) -> ClusterPlan:
        """Every part of the installation."""
        self._note("events, mean", self._mean, "events/s", Basis.ASSUMED, "the load asked for")
        peak = f"{self._costs.value('peak_factor'):g} times the mean"
        self._note("events, busiest hour", self._peak, "events/s", Basis.ASSUMED, peak)
        self._note(
            "students at work then",
            self._at_work,
            "students",
            Basis.ASSUMED,
            "planning figure of events per student",
        )
        collectors, workers = self._count_collectors(), self._count_workers()
        partitions = self._count_partitions(workers)
        web, reading = self._count_web()
        shards, cores = self._size_clickhouse(reading)
        plan = ClusterPlan(
            load=self._load,
            peak_per_second=self._peak,
            at_work=self._at_work,
            collectors=collectors,
            workers=workers,
            partitions=partitions,
            brokers=self._count_brokers(),
            postgres_cores=self._size_postgres(),
            clickhouse_shards=shards,
            clickhouse_replicas=2,
            clickhouse_cores=cores,
            web_servers=web,
            figures=self._figures,
        )
        self._measure_disks()
        self._count_machines(plan)
        return plan

    def _note(self, name: str, value: float, unit: str, basis: Basis, why: str) -> None:
        self._figures.append(Figure(name, value, unit, basis, why))

    def _cores(self, *names: str, factor: float = 1.0, use: str = "target_use") -> float:
        """Cores at the peak, so busy that a burst still finds room."""
        per_event = sum(self._costs.value(name) for name in names) / _PER
        return self._peak * per_event * factor / self._costs.value(use)

    def _basis(self, *names: str) -> Basis:
        """Of a figure about the peak: no rate above the measured one has been seen."""
        within = self._peak <= self._costs.value("measured_rate")
        return weakest(self._costs.basis(*names), Basis.MEASURED if within else Basis.EXTRAPOLATED)

    def _count_collectors(self) -> int:
        cores = self._cores("collector_cpu")
        basis = self._basis("collector_cpu")
        self._note("collectors: cores", cores, "cores", basis, "collector_cpu at the target use")
        count = math.ceil(cores) + 1
        self._note("collectors", count, "processes", basis, "a core each, and one more that may be down")
        return count

    def _count_workers(self) -> int:
        """One interpreter a worker, so each is planned with one core of Python."""
        # Fewer students at work on each make each cheaper: one worker is the dearest, and more never need more cores.
        most = min(math.ceil(self._worker_cores(1)) + 1, sys.maxsize)
        count = bisect_left(range(most), True, lo=1, key=lambda some: self._worker_cores(some) <= some)
        cores = self._worker_cores(count)
        students = self._at_work / count
        basis = weakest(self._basis("worker_cpu", "processors_cpu"), crowd_basis(students))
        why = f"worker_cpu and processors_cpu, {students:,.0f} students at work each"
        self._note("workers: cores", cores, "cores", basis, why)
        self._note("workers", count + 1, "processes", basis, "a core each, and one more that may be down")
        if count + 1 > MOST_PARTITIONS:
            raise SettingError(
                f"{count + 1} workers are needed, but a log has at most {MOST_PARTITIONS} partitions: "
                "split the students over two installations."
            )
        return count + 1

    def _worker_cores(self, workers: int) -> float:
        factor = crowd_factor(self._costs, self._at_work / workers)
        return self._cores("worker_cpu", "processors_cpu", factor=factor, use="worker_use")

    def _count_partitions(self, workers: int) -> int:
        wanted = max(_FEWEST_PARTITIONS, 1 << math.ceil(math.log2(4 * workers)))
        count = min(MOST_PARTITIONS, wanted)
        why = f"four a worker, from {_FEWEST_PARTITIONS} to {MOST_PARTITIONS}, a power of two"
        self._note("partitions of the log", count, "partitions", Basis.ASSUMED, why)
        return count

    def _count_brokers(self) -> int:
        rate = self._costs.value("kafka_records") * self._costs.value("target_use")
        count = max(3, math.ceil(self._peak / rate) + 1)
        why = "kafka_records; three at least, for replication 3 and two in sync"
        self._note("Kafka brokers", count, "processes", self._basis("kafka_records"), why)
        return count

    def _size_postgres(self) -> int:
        cores = max(2, math.ceil(self._cores("postgres_cpu")))
        why = "postgres_cpu; a primary and a replica of this size"
        self._note("PostgreSQL: cores", cores, "cores", self._basis("postgres_cpu"), why)
        return cores

    def _count_web(self) -> tuple[int, float]:
        """Web servers, and the cores that their questions take in ClickHouse."""
        viewers = self._at_work * self._costs.value("viewer_share")
        self._note("viewers at once", viewers, "people", Basis.ASSUMED, "viewer_share of those at work")
        answers = viewers * self._costs.value("answers_per_viewer_second")
        busy = answers * self._costs.value("answer_cpu") / self._costs.value("target_use")
        share = self._costs.value("answer_clickhouse_share")
        count = math.ceil(busy * (1 - share)) + 1
        why = "answer_cpu outside ClickHouse, a core each, and one more that may be down"
        self._note("web servers", count, "processes", Basis.ASSUMED, why)
        return count, busy * share

    def _size_clickhouse(self, reading: float) -> tuple[int, int]:
        """Shards, and cores of each of their replicas."""
        writing = self._cores("clickhouse_cpu")
        disk = self._clickhouse_bytes() / self._costs.value("clickhouse_node_bytes")
        shards = max(1, math.ceil(max(disk, (writing + reading / 2) / 16)))
        # Both replicas of a shard write everything and share the questions.
        cores = max(2, math.ceil((writing + reading / 2) / shards))
        basis = weakest(self._costs.basis("clickhouse_cpu"), Basis.ASSUMED)
        self._note("ClickHouse: shards", shards, "shards", basis, "two replicas each; 16 cores at most")
        self._note("ClickHouse: cores of a replica", cores, "cores", basis, "clickhouse_cpu, half the reads")
        return shards, cores

    def _clickhouse_bytes(self) -> float:
        days, years = self._costs.value("raw_days"), self._costs.value("rollup_years")
        raw = self._load.events_per_day * self._costs.value("clickhouse_raw_bytes") * days
        rollups = self._load.events_per_day * self._costs.value("clickhouse_rollup_bytes") * 365 * years
        return raw + rollups

    def _measure_disks(self) -> None:
        events, cost = self._load.events_per_day, self._costs.value
        days, free = cost("raw_days"), cost("free_space")
        sent = events * cost("request_bytes") / 1e9
        self._note("sent by platforms", sent, "GB/day", self._costs.basis("request_bytes"), "request_bytes")
        disks = {
            "disk: Kafka": events * cost("log_bytes") * cost("log_days") * 3,
            "disk: PostgreSQL": events * cost("postgres_bytes") * days * 2,
            "disk: ClickHouse": self._clickhouse_bytes() * 2,
        }
        why = {
            "disk: Kafka": "log_bytes, 72 hours, three copies",
            "disk: PostgreSQL": "postgres_bytes, 90 days, two copies",
            "disk: ClickHouse": "raw events and rollups, two copies",
        }
        for name, size in disks.items():
            note = f"{why[name]}, {free:g} times for merges and erasures"
            self._note(name, size * free / _TB, "TB", Basis.EXTRAPOLATED, note)
        total = sum(disks.values()) * free / _TB
        self._note("disk: all", total, "TB", Basis.EXTRAPOLATED, "the three above")

    def _count_machines(self, plan: ClusterPlan) -> None:
        size = int(self._costs.value("machine_cores"))
        own = math.ceil((plan.collectors * 2 + plan.workers * 2 + plan.web_servers) / size)
        self._note(
            f"machines of {size} cores for our processes",
            max(2, own),
            "machines",
            Basis.ASSUMED,
            "two cores a collector and a worker, for their threads; one a web server",
        )
        stores = plan.brokers + 2 + plan.clickhouse_shards * plan.clickhouse_replicas + 3
        why = "brokers, PostgreSQL twice, ClickHouse replicas, three for Redis"
        self._note("machines of the stores", stores, "machines", Basis.ASSUMED, why)


def cost_drivers(plan: ClusterPlan) -> list[Figure]:
    """What the installation is made for, most expensive first: cores, then disks."""
    cores = {
        "workers": plan.workers,
        "collectors": plan.collectors,
        "web servers": plan.web_servers,
        "PostgreSQL": plan.postgres_cores * 2,
        "ClickHouse": plan.clickhouse_cores * plan.clickhouse_shards * plan.clickhouse_replicas,
    }
    disks = {each.name: each.value for each in plan.figures if each.name.startswith("disk: ")}
    total = disks.pop("disk: all")
    rows = _shares({f"cores: {name}": value for name, value in cores.items()}, sum(cores.values()))
    return rows + _shares(disks, total)


def _shares(parts: dict[str, float] | dict[str, int], total: float) -> list[Figure]:
    ordered = sorted(parts.items(), key=lambda part: -part[1])
    return [
        Figure(name, 100 * value / total, "%", Basis.EXTRAPOLATED, "share of the plan")
        for name, value in ordered
    ]

"""A plan grows with its load, says what each figure rests on, and survives what the simulation does to it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursepulse.cli.plan import read_costs
from coursepulse.kit.errors import SettingError
from coursepulse.log import positions
from coursepulse.sizing.costs import Basis, UnitCosts, crowd_factor, weakest
from coursepulse.sizing.plan import MOST_PARTITIONS, SIZES, ClusterPlan, Load, cost_drivers, make_plan
from coursepulse.sizing.simulation import TARGET, Loss, simulate

COSTS = read_costs()

loads = st.builds(Load, st.integers(1, 5_000_000), st.integers(1, 500_000_000))


def sizes(plan: ClusterPlan) -> list[float]:
    """Everything that may only grow with the load."""
    disks = [each.value for each in plan.figures if each.name.startswith("disk")]
    counts = [
        plan.collectors,
        plan.workers,
        plan.partitions,
        plan.brokers,
        plan.postgres_cores,
        plan.web_servers,
    ]
    return [*disks, *counts, plan.clickhouse_shards * plan.clickhouse_cores]


@settings(deadline=None)
@given(loads, st.integers(1, 100_000_000))
def test_more_events_never_need_less(load: Load, more: int) -> None:
    small, large = make_plan(load, COSTS), make_plan(Load(load.students, load.events_per_day + more), COSTS)
    assert all(one <= other for one, other in zip(sizes(small), sizes(large), strict=True))


@settings(deadline=None)
@given(loads)
def test_every_worker_finds_a_partition_and_every_kind_has_a_spare(load: Load) -> None:
    plan = make_plan(load, COSTS)
    assert 2 <= plan.workers <= plan.partitions <= MOST_PARTITIONS
    assert plan.collectors >= 2
    assert plan.web_servers >= 2
    assert plan.brokers >= 3
    assert plan.clickhouse_replicas >= 2


def test_a_log_has_as_many_partitions_as_the_plan_may_ask_for() -> None:
    assert positions.MOST_PARTITIONS == MOST_PARTITIONS


def test_a_load_for_which_no_log_has_enough_partitions_is_refused() -> None:
    with pytest.raises(SettingError, match="at most 64 partitions"):
        make_plan(Load(50_000_000, 20_000_000_000), COSTS)


@pytest.mark.parametrize("load", [Load(0, 1), Load(1, 0)])
def test_a_plan_for_nobody_is_refused(load: Load) -> None:
    with pytest.raises(SettingError, match="at least one"):
        make_plan(load, COSTS)


def test_a_load_beyond_all_measure_is_refused_at_once() -> None:
    with pytest.raises(SettingError, match="at most 64 partitions"):
        make_plan(Load(10**23, 10**26), COSTS)


def test_larger_crowds_cost_more_and_the_measured_ones_what_was_measured() -> None:
    factors = [crowd_factor(COSTS, students) for students in (10, 5_000, 25_000, 60_000, 100_000, 1_000_000)]
    assert factors == sorted(factors)
    assert factors[0] == factors[1]
    assert factors[2] == 1.0
    assert factors[4] == pytest.approx(12.1 / 9.2)


def test_a_figure_is_as_sure_as_the_least_sure_part_of_it() -> None:
    assert weakest(Basis.MEASURED, Basis.ASSUMED, Basis.EXTRAPOLATED) is Basis.ASSUMED
    assert weakest(Basis.MEASURED, Basis.EXTRAPOLATED) is Basis.EXTRAPOLATED


def test_every_measured_cost_says_how_when_and_where() -> None:
    for cost in COSTS.all():
        assert cost.value > 0
        assert cost.source
        assert bool(cost.measured_on and cost.machine) == (cost.basis is Basis.MEASURED), cost.name


def test_every_figure_says_what_it_rests_on() -> None:
    for load in SIZES.values():
        assert all(each.why and each.basis in Basis for each in make_plan(load, COSTS).figures)


def test_costs_that_are_missing_or_no_list_are_named() -> None:
    with pytest.raises(SettingError, match="lack `peak_factor`"):
        make_plan(Load(1, 1), UnitCosts({}))
    with pytest.raises(SettingError, match="cannot be read"):
        UnitCosts.read(b"{}")


def test_the_shares_of_cores_and_of_disks_are_whole() -> None:
    drivers = cost_drivers(make_plan(SIZES["2m"], COSTS))
    for kind in ("cores", "disk"):
        assert sum(each.value for each in drivers if each.name.startswith(kind)) == pytest.approx(100)


@pytest.mark.parametrize("loss", Loss)
def test_a_run_loses_no_event_and_repeats_exactly(loss: Loss) -> None:
    plan = make_plan(SIZES["100k"], COSTS)
    one, other = simulate(plan, COSTS, loss), simulate(plan, COSTS, loss)
    assert one == other
    assert 0 < one.events == one.visible


def test_what_is_lost_makes_numbers_late_and_the_plan_recovers() -> None:
    plan = make_plan(SIZES["500k"], COSTS)
    calm, broker, worker = (simulate(plan, COSTS, loss) for loss in Loss)
    assert calm.recovery == 0
    assert calm.p99 < TARGET
    assert COSTS.value("election_seconds") <= broker.recovery < 60
    assert COSTS.value("lease_seconds") <= worker.recovery < 120
    assert min(broker.backlog, worker.backlog) > calm.backlog


def test_half_the_workers_cannot_hold_the_peak() -> None:
    """The plan is no larger than it must be by much: the simulation would say so."""
    plan = make_plan(SIZES["2m"], COSTS)
    few = msgspec.structs.replace(plan, workers=max(1, plan.workers // 4))
    assert simulate(few, COSTS, Loss.BROKER).p99 > 5 * simulate(plan, COSTS, Loss.BROKER).p99

"""A single station agrees with queueing theory."""

from __future__ import annotations

import math
import random

import pytest
import simpy

from coursepulse.sizing.queues import Station, Walk, weighted_percentile


def mean_wait(load: float, servers: int, *, random_service: bool, customers: int = 60_000) -> float:
    """Seconds in the queue of customers who arrive at random and need a second of service on average."""
    env, rng, waits = simpy.Environment(), random.Random(4), list[float]()
    station = Station(env, servers)

    def customer() -> Walk:
        arrived, needed = env.now, rng.expovariate(1.0) if random_service else 1.0
        yield from station.serve(needed)
        waits.append(env.now - arrived - needed)

    def arrive() -> Walk:
        for _ in range(customers):
            yield env.timeout(rng.expovariate(load * servers))
            env.process(customer())

    env.process(arrive())
    env.run()
    assert len(waits) == customers
    return sum(waits) / customers


def erlang_c(load: float, servers: int) -> float:
    """The probability that a customer has to wait, where arrivals and services are random."""
    offered = load * servers
    busy = offered**servers / math.factorial(servers) / (1 - load)
    return busy / (sum(offered**k / math.factorial(k) for k in range(servers)) + busy)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.75])
def test_one_server_with_a_fixed_time_waits_as_long_as_m_d_1_says(load: float) -> None:
    assert mean_wait(load, 1, random_service=False) == pytest.approx(load / (2 * (1 - load)), rel=0.05)


@pytest.mark.parametrize(("load", "servers"), [(0.6, 1), (0.7, 3)])
def test_several_servers_wait_as_long_as_erlang_says(load: float, servers: int) -> None:
    expected = erlang_c(load, servers) / (servers * (1 - load))
    assert mean_wait(load, servers, random_service=True) == pytest.approx(expected, rel=0.08)


def test_a_percentile_counts_weights() -> None:
    assert weighted_percentile([(5.0, 1), (1.0, 98), (9.0, 1)], 0.98) == 1.0
    assert weighted_percentile([(5.0, 1), (1.0, 98), (9.0, 1)], 0.99) == 5.0
    assert math.isnan(weighted_percentile([], 0.5))

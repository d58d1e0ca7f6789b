"""Intervals of 95 % hold the truth of simulated campuses about 19 times of 20."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from coursepulse.definitions.comparisons import compare_shares
from coursepulse.definitions.outcomes import Estimate
from coursepulse.definitions.outcomes.case_mix import CaseCell, against_expected
from coursepulse.definitions.outcomes.durations import Stay, time_to
from coursepulse.definitions.outcomes.gain import learning_gain
from coursepulse.definitions.outcomes.logistic import Floats
from coursepulse.definitions.outcomes.matching import match
from coursepulse.simulator.activities import FROM_ATTEMPT

Rng = np.random.Generator

#: Simulated campuses for each test. Of so many, an interval of 95 % holds the truth at least 268 times but once in 800.
ROUNDS = 290
ENOUGH = 0.92


def chance(ability: Floats, difficulty: Floats) -> Floats:
    """As in the simulator (Rasch)."""
    found: Floats = 1 / (1 + np.exp(difficulty[None, :] - ability[:, None]))
    return found


def held(simulate: Callable[[Rng], tuple[Estimate, float]], rounds: int = ROUNDS) -> tuple[float, float]:
    """How often the truth is inside, and how far the estimates are from it on average."""
    found = [simulate(np.random.default_rng(seed)) for seed in range(rounds)]
    inside = np.mean([estimate.low <= truth <= estimate.high for estimate, truth in found])
    return float(inside), float(np.mean([estimate.value - truth for estimate, truth in found]))


def quiz(rng: Rng, learned: float) -> tuple[Estimate, float]:
    """Sixty students take a quiz, those who fail take it again having learned something."""
    ability = rng.normal(0.4, 1.0, 120)
    difficulty = rng.normal(-0.15, 0.9, 10)
    first = rng.random((120, 10)) < chance(ability, difficulty)
    again = np.flatnonzero(first.mean(axis=1) < 0.6)
    later = chance(ability[again] + learned, difficulty)
    second = (rng.random(later.shape) < later).mean(axis=1)
    found = learning_gain(first, again, second)
    assert found is not None
    return found.gain, float((later - chance(ability[again], difficulty)).mean())


@pytest.mark.parametrize("learned", [0.0, FROM_ATTEMPT])
def test_what_was_learned_between_two_attempts(learned: float) -> None:
    share, bias = held(lambda rng: quiz(rng, learned))
    assert share >= ENOUGH
    assert abs(bias) < 0.02


def test_without_the_correction_nothing_learned_would_look_like_much() -> None:
    rng = np.random.default_rng(1)
    ability, difficulty = rng.normal(0.4, 1.0, 5_000), rng.normal(-0.15, 0.9, 10)
    first = rng.random((5_000, 10)) < chance(ability, difficulty)
    again = np.flatnonzero(first.mean(axis=1) < 0.6)
    second = (rng.random((len(again), 10)) < chance(ability[again], difficulty)).mean(axis=1)
    found = learning_gain(first, again, second)
    assert found is not None
    assert found.second - found.first > 0.05
    assert abs(found.gain.value) < 0.015


def cells(traits: Floats, done: NDArray[np.bool_]) -> list[CaseCell]:
    found: dict[tuple[int, ...], list[int]] = {}
    for trait, succeeded in zip(traits.astype(int).tolist(), done.tolist(), strict=True):
        cell = found.setdefault(tuple(trait), [0, 0])
        cell[0] += 1
        cell[1] += succeeded
    return [CaseCell(trait, *counts) for trait, counts in found.items()]


def course(rng: Rng, people: int, skew: float, better: float) -> tuple[list[CaseCell], Floats]:
    """Students by how much they did before; ``skew`` is how many strong ones enrol."""
    strong = (rng.random((people, 1)) < skew).astype(float) + (rng.random((people, 1)) < skew)
    late = rng.integers(0, 3, (people, 1)).astype(float)
    traits = np.column_stack([strong, late])
    usual = 1 / (1 + np.exp(0.8 - 0.9 * strong[:, 0] + 0.3 * late[:, 0]))
    done = rng.random(people) < usual + better
    return cells(traits, done), usual


@pytest.mark.parametrize("better", [0.0, 0.12])
def test_a_course_against_what_was_expected_of_its_students(better: float) -> None:
    """A course of strong students looks good whether or not it is: only ``better`` is its own doing."""

    def simulate(rng: Rng) -> tuple[Estimate, float]:
        elsewhere, _ = course(rng, 800, 0.3, 0.0)
        group, _ = course(rng, 60, 0.7, better)
        found = against_expected(group, elsewhere)
        assert found is not None
        return found.difference, better

    share, bias = held(simulate)
    assert share >= ENOUGH
    assert abs(bias) < 0.02


def test_the_days_until_half_have_completed() -> None:
    """Four in five would complete, at 40 days on average; some leave, and half joined too late to be done."""
    truth = -40 * np.log(1 - 0.5 / 0.8)

    def simulate(rng: Rng) -> tuple[Estimate, float]:
        days = rng.exponential(40, 150)
        known = rng.uniform(50, 150, 150)
        leaves = rng.random(150) < 0.2
        stays = [
            Stay(min(day, until), completed=bool(day <= until and not gone), left=bool(gone))
            for day, until, gone in zip(days, known, leaves, strict=True)
        ]
        found = time_to(stays)
        low, high = (0 if found.low is None else found.low), (np.inf if found.high is None else found.high)
        return Estimate(found.days or truth, low, high), truth

    share, _ = held(simulate)
    assert share >= ENOUGH


def silent(rng: Rng, effect: float) -> tuple[Estimate, float]:
    """Silent students, of whom a teacher writes to the diligent ones."""
    people = 400
    diligence, ability = rng.normal(0, 1, people), rng.normal(0, 1, people)
    written = rng.random(people) < 1 / (1 + np.exp(0.8 - 0.9 * diligence))
    alone = rng.random(people) < 1 / (1 + np.exp(1.2 - 0.8 * diligence - 0.2 * ability))
    back = alone | (written & (rng.random(people) < effect))
    features = np.column_stack([diligence + rng.normal(0, 0.1, people), ability])
    found = match(features, written, back)
    assert found is not None
    # Of everybody alike: the share who would not have come back alone times the effect.
    usual = 1 / (1 + np.exp(1.2 - 0.8 * diligence - 0.2 * ability))
    return found.difference, float(effect * (1 - usual[written]).mean())


@pytest.mark.parametrize("effect", [0.0, 0.25])
def test_messages_to_the_diligent_are_not_credited_with_their_diligence(effect: float) -> None:
    share, bias = held(lambda rng: silent(rng, effect), 200)
    assert share >= ENOUGH - 0.02
    assert abs(bias) < 0.03


@pytest.mark.parametrize(("before", "after"), [(0.6, 0.6), (0.62, 0.8), (0.9, 0.97)])
def test_two_shares_of_a_draw_or_of_a_change(before: float, after: float) -> None:
    """The comparison of those drawn to wait, and of those who came before a change with those who came later."""

    def simulate(rng: Rng) -> tuple[Estimate, float]:
        found = compare_shares(int(rng.binomial(45, after)), 45, int(rng.binomial(60, before)), 60)
        assert found is not None
        return Estimate(found.points, found.low, found.high), 100 * (after - before)

    share, _ = held(simulate, 600)
    assert share >= ENOUGH

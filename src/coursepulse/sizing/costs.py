"""What one event costs each part of an installation. The figures themselves are in ``unit_costs.json``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise

import msgspec

from coursepulse.kit.errors import SettingError


class Basis(StrEnum):
    """How a figure came about, the surest first."""

    MEASURED = "measured"
    EXTRAPOLATED = "extrapolated"
    ASSUMED = "assumed"


def weakest(*bases: Basis) -> Basis:
    """The basis of a figure that is made of others."""
    order = list(Basis)
    return max(bases, key=order.index)


class UnitCost(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of the file.

    :param source: the command that measured it, or where the assumption comes from
    :param measured_on: the day, ISO; empty for an assumption
    :param machine: what it was measured on; empty for an assumption
    """

    name: str
    value: float
    unit: str
    basis: Basis
    source: str
    measured_on: str = ""
    machine: str = ""


class UnitCosts:
    """The figures by name."""

    def __init__(self, costs: Mapping[str, UnitCost]) -> None:
        self._costs = dict(costs)

    @classmethod
    def read(cls, text: bytes) -> UnitCosts:
        """The figures of a file.

        :raises SettingError: when it is not such a file
        """
        try:
            costs = msgspec.json.decode(text, type=list[UnitCost])
        except msgspec.DecodeError as error:
            raise SettingError(f"The unit costs cannot be read: {error}.") from None
        return cls({each.name: each for each in costs})

    def __getitem__(self, name: str) -> UnitCost:
        try:
            return self._costs[name]
        except KeyError:
            raise SettingError(f"The unit costs lack `{name}`.") from None

    def value(self, name: str) -> float:
        """The figure itself."""
        return self[name].value

    def basis(self, *names: str) -> Basis:
        """How sure a figure is that is made of these."""
        return weakest(*(self[name].basis for name in names))

    def all(self) -> list[UnitCost]:
        """Every figure, in the order of the file."""
        return list(self._costs.values())

    def replaced(self, renewed: list[UnitCost]) -> UnitCosts:
        """These figures with some of them measured anew."""
        return UnitCosts(self._costs | {each.name: each for each in renewed})


#: Students at work for which the cost of an event was measured.
CROWDS = (5_000, 25_000, 100_000)


def crowd_factor(costs: UnitCosts, students: float) -> float:
    """What an event costs a worker with so many students at work, against the crowd in which it was measured.

    More students send fewer events each, so a batch touches more rows. Between the measured crowds, and beyond the
    largest, the cost follows the logarithm of their number.
    """
    return _at_crowd(costs, students) / _at_crowd(costs, costs.value("unit_cost_students"))


def crowd_basis(students: float) -> Basis:
    """Whether the crowd is within those that were measured."""
    return Basis.MEASURED if students <= CROWDS[-1] else Basis.EXTRAPOLATED


def _at_crowd(costs: UnitCosts, students: float) -> float:
    if students <= CROWDS[0]:
        return costs.value(f"total_cpu_{CROWDS[0]}_students")
    steps = list(pairwise(CROWDS))
    low, high = next((step for step in steps if students <= step[1]), steps[-1])
    least, most = (costs.value(f"total_cpu_{each}_students") for each in (low, high))
    share = math.log(students / low) / math.log(high / low)
    return least + share * (most - least)

"""Runs: what happened without a long silence in between. They join when something late falls into the silence."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Protocol, TypeVar

from coursepulse.kit.clock import Micros


class SpansTime(Protocol):
    """Something that went on from one moment to another."""

    @property
    def began_at(self) -> Micros: ...

    @property
    def last_at(self) -> Micros: ...


Run = TypeVar("Run", bound=SpansTime)


def add_run(
    runs: tuple[Run, ...], run: Run, silence: Micros, join: Callable[[Run, Run], Run]
) -> tuple[Run, ...]:
    """The runs with one more, which joins those that are no more than ``silence`` away; sorted."""
    if not runs:
        return (run,)
    near = [each for each in runs if _is_near(each, run, silence)]
    if len(near) == len(runs) == 1:
        return (join(near[0], run),)
    joined = reduce(join, (*near, run))
    return tuple(sorted((joined, *(each for each in runs if each not in near)), key=_start))


def _is_near(one: SpansTime, other: SpansTime, silence: Micros) -> bool:
    return one.began_at - other.last_at <= silence and other.began_at - one.last_at <= silence


def _start(run: SpansTime) -> Micros:
    return run.began_at

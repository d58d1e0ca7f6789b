"""How long it takes to complete a course, when many are still at it."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log, sqrt
from typing import NamedTuple

from coursepulse.definitions.outcomes import Z95


class Duration(NamedTuple):
    """Days after which a share of all who enrolled has completed; None where so many have not, or the interval is open.

    :param days: None while fewer have completed
    """

    days: float | None
    low: float | None
    high: float | None


class Stay(NamedTuple):
    """Somebody in a course.

    :param days: from enrolment to completion, or to now
    :param completed: whether that is a completion
    :param left: gone without completing, and so never will
    """

    days: float
    completed: bool
    left: bool = False


class _Step(NamedTuple):
    """What is known at a day with completions: the share that has not completed, and the sum of Greenwood's formula."""

    days: float
    share: float
    sum: float


def time_to(stays: Sequence[Stay], share: float = 0.5) -> Duration:
    """The Kaplan-Meier estimate of the days after which ``share`` of all has completed.

    Those who are still at it count for as long as they have been. Those who left stay in the count for ever: to take
    them out when they leave would answer how long it would take if nobody ever left (J. P. Fine and R. J. Gray (1999),
    "A proportional hazards model for the subdistribution of a competing risk", JASA 94). The interval holds the days at
    which the log-log interval of the curve contains the share (R. Brookmeyer and J. Crowley (1982), "A confidence
    interval for the median survival time", Biometrics 38; J. P. Klein and M. L. Moeschberger (2003), "Survival
    Analysis").
    """
    rest = 1 - share
    steps = _walk(stays)
    days = next((each.days for each in steps if each.share <= rest), None)
    inside = [each for each in steps if abs(_distance(each, rest)) <= Z95]
    beyond = [each.days for each in steps if _distance(each, rest) < -Z95]
    low = inside[0].days if inside else days
    return Duration(days, low if steps and days is not None else None, min(beyond, default=None))


def _walk(stays: Sequence[Stay]) -> list[_Step]:
    ends = sorted((inf if each.left and not each.completed else each.days, each.completed) for each in stays)
    steps, share, total, place = list[_Step](), 1.0, 0.0, 0
    while place < len(ends) and ends[place][0] < inf:
        day, at_risk = ends[place][0], len(ends) - place
        done = 0
        while place < len(ends) and ends[place][0] == day:
            done += ends[place][1]
            place += 1
        if done:
            share *= 1 - done / at_risk
            total += done / (at_risk * (at_risk - done)) if at_risk > done else inf
            steps.append(_Step(day, share, total))
    return steps


def _distance(step: _Step, rest: float) -> float:
    """How many standard errors the curve is above ``rest``, on the log-log scale."""
    if step.share <= 0 or step.sum == inf:
        return -inf
    scaled, wanted = log(-log(step.share)), log(-log(rest))
    return (wanted - scaled) * -log(step.share) / sqrt(step.sum)


def curve_at(stays: Sequence[Stay], days: float) -> float:
    """The share that has completed within so many days."""
    steps = [each for each in _walk(stays) if each.days <= days]
    return 1 - steps[-1].share if steps else 0.0

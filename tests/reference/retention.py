"""Retention: of those who began together, how many came back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from coursepulse.definitions.engagement import week_of
from coursepulse.events.event import Event
from coursepulse.events.taxonomy import TYPES
from coursepulse.kit.clock import Micros, utc_date
from tests.reference.enrolment import ENROLMENTS
from tests.reference.order import in_order


class CohortStep(StrEnum):
    """How long a period is."""

    WEEK = "week"
    MONTH = "month"

    def start(self, day: date) -> date:
        """The first day of the period that ``day`` lies in."""
        return week_of(day) if self is CohortStep.WEEK else day.replace(day=1)

    def distance(self, since: date, day: date) -> int:
        """Periods from the one of ``since`` to the one of ``day``; 0 when they are the same."""
        if self is CohortStep.WEEK:
            return (week_of(day) - week_of(since)).days // 7
        return 12 * (day.year - since.year) + day.month - since.month


class Cohort(NamedTuple):
    """Learners who first enrolled in the same period.

    :param returned: how many learned in period 0 (their first), 1, 2 … up to the present one
    """

    size: int
    returned: tuple[int, ...]


def retain_cohorts(
    events: Iterable[Event], unit: CohortStep, now: Micros, left_out: Collection[bytes] = ()
) -> dict[date, Cohort]:
    """The cohorts by the first day of their period.

    :param left_out: staff and test users
    """
    known = [event for event in in_order(events) if event.student_id not in left_out and event.at <= now]
    enrolled: dict[bytes, date] = {}
    learned: dict[bytes, set[date]] = defaultdict(set)
    for event in known:
        day = utc_date(event.at)
        if event.event_type == "course_enroll":
            enrolled.setdefault(event.student_id, day)
        elif TYPES[event.event_type].learning:
            learned[event.student_id].add(unit.start(day))
    members: dict[date, list[set[date]]] = defaultdict(list)
    for student, day in enrolled.items():
        members[unit.start(day)].append(learned[student])
    return {start: _cohort(start, each, unit, utc_date(now)) for start, each in members.items()}


def _cohort(start: date, members: Sequence[Collection[date]], unit: CohortStep, today: date) -> Cohort:
    returned = [0] * (unit.distance(start, today) + 1)
    for periods in members:
        for period in periods:
            if period >= start:
                returned[unit.distance(start, period)] += 1
    return Cohort(len(members), tuple(returned))


def count_registered(events: Iterable[Event], course_id: str, starts_on: date, day: int) -> int:
    """Learners ever enrolled in a course who have not left it by the end of its ``day`` (0 = the first).

    Who enrols later counts from the start, so that the curve has one base.
    """
    last_day = starts_on + timedelta(days=day)
    enrolled: set[bytes] = set()
    latest: dict[bytes, str] = {}
    for event in in_order(events):
        if event.course_id != course_id or event.event_type not in ENROLMENTS:
            continue
        if event.event_type == "course_enroll":
            enrolled.add(event.student_id)
        if utc_date(event.at) <= last_day:
            latest[event.student_id] = event.event_type
    return sum(latest.get(student) != "course_unenroll" for student in enrolled)

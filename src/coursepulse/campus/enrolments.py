"""Who is enrolled in a course and who teaches it, with first and last days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple

import msgspec

from coursepulse.campus.dates import check_dates
from coursepulse.campus.verdicts import Trouble
from coursepulse.events.event import Id


class Status(StrEnum):
    """Whether an enrolment holds."""

    ACTIVE = "active"
    ENDED = "ended"


class Enrolment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One student in one course. If there is a row, it decides whether the student is enrolled; events do not."""

    course_id: Id
    external_id: Id
    status: Status = Status.ACTIVE
    starts_on: date | None = None
    ends_on: date | None = None


class Listing(NamedTuple):
    """An enrolment as the metrics need it, by pseudonym (16 bytes).

    :param starts_on: the first day in the course; None when the roster does not say
    :param known_on: then enrolled from this day at the latest: when the course began, or when the roster first said so
    :param left_on: the first day no longer enrolled
    :param change: the number of the change that produced this row
    """

    course_id: str
    student_id: bytes
    starts_on: date | None
    known_on: date
    left_on: date | None
    change: int


class Teaching(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person who teaches one course; to withdraw it, send an ``ends_on`` in the past."""

    course_id: Id
    external_id: Id
    starts_on: date | None = None
    ends_on: date | None = None


class Grant(NamedTuple):
    """Access that a roster gives a person from now on: ``teaches=<course>`` or ``leads=<team>``."""

    person: bytes
    what: str


def check_enrolment(row: Enrolment) -> Iterator[Trouble]:
    """Checks of an enrolment that types cannot express."""
    return check_dates("enrolment", row.starts_on, row.ends_on)


def check_teaching(row: Teaching) -> Iterator[Trouble]:
    """Checks of teaching that types cannot express."""
    return check_dates("teaching", row.starts_on, row.ends_on)

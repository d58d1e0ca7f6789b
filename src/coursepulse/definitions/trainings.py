"""Whether assigned training is done, and in time; whether a certificate holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

#: Days before a due date or an expiry from which somebody should be reminded.
SOON = timedelta(days=30)

#: Days before an expiry from which a renewal should be planned.
LATER = timedelta(days=90)


class TrainingState(StrEnum):
    """Where a member is with a training."""

    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    OPEN = "open"
    DONE_LATE = "done_late"
    DONE = "done"


class CertificateState(StrEnum):
    """Whether a certificate holds, and for how long."""

    EXPIRED = "expired"
    EXPIRES_30 = "expires_30"
    EXPIRES_90 = "expires_90"
    VALID = "valid"


def completion_day(
    declared: Iterable[date], lessons: Iterable[date], total: int | None, counts_from: date | None
) -> date | None:
    """The first day on which a course counts as completed; None while it does not.

    :param declared: days on which the platform said so
    :param lessons: the days on which lessons of the catalog were first completed
    :param total: how many lessons the catalog has; None while it is not known
    :param counts_from: completions before that day do not count
    """
    begin, done = counts_from or date.min, sorted(lessons)
    days = [day for day in declared if day >= begin]
    if total and len(done) >= total and done[-1] >= begin:
        days.append(done[-1])
    return min(days, default=None)


def training_state(due_on: date | None, done_on: date | None, today: date) -> TrainingState:
    """Where somebody is with a training; the due date itself is still in time."""
    if done_on:
        return TrainingState.DONE_LATE if due_on and done_on > due_on else TrainingState.DONE
    if due_on is None:
        return TrainingState.OPEN
    if due_on < today:
        return TrainingState.OVERDUE
    return TrainingState.DUE_SOON if due_on <= today + SOON else TrainingState.OPEN


def certificate_state(expires_on: date | None, today: date) -> CertificateState:
    """Whether a certificate holds; its last day is still valid."""
    if expires_on is None or expires_on > today + LATER:
        return CertificateState.VALID
    if expires_on < today:
        return CertificateState.EXPIRED
    return CertificateState.EXPIRES_30 if expires_on <= today + SOON else CertificateState.EXPIRES_90

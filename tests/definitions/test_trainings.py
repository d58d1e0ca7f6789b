"""Due dates and expiries, day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from coursepulse.definitions.trainings import (
    CertificateState,
    TrainingState,
    certificate_state,
    completion_day,
    training_state,
)

TODAY = date(2026, 3, 9)


def day(number: int) -> date:
    return date(2026, 3, number)


@pytest.mark.parametrize(
    ("ahead", "state"),
    [
        (None, TrainingState.OPEN),
        (-1, TrainingState.OVERDUE),
        (0, TrainingState.DUE_SOON),
        (30, TrainingState.DUE_SOON),
        (31, TrainingState.OPEN),
    ],
)
def test_the_due_date_itself_is_in_time(ahead: int | None, state: TrainingState) -> None:
    due_on = None if ahead is None else TODAY + timedelta(days=ahead)
    assert training_state(due_on, None, TODAY) is state


@pytest.mark.parametrize(
    ("due_on", "state"),
    [(None, TrainingState.DONE), (day(5), TrainingState.DONE), (day(4), TrainingState.DONE_LATE)],
)
def test_what_is_done_is_never_overdue(due_on: date | None, state: TrainingState) -> None:
    assert training_state(due_on, day(5), TODAY) is state


@pytest.mark.parametrize(
    ("ahead", "state"),
    [
        (None, CertificateState.VALID),
        (-1, CertificateState.EXPIRED),
        (0, CertificateState.EXPIRES_30),
        (30, CertificateState.EXPIRES_30),
        (31, CertificateState.EXPIRES_90),
        (90, CertificateState.EXPIRES_90),
        (91, CertificateState.VALID),
    ],
)
def test_the_last_day_of_a_certificate_is_valid(ahead: int | None, state: CertificateState) -> None:
    expires_on = None if ahead is None else TODAY + timedelta(days=ahead)
    assert certificate_state(expires_on, TODAY) is state


@pytest.mark.parametrize(
    ("declared", "lessons", "total", "counts_from", "done_on"),
    [
        ([], [], None, None, None),
        ([day(5)], [], None, None, day(5)),
        ([], [day(1), day(3)], 2, None, day(3)),
        ([], [day(1)], 2, None, None),
        ([], [day(1)], None, None, None),
        ([day(5)], [day(3)], 1, None, day(3)),
        ([day(1), day(7)], [day(3)], 1, day(4), day(7)),
        ([day(1)], [day(1), day(4)], 2, day(4), day(4)),
        ([day(1)], [day(1)], 1, day(2), None),
    ],
)
def test_a_course_is_completed_by_word_or_with_its_last_lesson(
    declared: list[date],
    lessons: list[date],
    total: int | None,
    counts_from: date | None,
    done_on: date | None,
) -> None:
    assert completion_day(declared, lessons, total, counts_from) == done_on

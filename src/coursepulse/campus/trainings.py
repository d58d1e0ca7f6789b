"""Training that an organisation assigns to a team or to one person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum

import msgspec

from coursepulse.campus.verdicts import RowFault, Trouble
from coursepulse.events.event import Id, OptionalId


class TrainingStatus(StrEnum):
    """Whether an assignment holds. Of a team's training, a withdrawn row of a person is an exemption."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


class Training(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A course that every member of a team, or one person, has to take.

    :param organisation_id: who assigns it to the person; of a team it is known
    :param due_on: the last day on which it is done in time
    :param counts_from: completions before this day do not count, as for a yearly refresher
    """

    course_id: Id
    team_id: OptionalId = ""
    external_id: OptionalId = ""
    organisation_id: OptionalId = ""
    mandatory: bool = True
    assigned_on: date | None = None
    due_on: date | None = None
    counts_from: date | None = None
    status: TrainingStatus = TrainingStatus.ACTIVE


def check_training(row: Training) -> Iterator[Trouble]:
    """Checks of an assignment that types cannot express."""
    if bool(row.team_id) == bool(row.external_id):
        sentence = "Send either `team_id` or `external_id`: who has to take the course."
        yield Trouble(RowFault.ONE_OF_TWO, "$", sentence)
    if row.external_id and not row.organisation_id:
        sentence = "`organisation_id` is required beside `external_id`: it says whose managers see the row."
        yield Trouble(RowFault.MISSING_FIELD, "$.organisation_id", sentence)
    if row.assigned_on and row.due_on and row.due_on < row.assigned_on:
        sentence = f"The training is due on {row.due_on}, before it is assigned on {row.assigned_on}."
        yield Trouble(RowFault.ENDS_BEFORE_START, "$.due_on", sentence)

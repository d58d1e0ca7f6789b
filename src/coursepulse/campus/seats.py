"""What an organisation has bought: seats, and the budget they come out of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated

import msgspec
from msgspec import Meta

from coursepulse.campus.dates import check_dates
from coursepulse.campus.organisations import Name
from coursepulse.campus.verdicts import RowFault, Trouble
from coursepulse.events.currencies import CURRENCIES
from coursepulse.events.event import Id, OptionalId

SeatCount = Annotated[int, Meta(ge=0, le=10_000_000)]

#: More than any budget for learning; PostgreSQL keeps two decimals of it.
_MOST = Decimal(10) ** 12

#: From many to few: none can be more than the one before it.
_SEATS = ("bought", "assigned", "activated", "used")


class SeatPool(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Seats of one licence, as the system that sells or hands them out counts them.

    :param team_id: the team that they are for; empty for the whole organisation
    :param course_id: the course that they are for; empty for a licence of many courses
    :param activated: people accepted them
    :param used: people learned with them
    """

    pool_id: Id
    organisation_id: Id
    team_id: OptionalId = ""
    course_id: OptionalId = ""
    name: Name = ""
    bought: SeatCount
    assigned: SeatCount = 0
    activated: SeatCount = 0
    used: SeatCount = 0
    starts_on: date | None = None
    ends_on: date | None = None


class Budget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money for learning in a period.

    :param team_id: the team that it is for; empty for the whole organisation
    :param currency: ISO 4217, such as ``EUR``
    """

    budget_id: Id
    organisation_id: Id
    team_id: OptionalId = ""
    name: Name = ""
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$", max_length=3)]
    amount: Decimal
    spent: Decimal = Decimal(0)
    starts_on: date
    ends_on: date


def check_seats(row: SeatPool) -> Iterator[Trouble]:
    """Checks of seats that types cannot express."""
    for more, fewer in pairwise(_SEATS):
        if getattr(row, fewer) > getattr(row, more):
            sentence = f"`{fewer}` ({getattr(row, fewer):,}) is more than `{more}` ({getattr(row, more):,})."
            yield Trouble(RowFault.MORE_THAN_THERE_ARE, f"$.{fewer}", sentence)
    yield from check_dates("licence", row.starts_on, row.ends_on)


def check_budget(row: Budget) -> Iterator[Trouble]:
    """Checks of a budget that types cannot express. More may be spent than there was."""
    for name in ("amount", "spent"):
        value: Decimal = getattr(row, name)
        if not (value.is_finite() and 0 <= value < _MOST):
            sentence = f"`{name}` must be an amount from 0 to below {_MOST:,}."
            yield Trouble(RowFault.INVALID_VALUE, f"$.{name}", sentence)
    if row.currency not in CURRENCIES:
        sentence = f"`{row.currency}` is not a currency of ISO 4217."
        yield Trouble(RowFault.INVALID_VALUE, "$.currency", sentence)
    yield from check_dates("budget", row.starts_on, row.ends_on)

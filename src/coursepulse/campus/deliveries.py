"""Deliveries of a roster by another system. A complete delivery ends what it does not name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Meta

from coursepulse.campus.verdicts import Trouble
from coursepulse.events.event import Id, OptionalId

Source = Annotated[str, Meta(min_length=1, max_length=64)]


class Delivery(NamedTuple):
    """The delivery that rows are marked with.

    :param source: the system that they come from; empty for rows that a platform sends one by one
    """

    source: str = ""
    number: UUID | None = None


class Seen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person named by a delivery: in a course, or anywhere if no course is given.

    :param teaches: true for a teacher, false for a student, null if unknown
    """

    external_id: Id
    course_id: OptionalId = ""
    teaches: bool | None = None


class Whole(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A complete delivery: names everyone who is enrolled or teaches, as far as its source knows.

    :param most: the largest share of current rows that may end; if more would end, none do
    :param rehearse: report what would end without ending it
    """

    source: Source
    delivery: UUID
    most: Annotated[float, Meta(ge=0, le=1)] = 0.2
    rehearse: bool = False


class Missing(NamedTuple):
    """What holds today and came from one source.

    :param held: enrolments and teaching in all
    :param missing: how many of them the delivery does not name
    """

    held: int
    missing: int

    def exceeds(self, most: float) -> bool:
        """Whether more than the given share is missing."""
        return self.missing > most * self.held


def check_seen(_: Seen) -> Iterator[Trouble]:
    """Nothing to check: the types express everything."""
    return iter(())

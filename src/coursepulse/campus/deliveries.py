"""Deliveries of a roster by another system. One that is whole ends what it does not name."""

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
    """What rows are stamped with.

    :param source: the system that they come from, empty for rows that a platform sends one by one
    """

    source: str = ""
    number: UUID | None = None


class Seen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody whom a delivery names: in a course, or at all where no course is said.

    :param teaches: as a teacher, or as a student; null when that is not known
    """

    external_id: Id
    course_id: OptionalId = ""
    teaches: bool | None = None


class Whole(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A delivery that names everybody who is enrolled or teaches, as far as its source knows.

    :param most: the share of what holds that may end; more, and nothing does
    :param rehearse: say what would end, and end nothing
    """

    source: Source
    delivery: UUID
    most: Annotated[float, Meta(ge=0, le=1)] = 0.2
    rehearse: bool = False


class Missing(NamedTuple):
    """Of what holds today and came from a source.

    :param held: enrolments and teaching in all
    :param missing: those that the delivery does not name
    """

    held: int
    missing: int

    def exceeds(self, most: float) -> bool:
        """Whether more than a share of it is missing."""
        return self.missing > most * self.held


def check_seen(_: Seen) -> Iterator[Trouble]:
    """Types say everything about it."""
    return iter(())

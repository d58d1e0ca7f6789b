"""A list of students divided by lot: who is written to at once, and who waits."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

#: Days from the draw on which those who wait are not yet written to: the day itself, and the seven that are compared.
WAIT = 8

#: Lists of fewer are not drawn: a teacher who picks a few people has a reason for each.
FEWEST = 10

#: A student, by pseudonym, in a course.
Listed = tuple[bytes, str]


class MessageDraw(NamedTuple):
    """A draw: with the seed, the halves of these students come out again."""

    draw_id: UUID
    course: str
    seed: int
    at_once: frozenset[bytes]
    waiting: frozenset[bytes]


class ListSplit(NamedTuple):
    """Who of a list waits until which moment, and which draws that takes; everybody else is written to now."""

    waiting: dict[Listed, datetime]
    made: tuple[MessageDraw, ...] = ()

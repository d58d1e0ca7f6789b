"""Draws of who on a list is written to at once, and who waits: kept with their seeds."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from coursepulse.definitions.outcomes.draws import FEWEST, WAIT, draw
from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.sql import Queries
from coursepulse.privacy.consent import Purpose
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")

#: Somebody for whom was drawn is not drawn again for so long: the wait, and time to write after it.
_HOLDS = timedelta(days=28)

#: A student, by pseudonym, in a course.
Listed = tuple[bytes, str]


class MessageDraw(NamedTuple):
    """A draw that was made: with the seed, the halves come out again."""

    draw_id: UUID
    course: str
    seed: int
    people: int


class ListSplit(NamedTuple):
    """Who of a list is written to now, who waits until which moment, and which draws that took."""

    now: frozenset[Listed]
    waiting: dict[Listed, datetime]
    made: tuple[MessageDraw, ...] = ()


class DrawnStudent(NamedTuple):
    """What was drawn for a student, by pseudonym as text.

    :param early: was to wait and was written to all the same
    """

    student: str
    day: date
    at_once: bool
    early: bool


class MessageDraws:
    """Every method raises StoreUnavailable when PostgreSQL does not answer.

    :param pool: connections of the service
    :param on: whether draws are made; without, everybody is written to at once
    """

    def __init__(self, pool: Pool, *, on: bool) -> None:
        self._pool, self._on = pool, on

    def split(self, listed: Collection[Listed], account: str, at: Micros) -> ListSplit:
        """Divide a list. What was drawn for somebody before holds; of the others those are drawn who agree to research,
        if they are enough in a course.
        """
        if not self._on or not listed:
            return ListSplit(frozenset(listed), {})
        held, moment = self._held(listed, at), from_micros(at)
        waiting = {one: until for one, until in held.items() if until and until > moment}
        made = []
        for course, students in self._undrawn(listed, held).items():
            seed = secrets.randbits(62)
            at_once = draw(students, seed)
            made.append(MessageDraw(uuid4(), course, seed, len(students)))
            self._note(made[-1], students, at_once, account, moment)
            waiting |= {(each, course): _until(moment) for each in students if each not in at_once}
        return ListSplit(frozenset(listed) - waiting.keys(), waiting, tuple(made))

    def of_course(self, course: str, start: date, end: date) -> list[DrawnStudent]:
        """What was first drawn for each student on the days from ``start`` to before ``end``."""
        values = {
            "course": course,
            "start": start,
            "end": end,
            "wait": WAIT,
            "purpose": Purpose.RESEARCH.value,
        }
        with translate_errors("Draws"), self._pool.connection() as connection:
            return [DrawnStudent(*row) for row in connection.execute(_QUERIES["draws_of_course"], values)]

    def prune(self, before: Micros) -> int:
        """Let go of draws that were made before a moment; returns how many went."""
        with translate_errors("Draws"), self._pool.connection() as connection:
            return connection.execute(_QUERIES["draws_prune"], {"before": from_micros(before)}).rowcount

    def _held(self, listed: Collection[Listed], at: Micros) -> dict[Listed, datetime | None]:
        """For whom was drawn lately, and until when they wait; None for those who do not."""
        students, courses = zip(*sorted(listed), strict=True)
        values = {
            "students": [UUID(bytes=each) for each in students],
            "courses": list(courses),
            "since": from_micros(at) - _HOLDS,
        }
        with translate_errors("Draws"), self._pool.connection() as connection:
            rows = connection.execute(_QUERIES["draws_held"], values).fetchall()
        return {
            (student.bytes, course): None if at_once else _until(since)
            for student, course, at_once, since in rows
        }

    def _undrawn(
        self, listed: Collection[Listed], held: Collection[Listed]
    ) -> dict[str, list[bytes]]:
        """By course those for whom is to be drawn."""
        fresh = [one for one in listed if one not in held]
        values = {
            "students": [UUID(bytes=student) for student, _ in fresh],
            "purpose": Purpose.RESEARCH.value,
        }
        with translate_errors("Draws"), self._pool.connection() as connection:
            agreed = {row[0].bytes for row in connection.execute(_QUERIES["draws_agreed"], values)}
        found: dict[str, list[bytes]] = defaultdict(list)
        for student, course in fresh:
            if student in agreed:
                found[course].append(student)
        return {course: students for course, students in found.items() if len(students) >= FEWEST}

    def _note(
        self,
        made: MessageDraw,
        students: Collection[bytes],
        at_once: Collection[bytes],
        account: str,
        at: datetime,
    ) -> None:
        values = made._asdict() | {"draw": made.draw_id, "account": account, "at": at}
        arms = [
            {"draw": made.draw_id, "student": UUID(bytes=each), "at_once": each in at_once}
            for each in sorted(students)
        ]
        with (
            translate_errors("Draws"),
            self._pool.connection() as connection,
            connection.transaction(),
            connection.cursor() as cursor,
        ):
            cursor.execute(_QUERIES["draws_note"], values)
            cursor.executemany(_QUERIES["draws_note_arm"], arms)


def _until(drawn: datetime) -> datetime:
    """From when on somebody who was drawn to wait may be written to."""
    return datetime.combine(drawn.date() + timedelta(days=WAIT), time(), UTC)

"""Draws of who on a list is written to at once, and who waits: kept with their seeds."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID, uuid4

from coursepulse.campus.message_draws import FEWEST, WAIT, Listed, ListSplit, MessageDraw
from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.sql import Queries
from coursepulse.privacy.consent import Purpose
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")

#: Somebody for whom was drawn is not drawn again for so long: the wait, and time to write after it.
_HOLDS = timedelta(days=28)


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

    def split(self, listed: Collection[Listed], at: Micros) -> ListSplit:
        """Divide a list; nothing is kept yet. What was drawn for somebody before holds. Of the others those are drawn
        who agree to research. In a course with too few on the list nobody waits.
        """
        sizes = Counter(course for _, course in listed)
        enough = [one for one in listed if sizes[one[1]] >= FEWEST]
        if not self._on or not enough:
            return ListSplit({})
        held, moment = self._held(enough, at), from_micros(at)
        waiting = {one: until for one, until in held.items() if until and until > moment}
        fresh = self._undrawn(enough, held)
        made = tuple(_draw(course, students) for course, students in sorted(fresh.items()))
        later = {(each, one.course): _until(moment) for one in made for each in one.waiting}
        return ListSplit(waiting | later, made)

    def keep(self, made: MessageDraw, account: str, at: Micros) -> None:
        """A draw holds from now on."""
        values = {"draw": made.draw_id, "course": made.course, "seed": made.seed}
        arms = [
            {"draw": made.draw_id, "student": UUID(bytes=each), "at_once": each in made.at_once}
            for each in sorted(made.at_once | made.waiting)
        ]
        with (
            translate_errors("Draws"),
            self._pool.connection() as connection,
            connection.transaction(),
            connection.cursor() as cursor,
        ):
            cursor.execute(_QUERIES["draws_note"], {**values, "account": account, "at": from_micros(at)})
            cursor.executemany(_QUERIES["draws_note_arm"], arms)

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

    def _undrawn(self, listed: Collection[Listed], held: Collection[Listed]) -> dict[str, list[bytes]]:
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


def draw(people: Iterable[bytes], seed: int) -> frozenset[bytes]:
    """Those who are written to at once: half of them, and of an odd number one more or one fewer by the same lot.

    So everybody has a chance of one half, whatever the size of the list, and lists may be added up. The same people and
    the same seed always give the same half.
    """
    lot, everybody = Random(seed), sorted(set(people))  # noqa: S311
    half = len(everybody) // 2 + (lot.getrandbits(1) if len(everybody) % 2 else 0)
    return frozenset(lot.sample(everybody, half))


def _draw(course: str, students: Collection[bytes]) -> MessageDraw:
    seed = secrets.randbits(62)
    at_once = draw(students, seed)
    return MessageDraw(uuid4(), course, seed, at_once, frozenset(students) - at_once)


def _until(drawn: datetime) -> datetime:
    """From when on somebody who was drawn to wait may be written to."""
    return datetime.combine(drawn.date() + timedelta(days=WAIT), time(), UTC)

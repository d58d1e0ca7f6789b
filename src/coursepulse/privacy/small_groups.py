"""Numbers about groups, for people who may not see who is in them.

Three measures, because each stops what the others let through:

- A **threshold**: nothing about fewer than N people is shown (k-anonymity: L. Sweeney, "k-anonymity", 2002).
- **Secondary suppression**: of rows that add up to a known total, never so few are hidden that the total less the
  rows shown gives them back (L. Cox, "Suppression methodology and statistical disclosure control", 1980).
- **Dithered rounding** against differencing: two answers about groups that differ by one student (D. Denning and
  others, "The tracker", 1979). Every number is rounded up or down to a multiple of what N people are worth; which
  way is drawn by a secret and the question, so that asking again says nothing new (fixed random rounding, as
  Statistics New Zealand publishes its census). The threshold itself is drawn from N to N + 3 for the same
  reason: otherwise a number that vanishes when one leaves would tell that there were exactly N.

What that guarantees, and what not, is written in docs/decisions/0007-small-groups.md and tried by an attacker in
tests/privacy/test_small_groups.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any, NamedTuple, TypeAlias

from coursepulse.access.viewer import EVERYONE, Role, Viewer

#: A row by column name.
Row: TypeAlias = Mapping[str, Any]

#: The key under which a row says that some of its values are hidden.
SUPPRESSED = "suppressed"

#: Spans in days that a bound viewer may ask about; another becomes the next longer one, beyond the last all time.
SPANS = (7, 28, 84, 90, 364)

#: Grids of a mean in per cent. Each divides the next: what two grids say together is no more than the finer one.
_GRIDS = (1, 5, 10, 20, 100)

#: The threshold is drawn from so many numbers, N the smallest. With one fewer, hidden (up to N + 1) beside 2N (from
#: N + 1) would tell that the two are equal.
FUZZ = 4

#: With a grid of two, a difference of one could still be told.
_FINEST = 3


class Kind(StrEnum):
    """How a value hangs on the people behind it, and so how it is rounded."""

    #: The people themselves, each counted at most once.
    PEOPLE = "people"
    #: Anything that people add to; rounded to what N of them are worth.
    SUM = "sum"
    #: A mean between 0 and 100 over them.
    MEAN = "mean"
    #: One number of the row in per cent of another, taken from both as shown.
    RATIO = "ratio"
    #: The people, split into a list of counts.
    PARTS = "parts"


class Figure(NamedTuple):
    """One value of a row.

    :param people: the column that counts those who made it, itself for PEOPLE; of a RATIO the numerator
    :param worth: of a SUM, what one person is reckoned to add on a day
    :param grows: of a SUM, people add more in longer periods
    :param per: of a RATIO, the denominator
    :param by: columns that tell whether two rows state the same about the same; None for those of the group
    :param to_date: does not depend on where the period begins
    """

    column: str
    kind: Kind
    people: str
    worth: float = 1
    grows: bool = False
    per: str = ""
    by: tuple[str, ...] | None = None
    to_date: bool = False


class Group(NamedTuple):
    """Who is behind each row of a table.

    :param size: the column that counts them
    :param figures: every value that people made
    :param by: columns that name a row
    :param dated: a row is about a day or cohort of its own, whatever the period that was asked for
    :param adds: the rows add up to something that is shown elsewhere
    """

    size: str
    figures: tuple[Figure, ...]
    by: tuple[str, ...] = ()
    dated: bool = False
    adds: bool = False


class Question(NamedTuple):
    """What was asked, as far as it tells two answers apart.

    :param about: what the question is narrowed to
    :param end: the day after the last
    """

    about: tuple[str, ...]
    start: date
    end: date


def is_bound(viewer: Viewer, course: str) -> bool:
    """Whether the rules hold for ``viewer``: not for those who may see every member, nor for the platform itself."""
    if viewer.opened is EVERYONE or viewer.role is Role.SERVICE:
        return False
    return not (viewer.role is Role.INSTRUCTOR and course in viewer.course_ids)


def align_period(start: date, end: date, today: date, first: date) -> tuple[date, date]:
    """The period that is answered in place of the one that was asked for.

    It ends with the last whole day or with a Sunday, and spans one of :data:`SPANS`: so a day is in few periods, and
    nobody can cut one out. All time ends with a Sunday, because what hardly changes would else be drawn anew each day.

    :param end: the day after the last
    :param first: the beginning of time
    """
    span = next((days for days in SPANS if days >= (end - start).days), None)
    if span is None or start == first:
        return first, max(_monday(min(end, today)), first + timedelta(days=1))
    last = today if end >= today else max(_monday(end), first + timedelta(days=7))
    return max(first, last - timedelta(days=span)), last


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


class SmallGroups:
    """The rules for one installation.

    :param size: N; 1 switches everything off
    :param secret: decides which way numbers are rounded; whoever has it could undo it
    """

    def __init__(self, size: int, secret: bytes) -> None:
        self.size = size
        self._secret = blake2b(secret, digest_size=32, person=b"small-groups").digest()
        self._grid = max(size, _FINEST)

    def binds(self, viewer: Viewer, course: str) -> bool:
        """Whether ``viewer`` is shown numbers by these rules."""
        return self.size > 1 and is_bound(viewer, course)

    def cover(
        self, rows: Sequence[Row], group: Group, question: Question, rest: Row | None = None
    ) -> list[dict[str, Any]]:
        """The rows as a bound viewer may see them, each with :data:`SUPPRESSED`.

        :param rest: of a single row, what is left without those whom the viewer sees one by one and so can take away;
            None where there are none
        """
        # By name where they come by value: a hidden value must not be told by its place.
        ordered = sorted(rows, key=lambda row: tuple(row[name] for name in group.by)) if group.adds else rows
        hidden = self._hide(ordered, group, question)
        return [
            self._cover(row, group, question, rest, whole=place in hidden)
            for place, row in enumerate(ordered)
        ]

    def keep_large(self, rows: Sequence[dict[str, Any]], people: str) -> list[dict[str, Any]]:
        """The rows about N people or more, for what one is compared with and does not see."""
        return [row for row in rows if row[people] >= self.size]

    def _hide(self, rows: Sequence[Row], group: Group, question: Question) -> set[int]:
        """The places of rows that are hidden whole: the small ones, and as many more as it takes to shield them."""
        size = _figure(group, group.size)
        small = {n for n, row in enumerate(rows) if not self._is_enough(row, size, group, question)}
        if not small or not group.adds:
            return small
        others = sorted(set(range(len(rows))) - small, key=lambda n: (rows[n][group.size] or 0, n))
        while others and (len(small) < 2 or sum(rows[n][group.size] or 0 for n in small) < self.size):
            small.add(others.pop(0))
        return small

    def _cover(
        self, row: Row, group: Group, question: Question, rest: Row | None, *, whole: bool
    ) -> dict[str, Any]:
        seen: dict[str, Any] = dict(row)
        for figure in group.figures:
            # What does not hang on the period is not about those whom the period makes few.
            known = row[figure.column] is not None and (figure.to_date or not whole)
            shown = known and not self._is_told(rest, figure, group, question)
            seen[figure.column] = self._show(row, seen, figure, group, question) if shown else None
        gone = [f for f in group.figures if seen[f.column] is None and row[f.column] is not None]
        return seen | {SUPPRESSED: whole or bool(gone)}

    def _show(
        self, row: Row, seen: Row, figure: Figure, group: Group, question: Question
    ) -> float | list[float] | None:
        """One value as it may be shown, or None. A figure stands behind those that it is made from."""
        if figure.kind is Kind.RATIO:
            return _ratio(seen[figure.people], seen[figure.per])
        behind = _figure(group, figure.people)
        if not self._is_enough(row, behind, group, question):
            return None
        u, value = self._draw(row, figure, group, question), row[figure.column]
        if figure.kind is Kind.PARTS:
            # One small part among large ones is a small group of its own, and so is what is left without it.
            low = self.size + FUZZ
            return (
                [_round(part, self._grid, u) for part in value]
                if all(not p or p >= low for p in value)
                else None
            )
        # A sum that is rounded to nothing would read as if nobody had done anything.
        return _round(value, self._step(row, figure, group, question), u) or None

    def _step(self, row: Row, figure: Figure, group: Group, question: Question) -> float:
        if figure.kind is Kind.MEAN:
            # As many people as are shown: the grid must not tell the true number.
            behind = _figure(group, figure.people)
            people = _round(row[figure.people], self._grid, self._draw(row, behind, group, question))
            return mean_grid(people)
        if figure.kind is Kind.PEOPLE:
            return self._grid
        days = 1 if group.dated or not figure.grows else (question.end - question.start).days
        return self._grid * figure.worth * (1 if days <= 1 else 2 if days <= 7 else 8)

    def _is_enough(self, row: Row, people: Figure, group: Group, question: Question) -> bool:
        extra = (row[people.column] or 0) - self.size
        if not 0 <= extra < FUZZ - 1:  # however it is drawn
            return bool(extra > 0)
        return extra >= int(FUZZ * self._draw(row, people, group, question, "threshold"))

    def _is_told(self, rest: Row | None, figure: Figure, group: Group, question: Question) -> bool:
        """Whether a value less what the viewer knows is one about a few."""
        if rest is None or not rest[figure.people]:
            return False
        return not self._is_enough(rest, _figure(group, figure.people), group, question)

    def _draw(self, row: Row, figure: Figure, group: Group, question: Question, *more: str) -> float:
        """From 0 to below 1, the same for every question that states the same about the same."""
        by = group.by if figure.by is None else figure.by
        about = [*question.about, *(f"{name}={row[name]}" for name in by), figure.column, *more]
        if not group.dated:
            end = _monday(question.end) if figure.to_date else question.end
            about += ["" if figure.to_date else str(question.start), str(end)]
        text = "\x1f".join(about).encode()
        return int.from_bytes(blake2b(text, digest_size=8, key=self._secret).digest()) / 2**64


def mean_grid(people: float) -> int:
    """To a multiple of what a mean over so many is rounded: one of them must be able to move it by less."""
    return next((grid for grid in _GRIDS if grid * people >= 100), _GRIDS[-1])


def _figure(group: Group, column: str) -> Figure:
    """How a column of people is counted; one that is not shown itself is drawn like one that is."""
    found = (figure for figure in group.figures if figure.column == column)
    return next(found, Figure(column, Kind.PEOPLE, column))


def _round(value: float, step: float, u: float) -> float:
    """Down or up to a multiple of ``step``, up the likelier the nearer it is; a multiple stays what it is."""
    return step * math.floor(value / step + u)


def _ratio(part: float | None, whole: float | None) -> float | None:
    return min(100.0, 100 * part / whole) if part is not None and whole else None

"""Numbers about groups, for people who may not see who is in them.

Three measures, because each stops attacks that the others do not:

- A **threshold**: nothing about a group of fewer than N people is shown (k-anonymity: L. Sweeney, "k-anonymity",
  2002). People are the members of the group that the viewer may not see one by one. What they did does not decide
  whether something is hidden, because that decision would reveal it. In a group that is large enough, a value made
  by fewer than N of them is shown as nothing.
- **Secondary suppression**: when rows add up to a known total, enough of them are hidden that the total minus the
  rows shown does not reveal one (L. Cox, "Suppression methodology and statistical disclosure control", 1980).
- **Dithered rounding** against differencing: two answers about groups that differ by one student (D. Denning and
  others, "The tracker", 1979). Every number is rounded up or down to a multiple of what N people are worth. The
  direction is drawn from a secret and the question, so that asking again reveals nothing new (fixed random rounding, as
  Statistics New Zealand publishes its census). The threshold itself is drawn from N to N + 3 for the same
  reason: otherwise a number that disappears when one person leaves would reveal that there were exactly N.

docs/decisions/0007-small-groups.md says what that guarantees and what it does not; tests/privacy/test_small_groups.py
plays the attacker.
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

#: The key with which a row marks that some of its values are hidden.
SUPPRESSED = "suppressed"

#: The column with the number of group members that the viewer may not see one by one.
UNSEEN = "unseen"

#: Spans in days that a restricted viewer may ask about; others become the next longer one, finally all time.
SPANS = (7, 28, 84, 90, 364)

#: Grids of a mean in per cent. Each divides the next, so that two grids together reveal no more than the finer one.
_GRIDS = (1, 5, 10, 20, 100)

#: The threshold is drawn from this many numbers, N the smallest. With one fewer, hidden (up to N + 1) next to 2N (from
#: N + 1) would reveal that the two are equal.
FUZZ = 4

#: With a grid of two, a difference of one would still show.
_FINEST = 3


class ValueKind(StrEnum):
    """How a value depends on the people behind it, which decides how it is rounded."""

    #: The people themselves, each counted at most once.
    PEOPLE = "people"
    #: Anything that people contribute to; rounded to what N of them are worth.
    SUM = "sum"
    #: A mean between 0 and 100 over them.
    MEAN = "mean"
    #: One number of the row as a percentage of another, computed from both as shown.
    RATIO = "ratio"
    #: The people, split into a list of counts.
    PARTS = "parts"
    #: A value at a place in the order of the people, such as the median. With N of them on either side of it and of the
    #: next such value it is nobody's own, and it is rounded to steps of ``worth``.
    QUANTILE = "quantile"


class GroupValue(NamedTuple):
    """One value of a row.

    :param people: the column that counts the people behind it: itself for PEOPLE, the numerator of a RATIO
    :param worth: of a SUM, what one person is assumed to contribute on a day
    :param grows: of a SUM, people contribute more in longer periods
    :param per: of a RATIO, the denominator
    :param by: columns that identify what a row states, so that equal statements are rounded alike; None for the group's
    :param to_date: does not depend on the start of the period
    :param standing: of PEOPLE, membership of the group, whatever they did
    :param parts: of a QUANTILE, into how many parts of N people it and the others like it divide the group
    """

    column: str
    kind: ValueKind
    people: str
    worth: float = 1
    grows: bool = False
    per: str = ""
    by: tuple[str, ...] | None = None
    to_date: bool = False
    standing: bool = False
    parts: int = 1


class Group(NamedTuple):
    """Who is behind each row of a table.

    :param size: the column that counts the group members that the viewer may not see one by one
    :param of: columns that identify the group; none if the question does
    :param figures: every value that people contribute to
    :param by: columns that identify a row
    :param made: the column that counts the people behind a row, if the row exists only once somebody does something
    :param dated: each row is about its own day or cohort, whatever the period asked for
    :param adds: the rows add up to a total that is shown elsewhere
    :param hides: columns that say what single people did, and when: never shown to those who may not see them
    :param rows: columns that tell apart rows which are made both of those who are seen one by one and of the others
    """

    figures: tuple[GroupValue, ...]
    size: str = UNSEEN
    of: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    made: str = ""
    dated: bool = False
    adds: bool = False
    rows: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()


class GroupQuestion(NamedTuple):
    """The question, as far as it distinguishes two answers.

    :param about: what the question is narrowed to
    :param end: the day after the last
    :param whole: which group of people it is about
    """

    about: tuple[str, ...]
    start: date
    end: date
    whole: str = ""


def is_bound(viewer: Viewer, course: str) -> bool:
    """Whether the rules apply to ``viewer``: not if they may see every member, and not to the platform itself."""
    if viewer.opened is EVERYONE or viewer.role is Role.SERVICE:
        return False
    return not (viewer.role is Role.INSTRUCTOR and course in viewer.course_ids)


def align_period(start: date, end: date, today: date, first: date) -> tuple[date, date]:
    """The period that is answered instead of the one asked for.

    It ends with the last whole day or with a Sunday, and spans one of :data:`SPANS`. So each day is in few periods, and
    none can be isolated. All time ends with a Sunday; otherwise what hardly changes would be drawn anew each day.

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
    :param secret: decides which way numbers are rounded; with it, rounding can be undone
    """

    def __init__(self, size: int, secret: bytes) -> None:
        self.size = size
        self._secret = blake2b(secret, digest_size=32, person=b"small-groups").digest()
        self._grid = max(size, _FINEST)

    def binds(self, viewer: Viewer, course: str) -> bool:
        """Whether these rules apply to ``viewer``."""
        return self.size > 1 and is_bound(viewer, course)

    def cover(
        self, rows: Sequence[Row], group: Group, question: GroupQuestion, seen: Row | None = None
    ) -> list[dict[str, Any]]:
        """The rows as a restricted viewer may see them, each with :data:`SUPPRESSED`.

        :param rows: values of the people that the viewer may not see one by one
        :param seen: values of the others, for a single row: the viewer knows them anyway
        """
        # Rows sorted by value are sorted by name instead: the place of a hidden value must not reveal it.
        ordered = sorted(rows, key=lambda row: tuple(row[name] for name in group.by)) if group.adds else rows
        small, along = self._hide(ordered, group, question)
        covered = [
            self._cover(row, group, question, seen or {}, small=place in small, along=place in along)
            for place, row in enumerate(ordered)
        ]
        # The existence of the row would reveal that somebody did something.
        return [row for row in covered if row[group.made]] if group.made else covered

    def keep_large(self, rows: Sequence[dict[str, Any]], people: str) -> list[dict[str, Any]]:
        """The rows about N people or more, for comparisons with rows that are not shown."""
        return [row for row in rows if row[people] >= self.size]

    def _hide(self, rows: Sequence[Row], group: Group, question: GroupQuestion) -> tuple[set[int], set[int]]:
        """The positions of rows about small groups, and of as many others as needed to protect them."""
        small = {n for n, row in enumerate(rows) if self._is_small(row, group, question)}
        along = set[int]()
        if not small or not group.adds:
            return small, along
        others = sorted(set(range(len(rows))) - small, key=lambda n: (rows[n][group.size], n))
        others = [n for n in others if rows[n][group.size]]
        while others and (
            len(small | along) < 2 or sum(rows[n][group.size] for n in small | along) < self.size
        ):
            along.add(others.pop(0))
        return small, along

    def _is_small(self, row: Row, group: Group, question: GroupQuestion) -> bool:
        """Whether the group is too small to say anything about it; an empty group has nothing to hide."""
        by = next((each.by for each in group.figures if each.column == group.size), None)
        names = group.of if by is None else by
        whole = [question.whole] if question.whole else []
        u = self._chance([*whole, *(f"{name}={row[name]}" for name in names), UNSEEN])
        return bool(0 < row[group.size] < self.size + int(FUZZ * u))

    def _cover(
        self, row: Row, group: Group, question: GroupQuestion, known: Row, *, small: bool, along: bool
    ) -> dict[str, Any]:
        shown: dict[str, Any] = dict(row)
        for figure in group.figures:
            # A value that does not depend on the period is not about the few people in that period.
            hidden = small or (along and not figure.to_date)
            shown[figure.column] = None if hidden else self._show(row, shown, figure, group, question, known)
        if group.made and group.made not in {figure.column for figure in group.figures}:
            made = self._count(row, _figure(group, group.made), group, question)
            shown[group.made] = 0 if small or along else made
        return shown | {SUPPRESSED: small or along}

    def _show(
        self, row: Row, shown: Row, figure: GroupValue, group: Group, question: GroupQuestion, known: Row
    ) -> float | list[float] | None:
        """One value as it may be shown. Values come after those they are computed from."""
        if figure.kind is ValueKind.RATIO:
            # Those who count as nobody above the line must not count below it: the share would be too small.
            alone = (
                known
                and row[group.size]
                and not self._is_enough(row, _figure(group, figure.people), group, question)
            )
            counts = known if alone else shown
            return _ratio(counts[figure.people], counts[figure.per])
        if not row[group.size]:  # everybody is seen
            return _add(known.get(figure.column), row[figure.column])
        if figure.kind is ValueKind.PARTS:
            return self._split(row, figure, group, question)
        if figure.kind is ValueKind.QUANTILE:
            return self._quantile(row, figure, group, question)
        if figure.kind is ValueKind.MEAN:
            return self._mean(row, figure, group, question, known)
        if figure.standing:
            u = self._draw(row, figure, group, question)
            return _round(row[figure.column] + known.get(figure.column, 0), self._grid, u)
        # To the microsecond: what a round number of seconds is added to is told exactly, so that its parts add up.
        return round(self._count(row, figure, group, question) + (known.get(figure.column) or 0), 6)

    def _count(self, row: Row, figure: GroupValue, group: Group, question: GroupQuestion) -> float:
        """People, or a sum over them: nothing if they are few."""
        if not self._is_enough(row, _figure(group, figure.people), group, question):
            return 0
        u = self._draw(row, figure, group, question)
        return _round(row[figure.column], self._step(figure, group, question), u)

    def _mean(
        self, row: Row, figure: GroupValue, group: Group, question: GroupQuestion, known: Row
    ) -> float | None:
        """The mean over those who are seen and the others; the others are left out if they are few."""
        behind = _figure(group, figure.people)
        people, others = self._count(row, behind, group, question), known.get(figure.people) or 0
        value, seen = row[figure.column], known.get(figure.column)
        if not people or value is None:
            return seen
        u = self._draw(row, figure, group, question)
        mean = _round(value, mean_grid(people), u)
        return mean if seen is None else (mean * people + seen * others) / (people + others)

    def _quantile(self, row: Row, figure: GroupValue, group: Group, question: GroupQuestion) -> float | None:
        """A place in the order of the people, if each part of them is large enough."""
        behind, value = _figure(group, figure.people), row[figure.column]
        if value is None or not self._is_enough(row, behind, group, question, figure.parts):
            return None
        return _round(value, figure.worth, self._draw(row, figure, group, question))

    def _split(self, row: Row, figure: GroupValue, group: Group, question: GroupQuestion) -> list[float]:
        """A list of counts: each is a group of its own, and so is the remainder without it."""
        behind, u = _figure(group, figure.people), self._draw(row, figure, group, question)
        enough = self._is_enough(row, behind, group, question)
        parts: list[float] = []
        for place, part in enumerate(row[figure.column]):
            drawn = self._draw(row, figure, group, question, "threshold", str(place))
            large = enough and part >= self.size + int(FUZZ * drawn)
            parts.append(_round(part, self._grid, u) if large else 0)
        return parts

    def _step(self, figure: GroupValue, group: Group, question: GroupQuestion) -> float:
        """The step that people or sums over them are rounded to."""
        if figure.kind is ValueKind.PEOPLE:
            return self._grid
        days = 1 if group.dated or not figure.grows else (question.end - question.start).days
        return self._grid * figure.worth * (1 if days <= 1 else 2 if days <= 7 else 8)

    def _is_enough(
        self, row: Row, people: GroupValue, group: Group, question: GroupQuestion, parts: int = 1
    ) -> bool:
        extra = (row[people.column] or 0) - parts * self.size
        if not 0 <= extra < FUZZ - 1:  # however it is drawn
            return bool(extra > 0)
        return extra >= int(FUZZ * self._draw(row, people, group, question, "threshold"))

    def _draw(self, row: Row, figure: GroupValue, group: Group, question: GroupQuestion, *more: str) -> float:
        """From 0 to below 1, the same for every question that states the same thing."""
        by = group.by if figure.by is None else figure.by
        about = [*question.about, *(f"{name}={row[name]}" for name in by), figure.column, *more]
        if not group.dated:
            end = _monday(question.end) if figure.to_date else question.end
            about += ["" if figure.to_date else str(question.start), str(end)]
        return self._chance(about)

    def _chance(self, about: Sequence[str]) -> float:
        text = "\x1f".join(about).encode()
        return int.from_bytes(blake2b(text, digest_size=8, key=self._secret).digest()) / 2**64


def mean_grid(people: float) -> int:
    """The step that a mean over this many people is rounded to: one of them must move it by less."""
    return next((grid for grid in _GRIDS if grid * people >= 100), _GRIDS[-1])


def _figure(group: Group, column: str) -> GroupValue:
    """How a column of people is counted; a hidden one is drawn like a shown one."""
    found = (figure for figure in group.figures if figure.column == column)
    return next(found, GroupValue(column, ValueKind.PEOPLE, column))


def _add(one: float | list[float] | None, other: float | list[float] | None) -> float | list[float] | None:
    """The sum of two values, either of which may be missing."""
    if isinstance(one, list) or isinstance(other, list) or one is None or other is None:
        return other if one is None else one
    return one + other


def _round(value: float, step: float, u: float) -> float:
    """Rounds to a multiple of ``step``: more likely up the nearer that is; a multiple stays unchanged."""
    return step * math.floor(value / step + u)


def _ratio(part: float | None, whole: float | None) -> float | None:
    return min(100.0, 100 * part / whole) if part is not None and whole else None

"""What the rows may not say to this viewer.

Before they are sorted and cut: the place of a row would tell what is hidden in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time
from itertools import compress
from typing import Any, TypeAlias

import polars as pl

from coursepulse.aggregates.readers import APART
from coursepulse.aggregates.row import Row, Rows, only, to_rows
from coursepulse.definitions.points import SMALLEST_BOARD
from coursepulse.kit.clock import Micros, to_micros, utc_date
from coursepulse.kit.ids import to_text
from coursepulse.metrics.asked import Asked, Sources
from coursepulse.metrics.metric import Metric, Param, Suppression
from coursepulse.metrics.query import Query
from coursepulse.privacy.small_groups import UNSEEN, Group, GroupQuestion, ValueKind

#: Makes rows of one period, the n-th, fit to be shown.
Strategy: TypeAlias = Callable[[Sources, Asked, int], Rows]


def suppress(sources: Sources, asked: Asked) -> Asked:
    """Leaves out or covers rows by the strategy of the metric; a bound viewer learns only the day of what is newest."""
    strategy = _STRATEGIES[asked.metric.suppression]
    rows = tuple(strategy(sources, asked, nth) for nth in range(len(asked.rows)))
    dated = asked.bound and not asked.metric.about_one
    return asked._replace(rows=rows, latest=_day_of(asked.latest, asked.answered) if dated else asked.latest)


def _keep(_: Sources, asked: Asked, nth: int) -> Rows:
    return asked.rows[nth]


def _leave_out(sources: Sources, asked: Asked, nth: int) -> Rows:
    """The rows of those, and of no others, who are in the set that the viewer may see."""
    rows = asked.rows[nth]
    if isinstance(rows, pl.DataFrame):
        return only(rows, asked.allowed)
    students = [row["student_id"].bytes for row in rows]
    seen = sources.rights.visible(asked.metric, asked.periods[nth], asked.viewer, students, asked.action)
    return list(compress(rows, seen))


def _cover(sources: Sources, asked: Asked, nth: int) -> Rows:
    """Small groups hidden, every other number rounded."""
    group, query = asked.metric.group, asked.periods[nth]
    if not asked.groups or not group:
        return asked.rows[nth]
    sized = _size(sources, asked, group, to_rows(asked.rows[nth]))
    covered = asked.groups.cover(sized, group, _question(asked.metric, query))
    return [row | dict.fromkeys(group.hides) for row in covered]


def _cover_rest(_: Sources, asked: Asked, nth: int) -> Rows:
    """The same for members that the viewer does not see one by one; the sums of the others stay as they are."""
    group, query = asked.metric.group, asked.periods[nth]
    if not asked.groups or not group:
        return asked.rows[nth]
    question, members = _question(asked.metric, query), len(asked.found[nth][asked.metric.members])
    covered: list[Row] = []
    for rest, seen in _pair(group, to_rows(asked.rows[nth]), to_rows(asked.seen_rows[nth])):
        unseen = {UNSEEN: rest.get(UNSEEN, members)}
        covered += asked.groups.cover([rest | unseen], group, question, seen)
    return covered


def _pair(group: Group, rest: list[Row], seen: list[Row]) -> Iterator[tuple[Row, Row]]:
    """Each row about those who are not seen, with the same row about those who are."""

    def key(row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in group.rows)

    of_rest, of_seen = {key(row): row for row in rest}, {key(row): row for row in seen}
    for place in sorted(of_rest.keys() | of_seen.keys()):
        yield of_rest.get(place) or of_seen[place] | _nobody(group) | {UNSEEN: 0}, of_seen.get(place, {})


def _hide_small_board(_: Sources, asked: Asked, nth: int) -> Rows:
    """Of two who joined each would know that a name which is not theirs is the other."""
    return asked.rows[nth] if len(asked.rows[nth]) >= SMALLEST_BOARD else []


_STRATEGIES: dict[Suppression, Strategy] = {
    Suppression.NONE: _keep,
    Suppression.PEOPLE: _leave_out,
    Suppression.GROUPS: _cover,
    Suppression.REST: _cover_rest,
    Suppression.BOARD: _hide_small_board,
}


def _size(sources: Sources, asked: Asked, group: Group, rows: list[Row]) -> list[Row]:
    """The rows with how many are in the group behind each, whatever they did."""
    if group.size != UNSEEN:
        return rows
    course, apart = asked.answered.course, [to_text(student) for student in asked.viewer.opened]
    found = sources.rollups.rows("group_sizes", {"course": course, APART: apart})
    sizes = {row["course_id"]: row["unseen"] for row in found}
    if not group.of:
        return [row | {UNSEEN: sizes.get(course, 0)} for row in rows]
    # A course in which nobody did anything is there too: that it is missing would tell so.
    return [row | {UNSEEN: sizes.get(row["course_id"], 0)} for row in [*rows, *_idle(group, rows, sizes)]]


def _idle(group: Group, rows: list[Row], courses: Iterable[str]) -> list[Row]:
    """Rows of nothing for the courses that have none."""
    nothing = _nobody(group)
    there = {"", *(row["course_id"] for row in rows)}
    return [nothing | {"course_id": course} for course in courses if course not in there]


def _nobody(group: Group) -> Row:
    """The figures of a row without anybody behind it: no mean, and a count of nobody."""
    counted: Row = {each.people: 0 for each in group.figures}
    return counted | {each.column: None if each.kind is ValueKind.MEAN else 0 for each in group.figures}


def _question(metric: Metric, query: Query) -> GroupQuestion:
    """What a question is narrowed to. A course is named alike, asked for or one row of many."""
    named = {"course_id": query.course, "video_id": query.video}
    if Param.STEP in metric.takes:
        named["step"] = query.step
    by = metric.group.by if metric.group else ()
    about = tuple(f"{name}={text}" for name, text in named.items() if text and name not in by)
    # As the group of a row of its own is named, see Group.of.
    whole = f"course_id={query.course}" if query.course and "course_id" not in by else ""
    return GroupQuestion(about, *query.days, whole)


def _day_of(latest: Micros | None, answered: Query) -> Micros | None:
    """The day of the newest event of the period: its moment could be that of somebody unseen."""
    if latest is None:
        return None
    return to_micros(datetime.combine(utc_date(min(latest, answered.moment)), time(), UTC))

"""The rows of a leaderboard: students by the name they chose, and nothing else about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.points import Achieved, PointsRule, count_points, gained_points, give_ranks

#: The query behind it.
ROWS = "leaderboard_rows"

#: What its column ``point`` says.
_NOW, _BEFORE = 1, 2

_NOTHING = Achieved()


def rank_students(
    found: QueryRows, names: Mapping[bytes, str], viewer: bytes | None, rule: PointsRule
) -> list[Row]:
    """One row per student, whether or not they have any points; equals by name.

    :param names: those who joined
    :param viewer: whose row is marked as their own
    """
    students = sorted(names, key=lambda student: (names[student].casefold(), student))
    reached = {(row["student_id"].bytes, row["point"]): _achieved(row) for row in found[ROWS]}
    now = _points(reached, students, _NOW, rule)
    gained = map(gained_points, now, _points(reached, students, _BEFORE, rule))
    return _rows([names[student] for student in students], now, list(gained), [s == viewer for s in students])


def _achieved(row: Row) -> Achieved:
    return Achieved(*(row[name] for name in Achieved._fields))


def _points(
    reached: Mapping[tuple[bytes, int], Achieved], students: Iterable[bytes], point: int, rule: PointsRule
) -> list[int]:
    return [count_points(reached.get((student, point), _NOTHING), rule) for student in students]


def _rows(names: list[str], points: list[int], gained: list[int], own: list[bool]) -> list[Row]:
    columns = ("rank", "name", "points", "rank_week", "points_week", "own")
    values = zip(give_ranks(points), names, points, give_ranks(gained), gained, own, strict=True)
    rows = [dict(zip(columns, each, strict=True)) for each in values]
    return sorted(rows, key=lambda row: row["rank"])
